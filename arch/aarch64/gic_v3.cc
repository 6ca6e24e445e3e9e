// GICv3: CPU interface in system registers, one redistributor a CPU
// (Arm IHI 0069). One security state, or the non-secure view of two.
#include "arch/hw/cpu.h"
#include "arch/hw/gic.h"

namespace tine::hw {
namespace {

// Distributor: control bits, and the route of each shared interrupt.
constexpr u32 kAffinityRouting = 1 << 4;
constexpr u32 kGroup1 = 1 << 0 | 1 << 1;  // in either view
constexpr u32 kWritePending = u32{1} << 31;
constexpr u64 kRoute = 0x6000;
// Redistributor: two frames of 64 KiB, four with virtual LPIs.
constexpr u64 kRedistributorType = 0x008;
constexpr u64 kWaker = 0x014;
constexpr u32 kProcessorSleep = 1 << 1;
constexpr u32 kChildrenAsleep = 1 << 2;
constexpr u64 kFrame = 0x10000;

u64 redistributor;  // this CPU's: physical

u64 read_affinity() {
  u64 mpidr;
  asm("mrs %0, mpidr_el1" : "=r"(mpidr));
  return (mpidr >> 32 & 0xff) << 24 | (mpidr & 0xff'ffff);
}

u64 find_redistributor() {
  const u64 here = read_affinity();
  const MachineRange all = machine.cpu_interface;
  for (u64 at = all.base; at + 2 * kFrame <= all.base + all.bytes;) {
    const u64 type = gic_register(at + kRedistributorType) |
                     u64{gic_register(at + kRedistributorType + 4)} << 32;
    if (type >> 32 == here) return at;
    if ((type >> 4 & 1) != 0) break;  // the last one
    at += (type >> 1 & 1) != 0 ? 4 * kFrame : 2 * kFrame;
  }
  return all.base;
}

u64 bank(u32 line) {
  return line < kFirstShared ? redistributor + kFrame
                             : machine.distributor.base;
}

void settle(u64 control) {
  while ((gic_register(control) & kWritePending) != 0) relax();
}

void init_distributor() {
  const u64 distributor = machine.distributor.base;
  gic_register(distributor + kGicControl) = 0;
  settle(distributor + kGicControl);
  const u32 lines = gic_lines();
  for (u32 line = kFirstShared; line < lines; line += 32) {
    gic_register(distributor + kGicDisable + line / 8) = ~u32{0};
    gic_register(distributor + kGicGroup + line / 8) = ~u32{0};
  }
  for (u32 line = kFirstShared; line < lines; line += 4) {
    gic_register(distributor + kGicPriority + line) = kGicPriorities;
  }
  gic_register(distributor + kGicControl) = kAffinityRouting | kGroup1;
  settle(distributor + kGicControl);
  u64 mpidr;
  asm("mrs %0, mpidr_el1" : "=r"(mpidr));
  for (u32 line = kFirstShared; line < lines; ++line) {
    const u64 route = distributor + kRoute + u64{line} * 8;
    gic_register(route) = static_cast<u32>(mpidr) & 0xff'ffff;
    gic_register(route + 4) = static_cast<u32>(mpidr >> 32) & 0xff;
  }
}

void init_redistributor() {
  redistributor = find_redistributor();
  const u64 waker = redistributor + kWaker;
  gic_register(waker) = gic_register(waker) & ~kProcessorSleep;
  while ((gic_register(waker) & kChildrenAsleep) != 0) relax();
  const u64 own = redistributor + kFrame;
  gic_register(own + kGicDisable) = ~u32{0};
  gic_register(own + kGicGroup) = ~u32{0};
  for (u32 line = 0; line < kFirstShared; line += 4) {
    gic_register(own + kGicPriority + line) = kGicPriorities;
  }
}

// The names of these registers need an architecture extension to assemble.
#define ICC_PMR_EL1 "s3_0_c4_c6_0"
#define ICC_IAR1_EL1 "s3_0_c12_c12_0"
#define ICC_EOIR1_EL1 "s3_0_c12_c12_1"
#define ICC_CTLR_EL1 "s3_0_c12_c12_4"
#define ICC_SRE_EL1 "s3_0_c12_c12_5"
#define ICC_IGRPEN1_EL1 "s3_0_c12_c12_7"

void init() {
  asm volatile("msr " ICC_SRE_EL1 ", %0\n\tisb" ::"r"(u64{1}) : "memory");
  init_distributor();
  init_redistributor();
  asm volatile("msr " ICC_CTLR_EL1
               ", xzr\n\t"  // end of interrupt also deactivates
               "msr " ICC_PMR_EL1
               ", %0\n\t"
               "msr " ICC_IGRPEN1_EL1
               ", %1\n\t"
               "isb" ::"r"(u64{kGicAcceptAll}),
               "r"(u64{1})
               : "memory");
}

u32 acknowledge() {
  u64 value;
  asm volatile("mrs %0, " ICC_IAR1_EL1 "\n\tdsb sy" : "=r"(value)::"memory");
  return static_cast<u32>(value) & 0xff'ffff;
}

void end(u32 line) {
  asm volatile("msr " ICC_EOIR1_EL1 ", %0\n\tisb" ::"r"(u64{line}) : "memory");
}

}  // namespace

constinit const GicDriver kGicV3 = {init, bank, acknowledge, end};

}  // namespace tine::hw
