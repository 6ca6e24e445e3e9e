// mremap: areas that grow, shrink or move.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

// Appends `bytes` to the area, where nothing is.
i64 MemoryServer::grow_in_place(Mm& mm, const Vma& area, u64 bytes) {
  Vma more = area;
  more.start = area.end;
  more.end = area.end + bytes;
  if (!area.has_object) return map_anonymous(mm, more);
  more.offset = area.offset + (area.end - area.start);
  return map_object(mm, more);
}

// Gives `to` the pages of `from`: both ends are copy-on-write until the old one
// goes. Of an object the pages are had from the object, unless they are
// private: then they may have been written.
i64 MemoryServer::map_moved(Mm& mm, const Vma& from, const Vma& to, u64 bytes) {
  for (u64 done = 0; done < bytes;) {
    const sys::BatchResult moved =
        sys::run({OpCode::kSpaceMap, mm.space, to.start + done, mm.space,
                  from.start + done, (bytes - done) >> kPageShift,
                  u64{to.prot} | static_cast<u64>(MapMode::kPrivate) << 8});
    if (moved.status == Status::kOk) return 0;
    if (moved.status != Status::kFault) return -ENOMEM;
    // A page that is not there, beyond the end of a file.
    done += (moved.detail + 1) * kPageSize;
  }
  return 0;
}

// `from` is the part of an area that moves. What lies at `to` is gone.
i64 MemoryServer::move(Mm& mm, Vma from, u64 old_bytes, u64 new_bytes, u64 to,
                       u64 flags) {
  Vma area = from;
  area.start = to;
  area.end = to + new_bytes;
  area.heap = area.stack = false;
  from.end = from.start + old_bytes;
  // Once pages have moved, taking them out of their old place must not fail.
  fill_reserve();
  if (!has_reserve()) return kOutOfMemory;
  i64 error = area.has_object ? map_object(mm, area) : map_anonymous(mm, area);
  if (error != 0) return error;
  if (!area.shared) {
    const u64 moved = old_bytes < new_bytes ? old_bytes : new_bytes;
    error = map_moved(mm, from, area, moved);
  }
  if (error == 0 && old_bytes != 0) {
    if ((flags & MREMAP_DONTUNMAP) != 0) {
      // What is shared, or has not been written, can be had again.
      error = forget_pages(mm, from);
      if (error == 0 && from.locked) {
        error = mark_locked(mm, from.start, from.end, false);
      }
    } else {
      error = unmap_range(mm, from.start, from.end);
    }
  }
  if (error == 0) {
    if (area.locked && !mm.lock_on_fault)
      (void)populate(mm, to, to + new_bytes);
    return static_cast<i64>(to);
  }
  (void)unmap_range(mm, to, to + new_bytes);
  return error;
}

i64 MemoryServer::sys_mremap(Mm& mm, const u64* arguments) {
  const u64 address = arguments[0];
  const u64 flags = arguments[3];
  const u64 wanted = arguments[4];
  const bool fixed = (flags & MREMAP_FIXED) != 0;
  const bool moves = (flags & MREMAP_MAYMOVE) != 0;
  const bool keeps = (flags & MREMAP_DONTUNMAP) != 0;
  if ((flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP)) != 0 ||
      ((fixed || keeps) && !moves) || (address & kPageMask) != 0) {
    return -EINVAL;
  }
  if (arguments[1] > kUserEnd || arguments[2] > kUserEnd) return -EINVAL;
  const u64 old_bytes = page_round_up(arguments[1]);
  const u64 new_bytes = page_round_up(arguments[2]);
  if (new_bytes == 0 || (keeps && old_bytes != new_bytes)) return -EINVAL;
  if ((fixed || keeps) &&
      ((wanted & kPageMask) != 0 || new_bytes > kUserEnd ||
       wanted > kUserEnd - new_bytes ||
       (wanted < address + old_bytes && address < wanted + new_bytes))) {
    return -EINVAL;
  }
  const Vma* found = mm.areas.find(address);
  if (found == nullptr) return -EFAULT;
  if (old_bytes > kUserEnd - address) return -EINVAL;
  // Nothing moves: a second mapping of what is shared.
  if (old_bytes == 0 && !found->shared) return -EINVAL;
  if (keeps && found->vdso) return -EINVAL;

  u64 moved = old_bytes;
  if (old_bytes > new_bytes) {
    const i64 error = unmap_range(mm, address + new_bytes, address + old_bytes);
    if (error != 0) return error;
    moved = new_bytes;
    found = mm.areas.find(address);
    if (found == nullptr) return -EFAULT;
  }
  if (moved == new_bytes && !fixed && !keeps) {
    return static_cast<i64>(address);
  }
  // What moves or grows is one area.
  if (moved > found->end - address) return -EFAULT;
  if (found->vdso && moved < new_bytes) return -EFAULT;
  const bool is_data = !found->shared && (found->prot & PROT_WRITE) != 0;
  const u64 more = keeps ? new_bytes : new_bytes - moved;
  if (found->locked && !may_lock(mm, more >> kPageShift)) return -EAGAIN;
  if (more != 0 && !is_within_limits(mm, more, 0, is_data)) return -ENOMEM;

  Vma from = *found;
  from.offset += address - from.start;
  from.start = address;
  const u64 end = address + moved;
  if (!fixed && !keeps && moved != 0 && found->end == end &&
      end + more <= kUserEnd && !mm.areas.overlaps(end, end + more)) {
    const i64 error = grow_in_place(mm, from, more);
    if (error != 0) return error;
    if (from.locked && !mm.lock_on_fault) (void)populate(mm, end, end + more);
    return static_cast<i64>(address);
  }
  if (!moves) return -ENOMEM;
  const i64 to = place(mm, fixed || keeps ? wanted : 0, new_bytes,
                       fixed ? MAP_FIXED : u64{0});
  return to < 0 ? to
                : move(mm, from, moved, new_bytes, static_cast<u64>(to), flags);
}

}  // namespace tine
