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

i64 MemoryServer::prefault(Mm& mm, u64 address, Access access) {
  const Vma* area = mm.areas.find(address);
  if (area == nullptr || !permits(*area, access)) return -EFAULT;
  const u64 page = page_round_down(address);
  const Op resolve{OpCode::kSpaceResolve,   mm.space, page, 0, 0, 1,
                   static_cast<u64>(access)};
  sys::BatchResult done = sys::run(resolve);
  // A stack's lower pages are neither mapped nor marked until they are touched:
  // a permitted access that the kernel refuses has found one.
  if (done.status == Status::kFault && area->stack) {
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
  const Vma* area = mm->areas.find(address);
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
      return answer_raise(in.token, SIGBUS_NUMBER, 2, address);
  }
}

}  // namespace tine
