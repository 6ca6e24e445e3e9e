// What a handler's frame on the stack is made from, and what is taken from one
// that comes back; its layout is in ARCH/signal_frame.h.
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

// What a frame that comes back says besides the registers.
struct FrameReturn {
  bool has_mask = false;  // restored even if the rest is no good
  u64 mask = 0;
  SigAltStack stack{};
  // Of the SIGSEGV that a frame gets which is none.
  i32 code = kSiKernel;
  u64 address = 0;
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_FRAME_REQUEST_H_
