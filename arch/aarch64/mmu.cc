#include "arch/hw/mmu.h"

#include "arch/hw/boot_tables.h"
#include "arch/hw/phys_map.h"

namespace tine::hw {
namespace {

u64 read_ctr() {
  u64 value;
  asm("mrs %0, ctr_el0" : "=r"(value));
  return value;
}

}  // namespace

u16 max_asid() {
  u64 tcr;
  asm("mrs %0, tcr_el1" : "=r"(tcr));
  constexpr u64 kSixteenBits = u64{1} << 36;  // TCR_EL1.AS
  return (tcr & kSixteenBits) != 0 ? u16{0xffff} : u16{0xff};
}

void load_no_space() {
  load_space(translation_base(image_to_phys(empty_root), 0));
  asm volatile("isb" ::: "memory");
}

// Arm ARM B2.4.4, "Implementation of caches and software coherency": CTR_EL0
// gives line sizes as log2 of words, and says which steps the hardware spares.
void sync_icache(u8* kernel_va, u64 bytes) {
  const u64 ctr = read_ctr();
  const u64 begin = reinterpret_cast<u64>(kernel_va);
  const u64 end = begin + bytes;
  if ((ctr >> 28 & 1) == 0) {  // IDC
    const u64 line = u64{4} << (ctr >> 16 & 0xf);
    for (u64 at = begin & ~(line - 1); at < end; at += line) {
      asm volatile("dc cvau, %0" ::"r"(at) : "memory");
    }
  }
  asm volatile("dsb ish" ::: "memory");
  if ((ctr >> 29 & 1) == 0) {  // DIC
    constexpr u64 kPipt = 3;
    if ((ctr >> 14 & 3) != kPipt) {
      // Other mappings may index other lines.
      asm volatile("ic ialluis" ::: "memory");
    } else {
      const u64 line = u64{4} << (ctr & 0xf);
      for (u64 at = begin & ~(line - 1); at < end; at += line) {
        asm volatile("ic ivau, %0" ::"r"(at) : "memory");
      }
    }
    asm volatile("dsb ish" ::: "memory");
  }
  asm volatile("isb" ::: "memory");
}

}  // namespace tine::hw
