// What a handler's frame on the stack is made from; its layout is in
// ARCH/signal_frame.h.
#ifndef SERVERS_LINUX_ABI_FRAME_REQUEST_H_
#define SERVERS_LINUX_ABI_FRAME_REQUEST_H_

#include "servers/linux_abi/signal.h"

namespace tine::linux_abi {

struct FrameRequest {
  i32 signal;
  const SigAction& action;
  const SigInfo& info;
  u64 mask;           // that rt_sigreturn restores
  SigAltStack stack;  // likewise
  u64 fault_address;
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_FRAME_REQUEST_H_
