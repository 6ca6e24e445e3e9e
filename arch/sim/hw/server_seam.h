// The seam under servers/runtime/sys.h in the simulator, out of line: a server
// runs on a fiber, and tests without a kernel bring functions of their own.
#ifndef ARCH_SIM_HW_SERVER_SEAM_H_
#define ARCH_SIM_HW_SERVER_SEAM_H_

#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"

namespace tine::sys {

void native_trap(MessageRegisters& registers);
inline void native_answer(MessageRegisters& message, u64 result, u64 token,
                          u64 endpoint) {
  message.words[0] = result;
  message.tag = call_tag(NativeOp::kReplyRecv, make_tag(0, kReplyResult));
  message.token = token;
  message.target = endpoint;
  native_trap(message);
}
Utcb& utcb();

}  // namespace tine::sys

#endif  // ARCH_SIM_HW_SERVER_SEAM_H_
