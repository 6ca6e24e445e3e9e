// Advice and other calls on ranges that change no area.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

i64 MemoryServer::sys_madvise(Mm& mm, u64 address, u64 bytes, u64 advice) {
  switch (advice) {
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTNEED:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
      break;
    default:
      return -EINVAL;
  }
  if ((address & kPageMask) != 0) return -EINVAL;
  bytes = page_round_up(bytes);
  u64 end = address + bytes;
  if (end < address) return -EINVAL;
  if (end == address) return 0;
  if (end > kUserEnd) return -ENOMEM;
  i64 result = mm.areas.covers(address, end) ? 0 : -ENOMEM;
  if (advice != MADV_DONTNEED) return result;
  // What is mapped in the range loses its contents even if there are holes.
  for (u32 i = mm.areas.lower_bound(address);
       i < mm.areas.count() && mm.areas[i].start < end; ++i) {
    const Vma& area = mm.areas[i];
    // Shared pages keep their contents in the object and stay mapped.
    if (area.has_object) continue;
    u64 from = area.start < address ? address : area.start;
    u64 to = area.end > end ? end : area.end;
    u64 pages = (to - from) >> kPageShift;
    sys::BatchResult done =
        sys::run({OpCode::kSpaceUnmap, mm.space, from, 0, 0, pages});
    u64 dropped = from + done.detail * kPageSize;
    if (dropped > from) {
      sys::BatchResult marked =
          sys::run({OpCode::kSpaceMark, mm.space, from, 0, 0,
                    (dropped - from) >> kPageShift, u64{area.prot}});
      if (marked.status != Status::kOk) result = -ENOMEM;
    }
    if (done.status != Status::kOk) result = -ENOMEM;
  }
  return result;
}

i64 MemoryServer::sys_msync(Mm& mm, u64 address, u64 bytes, u64 flags) {
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 ||
      (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC) ||
      (address & kPageMask) != 0) {
    return -EINVAL;
  }
  u64 end = address + page_round_up(bytes);
  if (end < address) return -ENOMEM;
  // Objects are the files: there is nothing to write back.
  return end == address || mm.areas.covers(address, end) ? 0 : -ENOMEM;
}

i64 MemoryServer::sys_mlock(Mm& mm, u64 address, u64 bytes) {
  u64 start = page_round_down(address);
  u64 end = page_round_up(address + bytes);
  if (end < start) return -EINVAL;
  return end == start || mm.areas.covers(start, end) ? 0 : -ENOMEM;
}

}  // namespace tine
