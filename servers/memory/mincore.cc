// mincore: which pages of a range are there.
#include "servers/linux_abi/errno.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

constexpr u64 kAtOnce = 64;  // bits of one answer

}  // namespace

u64 MemoryServer::present_pages(Handle space, u64 address, u64 pages) {
  u64 bits = 0;
  const sys::BatchResult done =
      sys::run({OpCode::kSpacePresent, space, address, 0, 0, pages}, &bits);
  return done.status == Status::kOk ? bits : 0;
}

// Of an object's pages those count that the object has, mapped here or not.
u64 MemoryServer::resident_pages(const Mm& mm, const Vma& area, u64 address,
                                 u64 pages) {
  u64 bits = present_pages(mm.space, address, pages);
  if (area.has_object) {
    bits |= present_pages(objects_.at(area.object)->space,
                          area.offset + (address - area.start), pages);
  }
  return bits;
}

i64 MemoryServer::sys_mincore(const sys::Message& in, Mm& mm) {
  const u64 address = in.words[0];
  const u64 bytes = in.words[1];
  const u64 to = in.words[2];
  if ((address & kPageMask) != 0) return -EINVAL;
  const u64 end = address + page_round_up(bytes);
  if (bytes > kUserEnd || end < address || end > kUserEnd) return -ENOMEM;
  const u64 most = (end - address) >> kPageShift;
  if (to > kUserEnd || most > kUserEnd - to) return -EFAULT;
  for (u64 at = address; at < end;) {
    const Vma* const area = mm.areas.find(at);
    if (area == nullptr) return -ENOMEM;
    u64 pages = ((area->end < end ? area->end : end) - at) >> kPageShift;
    if (pages > kAtOnce) pages = kAtOnce;
    const u64 bits = resident_pages(mm, *area, at, pages);
    u8 answer[kAtOnce];
    for (u64 i = 0; i < pages; ++i) answer[i] = bits >> i & 1;
    const i64 error = copy_to_caller(
        mm, in.token, to + ((at - address) >> kPageShift), answer, pages);
    if (error != 0) return error;
    at += pages * kPageSize;
  }
  return 0;
}

// Into the memory of the program that made the call.
i64 MemoryServer::copy_to_caller(Mm& mm, u64 token, u64 to, const void* from,
                                 u64 bytes) {
  const u8* const data = static_cast<const u8*>(from);
  for (u64 done = 0; done < bytes;) {
    const sys::CopyResult copied = sys::copy_out(
        sys::end_of_token(token), to + done, data + done, bytes - done);
    done += copied.done;
    if (copied.status == Status::kOk) break;
    if (copied.status == Status::kNoMemory) return -ENOMEM;
    if (copied.status != Status::kFault ||
        prefault(mm, copied.address, Access::kWrite) != 0) {
      return -EFAULT;
    }
  }
  return 0;
}

}  // namespace tine
