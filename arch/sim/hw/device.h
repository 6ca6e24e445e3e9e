// Raw access to the simulated UART's registers for the console server.
#ifndef ARCH_SIM_HW_DEVICE_H_
#define ARCH_SIM_HW_DEVICE_H_

#include "kernel/base/types.h"

namespace tine::hw {

u64 uart_device_base();
u64 uart_device_span();
u64 device_read(u64 base, u32 reg);
void device_write(u64 base, u32 reg, u32 value);

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_DEVICE_H_
