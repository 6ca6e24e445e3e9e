// mmap and munmap.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

bool is_huge_page_size(u64 flags) {
  const u64 wanted = flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;
  if (wanted == 0) return true;
  for (const u32 shift : kHugePageShifts) {
    if (wanted == shift) return true;
  }
  return false;
}

}  // namespace

i64 MemoryServer::map_anonymous(Mm& mm, const Vma& area) {
  u64 pages = (area.end - area.start) >> kPageShift;
  if (!mm.areas.reserve(1)) return -ENOMEM;
  u64 charge = chargeable_pages(area);
  if (!ledger_.charge(mm, charge)) return -ENOMEM;
  sys::BatchResult marked = sys::run(
      {OpCode::kSpaceMark, mm.space, area.start, 0, 0, pages, u64{area.prot}});
  if (marked.status != Status::kOk) {
    // Marks without an area would be demand-zero memory nobody owns.
    (void)unmap_pages(mm, area.start, pages);
    ledger_.uncharge(mm, charge);
    return -ENOMEM;
  }
  if (area.locked) mm.locked += pages;
  mm.areas.insert(area);
  return 0;
}

u64 MemoryServer::object_pages(const Vma& area) const {
  const MemoryObject& object = objects_.at(area.object);
  const u64 first = area.offset >> kPageShift;
  const u64 pages = (area.end - area.start) >> kPageShift;
  const u64 there = first < object.pages ? object.pages - first : 0;
  return pages < there ? pages : there;
}

i64 MemoryServer::map_object(Mm& mm, const Vma& area, bool at_once) {
  MemoryObject& object = *objects_.at(area.object);
  const u64 pages = at_once ? object_pages(area) : 0;
  const MapMode mode = area.shared ? MapMode::kShared : MapMode::kPrivate;
  if (!mm.areas.reserve(1)) return -ENOMEM;
  const u64 charge = chargeable_pages(area);
  if (!ledger_.charge(mm, charge)) return -ENOMEM;
  if (pages != 0) {
    sys::BatchResult mapped = sys::run(
        {OpCode::kSpaceMap, mm.space, area.start, object.space, area.offset,
         pages, u64{area.prot} | static_cast<u64>(mode) << 8});
    if (mapped.status != Status::kOk) {
      (void)unmap_pages(mm, area.start, pages);
      ledger_.uncharge(mm, charge);
      return -ENOMEM;
    }
  }
  objects_.ref(object);
  if (area.locked) mm.locked += (area.end - area.start) >> kPageShift;
  mm.areas.insert(area);  // takes over the reference
  return 0;
}

i64 MemoryServer::map_shared_anonymous(Mm& mm, Vma area) {
  MemoryObject* object =
      objects_.make(area.end - area.start, ObjectContent::kShared);
  if (object == nullptr) return -ENOMEM;
  area.shared = true;
  area.has_object = true;
  area.object = object->index;
  const i64 error = map_object(mm, area);
  objects_.unref(*object);  // the area has one of its own
  return error;
}

bool MemoryServer::is_within_limits(const Mm& mm, u64 bytes, u64 replaced,
                                    bool is_data) const {
  const u64 more = bytes >> kPageShift;
  const u64 less = replaced >> kPageShift;
  if (mm.most_pages != kNoLimit &&
      mm.areas.pages() + more > mm.most_pages + less) {
    return false;
  }
  if (!is_data || mm.most_data_pages == kNoLimit) return true;
  return data_pages(mm) + more <= mm.most_data_pages + less;
}

u64 MemoryServer::data_pages(const Mm& mm) {
  u64 pages = 0;
  for (u32 i = 0; i < mm.areas.count(); ++i) {
    if (is_data(mm.areas[i])) {
      pages += (mm.areas[i].end - mm.areas[i].start) >> kPageShift;
    }
  }
  return pages;
}

i64 MemoryServer::place(Mm& mm, u64 address, u64 bytes, u64 flags) {
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0) {
    if (address > kUserEnd - bytes) return -ENOMEM;
    if ((address & kPageMask) != 0) return -EINVAL;
    if (address < kLowestAddress) return -EPERM;
    if (!mm.areas.overlaps(address, address + bytes)) {
      return static_cast<i64>(address);
    }
    if ((flags & MAP_FIXED_NOREPLACE) != 0) return -EEXIST;
    const i64 error = unmap_range(mm, address, address + bytes);
    return error != 0 ? error : static_cast<i64>(address);
  }
  const bool is_low = (flags & kMapLow) != 0;
  const u64 bottom = is_low ? kLowStart : kLowestAddress;
  const u64 top = is_low && kLowEnd < mm.mmap_top ? kLowEnd : mm.mmap_top;
  address = page_round_down(address);
  if (address != 0 && address < kLowestAddress) address = kLowestAddress;
  // A hint is taken wherever it points to; what is left of the memory above
  // serves when all below is full.
  const u64 end = is_low ? top : kUserEnd;
  if (address == 0 || bytes > end || address > end - bytes ||
      !mm.areas.is_gap(address, address + bytes)) {
    address = mm.areas.find_gap(bytes, bottom, top);
  }
  if (address == 0) address = mm.areas.find_gap(bytes, bottom, end);
  return address == 0 ? -ENOMEM : static_cast<i64>(address);
}

