// RAM of the simulated machine.
#ifndef ARCH_SIM_MACHINE_MEMORY_H_
#define ARCH_SIM_MACHINE_MEMORY_H_

#include <cstdlib>
#include <cstring>

#include "arch/hw/phys_map.h"
#include "arch/sim/tlb_model.h"

namespace tine::sim {

// While it lives, physical memory [base, base + bytes) exists, filled with
// garbage, and all TLBs begin empty. One at a time.
class MachineMemory {
 public:
  MachineMemory(PhysAddr base, u64 bytes)
      : host_(static_cast<u8*>(std::aligned_alloc(kPageSize, bytes))) {
    std::memset(host_, 0xa5, bytes);
    hw::phys_map = {host_, base, bytes};
    tlb.reset();
  }
  ~MachineMemory() {
    hw::phys_map = {};
    std::free(host_);
  }
  MachineMemory(const MachineMemory&) = delete;
  MachineMemory& operator=(const MachineMemory&) = delete;

 private:
  u8* host_;
};

}  // namespace tine::sim

#endif  // ARCH_SIM_MACHINE_MEMORY_H_
