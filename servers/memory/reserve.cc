// Unmapping can need page tables: those on the paths to both ends of a range,
// if a fork shares them. So that munmap and its like do not fail for want of
// them when memory is short, which is when they are needed most, some pages lie
// in an object that has no other purpose.
#include "servers/memory/memory_server.h"

namespace tine {

void MemoryServer::make_reserve() {
  reserve_ = objects_.make(0, ObjectContent::kNone);
  if (reserve_ == nullptr) sys::fail("memory: cannot make a reserve");
  fill_reserve();
}

void MemoryServer::fill_reserve() {
  if (reserve_pages_ == kReservePages) [[likely]]
    return;
  reserve_pages_ += sys::run({OpCode::kSpacePopulate, reserve_->space,
                              reserve_pages_ * kPageSize, 0, 0,
                              kReservePages - reserve_pages_,
                              u64{Rights::kRead | Rights::kWrite}})
                        .detail;
}

// Nobody but this server takes frames while it runs, so that what the reserve
// gives up is there for the second attempt.
sys::BatchResult MemoryServer::take_out(Mm& mm, Op op) {
  fill_reserve();
  note_peaks(mm);
  sys::BatchResult done = sys::run(op);
  if (done.status != Status::kNoMemory || reserve_pages_ == 0) [[likely]] {
    return done;
  }
  if (sys::run({OpCode::kSpaceUnmap, reserve_->space, 0, 0, 0, reserve_pages_})
          .status != Status::kOk) {
    sys::fail("memory: the reserve cannot be had");
  }
  reserve_pages_ = 0;
  const u64 before = done.detail;
  op.a += before * kPageSize;
  op.d -= before;
  done = sys::run(op);
  done.detail += before;
  fill_reserve();
  return done;
}

sys::BatchResult MemoryServer::unmap_pages(Mm& mm, u64 start, u64 pages) {
  return take_out(mm, {OpCode::kSpaceUnmap, mm.space, start, 0, 0, pages});
}

// Zeros take the place of what was there.
sys::BatchResult MemoryServer::zero_pages(Mm& mm, u64 start, u64 pages,
                                          u8 rights) {
  return take_out(
      mm, {OpCode::kSpaceMark, mm.space, start, 0, 0, pages, u64{rights}});
}

}  // namespace tine
