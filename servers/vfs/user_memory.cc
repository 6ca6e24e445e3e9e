#include "servers/vfs/user_memory.h"

#include "arch/hw/page_table_format.h"
#include "kernel/base/address.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/file.h"
#include "servers/protocol/memory.h"

namespace tine::vfs {

using namespace linux_abi;

u64 UserMemory::copy(u64 to_end, u64 to, u64 from_end, u64 from, u64 bytes,
                     Access access) {
  u64 done = 0;
  u64 asked = 0;  // page that was asked for last, + 1
  while (done < bytes) {
    sys::CopyResult part = sys::copy_between(to_end, to + done, from_end,
                                             from + done, bytes - done);
    done += part.done;
    if (part.status == Status::kOk) break;
    if (part.status != Status::kFault && part.status != Status::kNoMemory) {
      gone_ = part.status == Status::kStale;
      break;
    }
    if (badge_ == 0 || part.badge != badge_) {
      object_full_ = part.status == Status::kNoMemory;
      break;
    }
    u64 page = (part.address >> kPageShift) + 1;
    if (page == asked) break;  // there and yet not: do not ask for ever
    asked = page;
    sys::Message answer =
        sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmPrefault,
                                                 badge_, part.address, access));
    const i64 error = sys::result_of(answer, -EFAULT);
    if (error == -ENOMEM) short_of_memory_ = true;
    if (error != 0) break;
  }
  return done;
}

u64 UserMemory::in(u64 from, void* to, u64 bytes) {
  return copy(kCopyEndSelf, reinterpret_cast<u64>(to), end_, from, bytes,
              Access::kRead);
}

u64 UserMemory::out(u64 to, const void* from, u64 bytes) {
  return copy(end_, to, kCopyEndSelf, reinterpret_cast<u64>(from), bytes,
              Access::kWrite);
}

u64 UserMemory::out_of_object(u64 to, Handle object, u64 offset, u64 bytes) {
  return copy(end_, to, object, offset, bytes, Access::kWrite);
}

u64 UserMemory::in_to_object(Handle object, u64 offset, u64 from, u64 bytes) {
  return copy(object, offset, end_, from, bytes, Access::kRead);
}

i64 UserMemory::put_bytes(u64 to, const void* from, u64 bytes) {
  return out(to, from, bytes) == bytes ? 0 : -EFAULT;
}

i64 UserMemory::path(u64 from, char* to) {
  // Most paths are short and end before a page does.
  constexpr u64 kPart = 128;
  u64 done = 0;
  while (done < kPathMax) {
    u64 at = from + done;
    u64 part = kPageSize - (at & kPageMask);
    if (part > kPart) part = kPart;
    if (part > kPathMax - done) part = kPathMax - done;
    u64 got = in(at, to + done, part);
    for (u64 i = 0; i < got; ++i) {
      if (to[done + i] == '\0') return static_cast<i64>(done + i);
    }
    if (got != part) return -EFAULT;
    done += got;
  }
  return -ENAMETOOLONG;
}

bool UserMemory::is_plausible(u64 address, u64 bytes) {
  constexpr u64 kTop = hw::PageTableFormat::kUserTop;
  // Linux's stacks end further below: what a program says is the size of a
  // buffer there, it never uses all of it, does not reach beyond.
  constexpr u64 kBeyond = u64{1} << 31;
  return address <= kTop && bytes <= kTop + kBeyond - address;
}

}  // namespace tine::vfs
