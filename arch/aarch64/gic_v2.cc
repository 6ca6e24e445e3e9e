// GICv2: memory-mapped CPU interface (Arm IHI 0048).
#include "arch/hw/gic.h"

namespace tine::hw {
namespace {

// Distributor.
constexpr u64 kTargets = 0x800;
// CPU interface.
constexpr u64 kPriorityMask = 0x04;
constexpr u64 kAcknowledge = 0x0c;
constexpr u64 kEndOfInterrupt = 0x10;

constexpr u32 kNumber = 0x3ff;  // of the acknowledged value

u64 bank(u32) { return machine.distributor.base; }

void init() {
  const u64 distributor = machine.distributor.base;
  gic_register(distributor + kGicControl) = 0;
  const u32 lines = gic_lines();
  for (u32 line = 0; line < lines; line += 32) {
    gic_register(distributor + kGicDisable + line / 8) = ~u32{0};
  }
  for (u32 line = 0; line < lines; line += 4) {
    gic_register(distributor + kGicPriority + line) = kGicPriorities;
  }
  // Shared ones go to this CPU: a private one's target tells which that is.
  const u32 here = gic_register(distributor + kTargets) & 0xff;
  for (u32 line = kFirstShared; line < lines; line += 4) {
    gic_register(distributor + kTargets + line) = here * 0x0101'0101;
  }
  gic_register(distributor + kGicControl) = 1;
  const u64 cpu = machine.cpu_interface.base;
  gic_register(cpu + kPriorityMask) = kGicAcceptAll;
  gic_register(cpu + kGicControl) = 1;
}

u32 acknowledge() {
  return gic_register(machine.cpu_interface.base + kAcknowledge) & kNumber;
}

void end(u32 line) {
  gic_register(machine.cpu_interface.base + kEndOfInterrupt) = line;
}

}  // namespace

constinit const GicDriver kGicV2 = {init, bank, acknowledge, end};

}  // namespace tine::hw
