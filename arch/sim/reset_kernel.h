// The kernel's state is in its variables; a new machine begins with fresh ones.
#ifndef ARCH_SIM_RESET_KERNEL_H_
#define ARCH_SIM_RESET_KERNEL_H_

namespace tine::sim {

void reset_kernel();

}  // namespace tine::sim

#endif  // ARCH_SIM_RESET_KERNEL_H_
