// The code of the system that every program has: one object, made at the start,
// that exec maps above the stack.
#include <cstddef>

#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/mman.h"
#include "servers/memory/memory_server.h"
#include "servers/vdso/arch/vdso_image.h"
#include "servers/vdso/vdso_data.h"

namespace tine {

using namespace linux_abi;  // the constants' names are Linux's

void MemoryServer::make_vdso(const ServerConfig& config) {
  static_assert(sizeof(kVdsoImage) <= kVdsoDataOffset);
  static_assert(kVdsoDataOffset + kPageSize == kVdsoBytes);
  const VdsoData data{config.clock_start, config.clock_factor,
                      config.boot_realtime_ns};
  vdso_ = objects_.make(kVdsoBytes, ObjectContent::kZeros);
  if (vdso_ == nullptr ||
      sys::copy_out(vdso_->space, 0, kVdsoImage, sizeof(kVdsoImage)).status !=
          Status::kOk ||
      sys::copy_out(vdso_->space, kVdsoDataOffset, &data, sizeof(data))
              .status != Status::kOk) {
    sys::fail("memory: cannot make the code that programs share");
  }
}

Outcome MemoryServer::set_realtime(const sys::Message& in) {
  const u64 ns = in.words[0];
  const sys::CopyResult done = sys::copy_out(
      vdso_->space, kVdsoDataOffset + offsetof(VdsoData, realtime_ns), &ns,
      sizeof(ns));
  return answer_words(in.token, done.status == Status::kOk ? 0 : -EIO);
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
