// Page faults that the kernel could not resolve from marks and shared tables.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

namespace {

bool permits(const Vma& area, Access access) {
  switch (access) {
    case Access::kRead:
      return (area.prot & (PROT_READ | PROT_WRITE | PROT_EXEC)) != 0;
    case Access::kWrite:
      return (area.prot & PROT_WRITE) != 0;
    case Access::kExecute:
      return (area.prot & PROT_EXEC) != 0;
  }
  return false;
}

}  // namespace

// Maps the page at `page` from the area's object, and what the object has
// around it, which costs less than further faults.
i64 MemoryServer::map_object_page(Mm& mm, const Vma& area, u64 page) {
  constexpr u64 kAround = 16 * kPageSize;
  const MemoryObject& object = *objects_.at(area.object);
  const u64 end = area.start + object_pages(area) * kPageSize;
  if (page >= end) return -ENXIO;
  const MapMode mode = area.shared ? MapMode::kShared : MapMode::kPrivate;
  const u64 how = u64{area.prot} | static_cast<u64>(mode) << 8;
  switch (sys::run({OpCode::kSpaceMap, mm.space, page, object.space,
                    area.offset + (page - area.start), 1, how})
              .status) {
    case Status::kOk:
      break;
    case Status::kNoMemory:
      return -ENOMEM;
    default:
      return -ENXIO;  // the file has no such page
  }
  u64 low = page & ~(kAround - 1);
  u64 high = low + kAround;
  if (low < area.start) low = area.start;
  if (high > end) high = end;
  // Best effort: what is not mapped now is when it is touched.
  (void)sys::run({OpCode::kSpaceMap, mm.space, low, object.space,
                  area.offset + (low - area.start), (high - low) >> kPageShift,
                  how | kMapPresent});
  return 0;
}

// ENXIO: beyond the end of the area's object.
i64 MemoryServer::prefault(Mm& mm, u64 address, Access access) {
  const Vma* area = area_at(mm, address);
  if (area == nullptr || !permits(*area, access)) return -EFAULT;
  const u64 page = page_round_down(address);
  // Whatever is shared is in the object: whether it is mapped here need not be
  // asked.
  if (area->has_object && area->shared) return map_object_page(mm, *area, page);
  const Op resolve{OpCode::kSpaceResolve,   mm.space, page, 0, 0, 1,
                   static_cast<u64>(access)};
  sys::BatchResult done = sys::run(resolve);
  if (done.status == Status::kFault && area->has_object) {
    const i64 error = map_object_page(mm, *area, page);
    if (error != 0) return error;
    if (access != Access::kWrite) return 0;
    done = sys::run(resolve);
  }
  // A mark is missing where there was no memory for it when it was due.
  if (done.status == Status::kFault && !area->has_object) {
    done = sys::run(
        {OpCode::kSpaceMark, mm.space, page, 0, 0, 1, u64{area->prot}});
    if (done.status == Status::kOk) done = sys::run(resolve);
  }
  if (done.status == Status::kNoMemory) return -ENOMEM;
  return done.status == Status::kOk ? 0 : -EFAULT;
}

Outcome MemoryServer::page_fault(const sys::Message& in) {
  u64 address = in.words[0];
  Mm* mm = mms_.find(in.words[6]);
  if (mm == nullptr || in.words[1] > static_cast<u64>(Access::kExecute)) {
    return answer_raise(in.token, SIGSEGV_NUMBER, SEGV_MAPERR, address);
  }
  Access access = static_cast<Access>(in.words[1]);
  const Vma* area = area_at(*mm, address);
  if (area == nullptr) {
    return answer_raise(in.token, SIGSEGV_NUMBER, SEGV_MAPERR, address);
  }
  if (!permits(*area, access)) {
    return answer_raise(in.token, SIGSEGV_NUMBER, SEGV_ACCERR, address);
  }
  switch (prefault(*mm, address, access)) {
    case 0:
      return answer_resume(in.token);
    case -ENOMEM:
      // No frame is left for memory that was promised: the process server
      // kills whoever has most of it.
      return answer_raise(in.token, SIGKILL_NUMBER, 0, address);
    default:
      return answer_raise(in.token, SIGBUS_NUMBER, BUS_ADRERR, address);
  }
}

}  // namespace tine
