// The code of the system that every program has: one object, made at the start,
// that exec maps above the stack.
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/arch/vdso_code.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

void MemoryServer::make_vdso() {
  vdso_ = objects_.make(kVdsoBytes, ObjectContent::kZeros);
  if (vdso_ == nullptr ||
      sys::copy_out(vdso_->space, kVdsoCodeOffset, kVdsoCode, sizeof(kVdsoCode))
              .status != Status::kOk) {
    sys::fail("memory: cannot make the code that programs share");
  }
}

i64 MemoryServer::map_vdso(Mm& mm) {
  Vma area;
  area.start = kVdsoAddress;
  area.end = kVdsoAddress + kVdsoBytes;
  area.prot = PROT_READ | PROT_EXEC;
  area.vdso = true;
  area.has_object = true;
  area.object = vdso_->index;
  if (mm.areas.overlaps(area.start, area.end)) return -EEXIST;
  return map_object(mm, area, true);
}

}  // namespace tine
