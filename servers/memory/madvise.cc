// Advice and other calls on ranges that add or remove no area.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

bool is_known(u64 advice) {
  switch (advice) {
    case MADV_NORMAL:
    case MADV_RANDOM:
    case MADV_SEQUENTIAL:
    case MADV_WILLNEED:
    case MADV_DONTNEED:
    case MADV_FREE:
    case MADV_REMOVE:
    case MADV_DONTFORK:
    case MADV_DOFORK:
    case MADV_MERGEABLE:
    case MADV_UNMERGEABLE:
    case MADV_HUGEPAGE:
    case MADV_NOHUGEPAGE:
    case MADV_DONTDUMP:
    case MADV_DODUMP:
    case MADV_WIPEONFORK:
    case MADV_KEEPONFORK:
    case MADV_COLD:
    case MADV_PAGEOUT:
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
    case MADV_DONTNEED_LOCKED:
      return true;
    default:
      return false;
  }
}

}  // namespace

// The area loses what was written to it: zeros again, or the file's contents.
i64 MemoryServer::forget_pages(Mm& mm, const Vma& area) {
  // Shared pages keep their contents in the object and stay mapped.
  if (area.shared) return 0;
  const u64 pages = (area.end - area.start) >> kPageShift;
  const sys::BatchResult done =
      area.has_object ? unmap_pages(mm, area.start, pages)
                      : zero_pages(mm, area.start, pages, area.prot);
  return done.status == Status::kOk ? 0 : kOutOfMemory;
}

// `area` is the part of an area that is advised about.
i64 MemoryServer::advise_area(Mm& mm, const Vma& area, u64 advice) {
  const bool is_anonymous = !area.shared && !area.has_object;
  const auto touch = [&](Access access, u8 right) {
    return (area.prot & right) == 0
               ? -EINVAL
               : populate_area(mm, area, area.start, area.end, access);
  };
  const auto change = [&](auto f) {
    if (!mm.areas.reserve(mm.areas.cuts(area.start, area.end))) {
      return i64{-ENOMEM};
    }
    mm.areas.change(area.start, area.end, f);
    mm.has_fork_advice = true;
    return i64{0};
  };
  switch (advice) {
    case MADV_DONTNEED:
      if (area.locked) return -EINVAL;
      return forget_pages(mm, area);
    case MADV_DONTNEED_LOCKED:
      return forget_pages(mm, area);
    case MADV_COLD:
    case MADV_PAGEOUT:
      // Nothing is paged out, but what could not be is refused.
      return area.locked ? -EINVAL : 0;
    case MADV_FREE:
      // Frames are never so short that they would be taken: contents stay.
      return is_anonymous && !area.locked ? 0 : -EINVAL;
    case MADV_REMOVE: {
      if (area.locked || !area.has_object) return -EINVAL;
      if (!area.shared || area.never_writable) return -EACCES;
      return punch(*objects_.at(area.object), area.offset,
                   area.offset + (area.end - area.start));
    }
    case MADV_POPULATE_READ:
      return touch(Access::kRead, PROT_READ);
    case MADV_POPULATE_WRITE:
      return touch(Access::kWrite, PROT_WRITE);
    case MADV_DONTFORK:
      return change([](Vma& part) { part.not_forked = true; });
    case MADV_DOFORK:
      return change([](Vma& part) { part.not_forked = false; });
    case MADV_WIPEONFORK:
      if (!is_anonymous) return -EINVAL;
      return change([](Vma& part) { part.wiped_on_fork = true; });
    case MADV_KEEPONFORK:
      return change([](Vma& part) { part.wiped_on_fork = false; });
    default:
      return 0;  // nothing here goes by it
  }
}

i64 MemoryServer::sys_madvise(Mm& mm, u64 address, u64 bytes, u32 advice) {
  if (!is_known(advice) || (address & kPageMask) != 0) return -EINVAL;
  const u64 rounded = page_round_up(bytes);
  const u64 end = address + rounded;
  if ((rounded == 0 && bytes != 0) || end < address) return -EINVAL;
  if (end == address) return 0;
  // What is mapped in the range is advised about even if there are holes, but
  // populated only up to the first.
  const bool is_populate =
      advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE;
  const bool has_gap = end > kUserEnd || !mm.areas.covers(address, end);
  for (u64 at = address; at < end;) {
    const u32 i = mm.areas.lower_bound(at);
    if (i == mm.areas.count() || mm.areas[i].start >= end) break;
    if (is_populate && mm.areas[i].start > at) break;
    Vma part = mm.areas[i];
    if (part.start < at) {
      part.offset += at - part.start;
      part.start = at;
    }
    if (part.end > end) part.end = end;
    at = part.end;
    if (const i64 error = advise_area(mm, part, advice); error != 0) {
      return error;
    }
  }
  return has_gap ? -ENOMEM : 0;
}

i64 MemoryServer::sys_msync(Mm& mm, u64 address, u64 bytes, u32 flags) {
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) != 0 ||
      (flags & (MS_ASYNC | MS_SYNC)) == (MS_ASYNC | MS_SYNC) ||
      (address & kPageMask) != 0) {
    return -EINVAL;
  }
  u64 end = address + page_round_up(bytes);
  if (end < address) return -ENOMEM;
  // Objects are the files: there is nothing to write back.
  if ((flags & MS_INVALIDATE) != 0) {
    for (u32 i = mm.areas.lower_bound(address);
         i < mm.areas.count() && mm.areas[i].start < end; ++i) {
      if (mm.areas[i].locked) return -EBUSY;
    }
  }
  return mm.areas.covers(address, end) ? 0 : -ENOMEM;
}

}  // namespace tine
