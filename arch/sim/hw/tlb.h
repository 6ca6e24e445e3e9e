// TLB maintenance of the simulated machine; see arch/sim/tlb_model.h.
#ifndef ARCH_SIM_HW_TLB_H_
#define ARCH_SIM_HW_TLB_H_

#include "arch/sim/tlb_model.h"
#include "kernel/base/address.h"

namespace tine::hw {

inline void invalidate_page(u16 asid, VirtAddr va) {
  sim::tlb.invalidate_page(asid, va);
}
inline void invalidate_space(u16 asid) { sim::tlb.invalidate_space(asid); }
inline void invalidate_all() { sim::tlb.invalidate_all(); }

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_TLB_H_
