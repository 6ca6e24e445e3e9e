#include "arch/x86_64/boot_memory.h"

#include "kernel/boot_ranges.h"

namespace tine::hw {
namespace {

// BIOS data, option ROMs, and the loader's own structures.
constexpr u64 kLowMemory = u64{1} << 20;

}  // namespace

const char* fill_boot_memory(const MemoryView& view, u64 start_info,
                             PhysRange image, u64 limit, BootMemory& memory,
                             PvhInfo& info) {
  const char* error = pvh_parse(view, start_info, memory, info);
  if (error != nullptr) return error;
  if (!range_add_around(memory.reserved, memory.reserved_count, 0,
                        kLowMemory)) {
    return "too many reserved ranges";
  }
  return complete_boot_memory(memory, image, limit);
}

}  // namespace tine::hw
