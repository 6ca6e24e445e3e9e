// remap_file_pages: other pages of its object at the same place of a shared
// mapping. As in Linux since 4.0 that is an area with another offset.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

// Of one file and with the same rights, wherever in it they lie.
bool is_alike(const Vma& a, const Vma& b) {
  return a.shared == b.shared && a.has_object == b.has_object &&
         a.object == b.object && a.prot == b.prot &&
         a.never_writable == b.never_writable && a.locked == b.locked &&
         a.not_forked == b.not_forked;
}

}  // namespace

i64 MemoryServer::sys_remap_file_pages(Mm& mm, const u64* arguments) {
  constexpr u64 kMostPages = u64{INT64_MAX} >> kPageShift;
  const u64 start = page_round_down(arguments[0]);
  const u64 bytes = page_round_down(arguments[1]);
  const u64 end = start + bytes;
  const u64 first = arguments[3];
  const u64 pages = bytes >> kPageShift;
  if (arguments[2] != 0 || end <= start || first + pages < first) {
    return -EINVAL;
  }
  const Vma* const area = mm.areas.find(start);
  if (area == nullptr || !area->shared || !mm.areas.covers(start, end)) {
    return -EINVAL;
  }
  for (u32 i = mm.areas.lower_bound(start);
       i < mm.areas.count() && mm.areas[i].start < end; ++i) {
    if (!is_alike(mm.areas[i], *area)) return -EINVAL;
  }
  if (first > kMostPages || pages > kMostPages - first) return -EOVERFLOW;
  if (!mm.areas.reserve(mm.areas.cuts(start, end))) return -ENOMEM;
  // What is shared can be had again: these pages come back when touched.
  if (unmap_pages(mm, start, pages).status != Status::kOk) return kOutOfMemory;
  mm.areas.change(start, end, [&](Vma& part) {
    part.offset = (first << kPageShift) + (part.start - start);
  });
  // Best effort, as with MAP_POPULATE.
  if ((arguments[4] & MAP_NONBLOCK) == 0) (void)populate(mm, start, end);
  return 0;
}

}  // namespace tine
