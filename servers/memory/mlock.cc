// Locked memory. Nothing here is ever paged out, so a lock makes pages
// resident, counts against RLIMIT_MEMLOCK and keeps some calls off: what
// programs can tell.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

u64 pages_of(const Vma& area) { return (area.end - area.start) >> kPageShift; }

u64 locked_in(const Mm& mm, u64 start, u64 end) {
  u64 pages = 0;
  for (u32 i = mm.areas.lower_bound(start);
       i < mm.areas.count() && mm.areas[i].start < end; ++i) {
    Vma part = mm.areas[i];
    if (part.start < start) part.start = start;
    if (part.end > end) part.end = end;
    if (part.locked) pages += pages_of(part);
  }
  return pages;
}

}  // namespace

bool MemoryServer::may_lock(const Mm& mm, u64 more_pages) {
  return mm.most_locked == kNoLimit || mm.locked + more_pages <= mm.most_locked;
}

// Sets or clears the mark on the parts of areas in [start, end). 0 or ENOMEM.
i64 MemoryServer::mark_locked(Mm& mm, u64 start, u64 end, bool locked) {
  if (!mm.areas.reserve(mm.areas.cuts(start, end))) return -ENOMEM;
  mm.locked -= locked_in(mm, start, end);
  mm.areas.change(start, end,
                  [locked](Vma& area) { area.locked = locked && !area.vdso; });
  mm.locked += locked_in(mm, start, end);
  // A child's memory is not locked: fork has to look at the areas.
  if (locked) mm.has_fork_advice = true;
  return 0;
}

// What a fault would make there, for all pages of [start, end): what can be
// written privately is. EFAULT: some page cannot be had. ENOMEM.
i64 MemoryServer::populate(Mm& mm, u64 start, u64 end) {
  for (u32 i = mm.areas.lower_bound(start);
       i < mm.areas.count() && mm.areas[i].start < end; ++i) {
    const Vma area = mm.areas[i];
    const bool writes = (area.prot & PROT_WRITE) != 0 && !area.shared;
    const u64 from = area.start > start ? area.start : start;
    const u64 to = area.end < end ? area.end : end;
    const i64 error = populate_area(mm, area, from, to,
                                    writes ? Access::kWrite : Access::kRead);
    if (error != 0) return error;
  }
  return 0;
}

i64 MemoryServer::populate_area(Mm& mm, const Vma& area, u64 start, u64 end,
                                Access access) {
  if (area.prot == 0) return -EFAULT;
  for (u64 at = start; at < end;) {
    const sys::BatchResult done =
        sys::run({OpCode::kSpaceResolve, mm.space, at, 0, 0,
                  (end - at) >> kPageShift, static_cast<u64>(access)});
    at += done.detail * kPageSize;
    if (done.status == Status::kOk) break;
    if (done.status == Status::kNoMemory) return -ENOMEM;
    const i64 error = prefault(mm, at, access);
    if (error != 0) return error == -ENXIO ? -EFAULT : error;
    at += kPageSize;
  }
  return 0;
}

i64 MemoryServer::sys_mlock(Mm& mm, u64 address, u64 bytes, bool on_fault) {
  const u64 start = page_round_down(address);
  const u64 size = page_round_up(bytes + (address & kPageMask));
  if (mm.most_locked == 0) return -EPERM;
  const u64 end = start + size;
  if (end < start) return -EINVAL;
  if (!may_lock(mm, (size >> kPageShift) - locked_in(mm, start, end))) {
    return -ENOMEM;
  }
  if (end == start) return 0;
  // What comes before the first gap is locked all the same.
  const u64 gap = end > kUserEnd ? start : mm.areas.first_gap(start, end);
  if (gap != start) {
    const i64 error = mark_locked(mm, start, gap, true);
    if (error != 0) return error;
  }
  if (gap != end) return -ENOMEM;
  if (on_fault) return 0;
  const i64 error = populate(mm, start, end);
  return error == -EFAULT ? -ENOMEM : error == -ENOMEM ? -EAGAIN : error;
}

i64 MemoryServer::sys_munlock(Mm& mm, u64 address, u64 bytes) {
  const u64 start = page_round_down(address);
  const u64 end = start + page_round_up(bytes + (address & kPageMask));
  if (end < start) return -EINVAL;
  if (end == start) return 0;
  const u64 gap = end > kUserEnd ? start : mm.areas.first_gap(start, end);
  if (gap != start) {
    const i64 error = mark_locked(mm, start, gap, false);
    if (error != 0) return error;
  }
  return gap == end ? 0 : -ENOMEM;
}

i64 MemoryServer::sys_mlockall(Mm& mm, u64 flags) {
  if (flags == 0 || flags == MCL_ONFAULT ||
      (flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT)) != 0) {
    return -EINVAL;
  }
  if (mm.most_locked == 0) return -EPERM;
  const bool current = (flags & MCL_CURRENT) != 0;
  if (current && mm.most_locked != kNoLimit &&
      mm.areas.pages() > mm.most_locked) {
    return -ENOMEM;
  }
  mm.lock_future = (flags & MCL_FUTURE) != 0;
  mm.lock_on_fault = (flags & MCL_ONFAULT) != 0;
  if (!current) return 0;
  const i64 error = mark_locked(mm, 0, kUserEnd, true);
  if (error != 0) return error;
  if (mm.lock_on_fault) return 0;
  // What cannot be had is left out.
  for (u32 i = 0; i < mm.areas.count(); ++i) {
    (void)populate(mm, mm.areas[i].start, mm.areas[i].end);
  }
  return 0;
}

i64 MemoryServer::sys_munlockall(Mm& mm) {
  mm.lock_future = mm.lock_on_fault = false;
  return mm.locked == 0 ? 0 : mark_locked(mm, 0, kUserEnd, false);
}

}  // namespace tine
