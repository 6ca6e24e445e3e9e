// A message on its way through the kernel, as parameters: see the real ones.
#ifndef ARCH_SIM_HW_REGISTER_MESSAGE_H_
#define ARCH_SIM_HW_REGISTER_MESSAGE_H_

#include "kernel/base/types.h"

namespace tine {
struct Thread;
}  // namespace tine

#define TINE_MESSAGE_PARAMETERS                                           \
  ::tine::Thread *thread, u64 tag, u64 token, u64 target, u64 w0, u64 w1, \
      u64 w2, u64 w3, u64 w4, u64 w5, u64 w6, u64 w7
#define TINE_MESSAGE thread, tag, token, target, w0, w1, w2, w3, w4, w5, w6, w7
#define TINE_BY_REGISTERS

namespace tine::hw {

// The machine's registers of a thread are those in its frame (machine.h).
Thread* resume_with_message(TINE_MESSAGE_PARAMETERS);

}  // namespace tine::hw

#endif  // ARCH_SIM_HW_REGISTER_MESSAGE_H_
