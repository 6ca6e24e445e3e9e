// The simulated MMU: which tables are loaded, and stores to tables.
#ifndef ARCH_SIM_HW_MMU_H_
#define ARCH_SIM_HW_MMU_H_

#include "arch/sim/tlb_model.h"
#include "kernel/abi/message.h"
#include "kernel/base/address.h"

namespace tine::hw {

// Few on purpose, so that tests roll over often.
inline constexpr u16 kMaxAsid = 15;

struct LoadedSpace {
  PhysAddr root;
  u16 asid = 0;  // 0: none
};
inline LoadedSpace loaded;

inline void init_root(Frame) {}
constexpr u64 translation_base(PhysAddr root, u16 asid) {
  return root.value | u64{asid} << 48;
}
inline void load_space(u64 translation_base) {
  loaded = {PhysAddr{translation_base << 16 >> 16},
            static_cast<u16>(translation_base >> 48)};
  sim::tlb.load(loaded.asid, loaded.root);
}
inline void load_no_space() { loaded = {}; }

// The space with this ASID is gone.
inline void retire_asid(u16 asid) { sim::tlb.retire(asid); }

// Servers run on the host, so that most of their memory is the host's: its
// address where `va` is such a one and `root` a server's, else null. Set while
// a sim::Machine lives.
using WiredWindow = u8* (*)(PhysAddr root, VirtAddr va, Access access);
inline WiredWindow find_wired_window = nullptr;
inline u8* wired_window(PhysAddr root, VirtAddr va, Access access) {
  return find_wired_window != nullptr ? find_wired_window(root, va, access)
                                      : nullptr;
}

// Counts, so that tests can tell that new code was made fetchable.
inline u64 icache_syncs = 0;
inline void sync_icache(u8*, u64) { ++icache_syncs; }

inline void store_entry(u64* slot, u64 entry) {
  sim::tlb.check_store(slot, entry);
  __atomic_store_n(slot, entry, __ATOMIC_RELEASE);
}

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_MMU_H_
