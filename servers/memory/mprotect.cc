// mprotect: new rights for what is mapped.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

i64 MemoryServer::sys_mprotect(Mm& mm, u64 address, u64 bytes, u64 prot) {
  u64 grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows == (PROT_GROWSDOWN | PROT_GROWSUP)) return -EINVAL;
  if ((address & kPageMask) != 0) return -EINVAL;
  if (bytes == 0) return 0;
  bytes = page_round_up(bytes);
  u64 end = address + bytes;
  if (end <= address) return -ENOMEM;
  prot &= ~PROT_SEM;
  if ((prot & ~(PROT_MASK | PROT_GROWSDOWN | PROT_GROWSUP)) != 0)
    return -EINVAL;
  const u32 first = mm.areas.lower_bound(address);
  if (end > kUserEnd || first == mm.areas.count()) return -ENOMEM;
  if (grows == PROT_GROWSDOWN) {
    if (mm.areas[first].start >= end) return -ENOMEM;
    if (!mm.areas[first].stack) return -EINVAL;
    address = mm.areas[first].start;
  } else {
    if (mm.areas[first].start > address) return -ENOMEM;
    if (grows != 0) return -EINVAL;  // no area grows upwards
  }
  u8 rights = static_cast<u8>(prot & PROT_MASK);
  // What comes before the first gap or refusal is protected all the same.
  i64 result = 0;
  if (const u64 gap = mm.areas.first_gap(address, end); gap != end) {
    end = gap;
    result = -ENOMEM;
  }
  if ((rights & PROT_WRITE) != 0) {
    for (u32 i = mm.areas.lower_bound(address);
         i < mm.areas.count() && mm.areas[i].start < end; ++i) {
      if (!mm.areas[i].never_writable) continue;
      if (mm.areas[i].start <= address) return -EACCES;
      end = mm.areas[i].start;
      result = -EACCES;
    }
  }
  if (!mm.areas.reserve(mm.areas.cuts(address, end))) return -ENOMEM;

  // Charge first what becomes private and writable.
  u64 before = 0;
  u64 after = 0;
  u64 new_data = 0;
  for (u32 i = mm.areas.lower_bound(address);
       i < mm.areas.count() && mm.areas[i].start < end; ++i) {
    Vma part = mm.areas[i];
    if (part.start < address) part.start = address;
    if (part.end > end) part.end = end;
    before += chargeable_pages(part);
    const bool was_data = is_data(part);
    part.prot = rights;
    if (is_data(part) && !was_data) {
      new_data += (part.end - part.start) >> kPageShift;
    }
    after += chargeable_pages(part);
  }
  if (new_data != 0 && mm.most_data_pages != kNoLimit &&
      data_pages(mm) + new_data > mm.most_data_pages) {
    return -ENOMEM;
  }
  if (after > before && !ledger_.charge(mm, after - before)) return -ENOMEM;

  sys::BatchResult done =
      sys::run({OpCode::kSpaceProtect, mm.space, address, 0, 0,
                (end - address) >> kPageShift, u64{rights}});
  if (done.status != Status::kOk) {
    // The pages before the stop have their new rights, as in Linux when
    // mprotect fails on a later area.
    u64 stop = address + done.detail * kPageSize;
    if (stop > address) mm.areas.protect(address, stop, rights);
    u64 total = 0;
    for (u32 i = 0; i < mm.areas.count(); ++i) {
      total += chargeable_pages(mm.areas[i]);
    }
    ledger_.uncharge(mm, mm.charged - total);
    return -ENOMEM;
  }
  if (after < before) ledger_.uncharge(mm, before - after);
  mm.areas.protect(address, end, rights);
  return result;
}

}  // namespace tine
