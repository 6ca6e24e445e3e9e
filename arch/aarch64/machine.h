// What the device tree says about this machine.
#ifndef ARCH_AARCH64_MACHINE_H_
#define ARCH_AARCH64_MACHINE_H_

#include "kernel/base/types.h"

namespace tine::hw {

enum class Psci : u8 { kNone, kHvc, kSmc };
enum class Gic : u8 { kNone, kV2, kV3 };

// Physical bytes, as found: neither aligned nor sorted.
struct MachineRange {
  u64 base;
  u64 bytes;
};

struct Machine {
  static constexpr unsigned kMaxRanges = 32;
  static constexpr unsigned kCommandLineBytes = 2048;

  MachineRange memory[kMaxRanges];
  unsigned memory_count;
  MachineRange reserved[kMaxRanges];  // firmware's; RAM or not
  unsigned reserved_count;
  u64 initrd_begin;  // equal: none
  u64 initrd_end;
  char command_line[kCommandLineBytes];  // NUL-terminated, cut if longer
  unsigned cpu_count;

  Gic gic;
  MachineRange distributor;
  MachineRange cpu_interface;  // v2: GICC; v3: GICR, redistributors
  MachineRange uart;           // a PL011
  u32 uart_line;
  u32 timer_line;                // of the virtual timer
  MachineRange real_time_clock;  // a PL031; no bytes: none
  Psci psci;
};

// Filled by boot.cc before anything else of this architecture is used.
extern Machine machine;

}  // namespace tine::hw

#endif  // ARCH_AARCH64_MACHINE_H_
