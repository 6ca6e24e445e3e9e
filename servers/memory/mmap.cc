// mmap and munmap of anonymous memory.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

i64 MemoryServer::map_anonymous(Mm& mm, const Vma& area) {
  u64 pages = (area.end - area.start) >> kPageShift;
  if (!mm.areas.reserve(1)) return -ENOMEM;
  u64 charge = chargeable_pages(area);
  if (!ledger_.charge(mm, charge)) return -ENOMEM;
  sys::BatchResult marked = sys::run(
      {OpCode::kSpaceMark, mm.space, area.start, 0, 0, pages, u64{area.prot}});
  if (marked.status != Status::kOk) {
    // Marks without an area would be demand-zero memory nobody owns.
    (void)sys::run({OpCode::kSpaceUnmap, mm.space, area.start, 0, 0, pages});
    ledger_.uncharge(mm, charge);
    return -ENOMEM;
  }
  mm.areas.insert(area);
  return 0;
}

i64 MemoryServer::map_shared_anonymous(Mm& mm, Vma area) {
  u64 pages = (area.end - area.start) >> kPageShift;
  if (!mm.areas.reserve(1)) return -ENOMEM;
  MemoryObject* object = objects_.make(area.end - area.start);
  if (object == nullptr) return -ENOMEM;
  sys::BatchResult mapped = sys::run(
      {OpCode::kSpaceMap, mm.space, area.start, object->space, 0, pages,
       u64{area.prot} | static_cast<u64>(MapMode::kShared) << 8});
  if (mapped.status != Status::kOk) {
    (void)sys::run({OpCode::kSpaceUnmap, mm.space, area.start, 0, 0, pages});
    objects_.unref(*object);
    return -ENOMEM;
  }
  area.shared = true;
  area.has_object = true;
  area.object = object->index;
  mm.areas.insert(area);  // takes over the reference
  return 0;
}

i64 MemoryServer::sys_mmap(Mm& mm, const u64* arguments) {
  u64 address = arguments[0];
  u64 length = arguments[1];
  u64 prot = arguments[2];
  u64 flags = arguments[3];
  u64 offset = arguments[5];
  u64 type = flags & MAP_TYPE;
  if ((offset & kPageMask) != 0 || length == 0) return -EINVAL;
  // Only memory without a file here; a descriptor names nothing mappable.
  if ((flags & MAP_ANONYMOUS) == 0) {
    return static_cast<i32>(arguments[4]) < 0 ? -EBADF : -ENODEV;
  }
  if (type != MAP_PRIVATE && type != MAP_SHARED) return -EINVAL;
  if ((flags & MAP_HUGETLB) != 0) return -EINVAL;
  if (length > kUserEnd) return -ENOMEM;
  u64 bytes = page_round_up(length);
  bool fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
  if (fixed) {
    if ((address & kPageMask) != 0) return -EINVAL;
    if (address > kUserEnd - bytes) return -ENOMEM;
    if (address < kLowestAddress) return -EPERM;
    if (mm.areas.overlaps(address, address + bytes)) {
      if ((flags & MAP_FIXED_NOREPLACE) != 0) return -EEXIST;
      if (i64 error = unmap_range(mm, address, address + bytes); error != 0) {
        return error;
      }
    }
  } else {
    address = page_round_down(address);
    bool usable = address >= kLowestAddress && bytes <= mm.mmap_top &&
                  address <= mm.mmap_top - bytes &&
                  !mm.areas.overlaps(address, address + bytes);
    if (!usable) {
      address = mm.areas.find_gap(bytes, kLowestAddress, mm.mmap_top);
    }
    if (address == 0) return -ENOMEM;
  }
  Vma area;
  area.start = address;
  area.end = address + bytes;
  area.prot = static_cast<u8>(prot & PROT_MASK);
  i64 error = type == MAP_SHARED ? map_shared_anonymous(mm, area)
                                 : map_anonymous(mm, area);
  if (error != 0) return error;
  if ((flags & MAP_POPULATE) != 0 && area.prot != 0) {
    // Best effort, as in Linux: what is not populated comes on its fault.
    Access access =
        (area.prot & Rights::kWrite) != 0 ? Access::kWrite : Access::kRead;
    (void)sys::run({OpCode::kSpaceResolve, mm.space, address, 0, 0,
                    bytes >> kPageShift, static_cast<u64>(access)});
  }
  return static_cast<i64>(address);
}

void MemoryServer::uncharge_range(Mm& mm, u64 start, u64 end) {
  for (u32 i = mm.areas.lower_bound(start);
       i < mm.areas.count() && mm.areas[i].start < end; ++i) {
    Vma part = mm.areas[i];
    if (part.start < start) part.start = start;
    if (part.end > end) part.end = end;
    ledger_.uncharge(mm, chargeable_pages(part));
  }
}

i64 MemoryServer::unmap_range(Mm& mm, u64 start, u64 end) {
  if (!mm.areas.reserve(2)) return -ENOMEM;
  sys::BatchResult done = sys::run({OpCode::kSpaceUnmap, mm.space, start, 0, 0,
                                    (end - start) >> kPageShift});
  if (done.status != Status::kOk) {
    // What the kernel removed before it ran out of frames is gone for good, so
    // the areas must say the same: kSpaceUnmap stops on a page boundary.
    end = start + done.detail * kPageSize;
    uncharge_range(mm, start, end);
    if (end > start) mm.areas.erase(start, end);
    return -ENOMEM;
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