i64 MemoryServer::map(Mm& mm, const MapRequest& request) {
  const u64 flags = request.flags;
  const u64 type = flags & MAP_TYPE;
  if ((request.offset & kPageMask) != 0 || request.length == 0) return -EINVAL;
  if (request.length > kUserEnd) return -ENOMEM;
  if (type != MAP_PRIVATE && type != MAP_SHARED) return -EINVAL;
  if (type == MAP_SHARED && (flags & MAP_GROWSDOWN) != 0) return -EINVAL;
  if ((flags & MAP_HUGETLB) != 0) {
    return is_huge_page_size(flags) ? -ENOMEM : -EINVAL;  // there are none
  }
  const u64 bytes = page_round_up(request.length);
  Vma area;
  area.prot = static_cast<u8>(request.prot & PROT_MASK);
  area.shared = type == MAP_SHARED;
  area.uncharged = (flags & MAP_NORESERVE) != 0 && !ledger_.is_strict();
  area.stack = (flags & MAP_GROWSDOWN) != 0;
  u64 replaced = 0;
  if ((flags & MAP_FIXED) != 0 && request.address <= kUserEnd - bytes) {
    replaced = mm.areas.pages_in(request.address, request.address + bytes)
               << kPageShift;
  }
  if (!is_within_limits(mm, bytes, replaced, is_data(area))) return -ENOMEM;
  const bool locked = (flags & MAP_LOCKED) != 0 || mm.lock_future;
  if ((flags & MAP_LOCKED) != 0 && mm.most_locked == 0) return -EPERM;
  if (locked && !may_lock(mm, bytes >> kPageShift)) return -EAGAIN;
  const i64 placed = place(mm, request.address, bytes, flags);
  if (placed < 0) return placed;
  area.start = static_cast<u64>(placed);
  area.end = area.start + bytes;
  i64 error;
  if (request.object != nullptr) {
    area.has_object = true;
    area.object = request.object->index;
    area.offset = request.offset;
    area.never_writable = !request.may_write;
    error = map_object(mm, area);
  } else {
    area.never_writable = !request.may_write;
    error =
        area.shared ? map_shared_anonymous(mm, area) : map_anonymous(mm, area);
  }
  if (error != 0) return error;
  if (locked && mark_locked(mm, area.start, area.end, true) != 0) {
    (void)unmap_range(mm, area.start, area.end);
    return -ENOMEM;
  }
  const bool locked_now =
      locked && ((flags & MAP_LOCKED) != 0 || !mm.lock_on_fault);
  if ((flags & MAP_POPULATE) != 0 || locked_now) {
    // Best effort, as in Linux: what is not populated comes on its fault.
    (void)populate(mm, area.start, area.end);
  }
  return placed;
}

void MemoryServer::uncharge_range(Mm& mm, u64 start, u64 end) {
  for (u32 i = mm.areas.lower_bound(start);
       i < mm.areas.count() && mm.areas[i].start < end; ++i) {
    Vma part = mm.areas[i];
    if (part.start < start) part.start = start;
    if (part.end > end) part.end = end;
    ledger_.uncharge(mm, chargeable_pages(part));
    if (part.locked) mm.locked -= (part.end - part.start) >> kPageShift;
  }
}

i64 MemoryServer::unmap_range(Mm& mm, u64 start, u64 end) {
  if (!mm.areas.reserve_erase(start, end)) return -ENOMEM;
  const sys::BatchResult done =
      unmap_pages(mm, start, (end - start) >> kPageShift);
  if (done.status != Status::kOk) {
    // What the kernel removed before it ran out of frames is gone for good, so
    // the areas must say the same: kSpaceUnmap stops on a page boundary.
    end = start + done.detail * kPageSize;
    uncharge_range(mm, start, end);
    if (end > start) mm.areas.erase(start, end);
    return kOutOfMemory;
  }
  uncharge_range(mm, start, end);
  mm.areas.erase(start, end);
  return 0;
}

i64 MemoryServer::sys_munmap(Mm& mm, u64 address, u64 bytes) {
  if ((address & kPageMask) != 0 || address > kUserEnd ||
      bytes > kUserEnd - address || bytes == 0) {
    return -EINVAL;
  }
  bytes = page_round_up(bytes);
  if (!mm.areas.overlaps(address, address + bytes)) return 0;
  return unmap_range(mm, address, address + bytes);
}

}  // namespace tine
