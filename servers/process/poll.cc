// ppoll, pselect6 and epoll_pwait. The vfs server waits; the signal mask that
// may come with the call is set here.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/protocol/forward.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::forward_to_vfs(const Call& call, u16 label) {
  (void)sys::run({OpCode::kForward, kNoHandle, call.token, kCallVfs, label,
                  call.argument(0)});
  return withhold();
}

// A signal that the mask lets through ends the wait, if there will be one: what
// is pending already is seen to when the vfs server has had the call
// (bring_here). The result comes back here, where the old mask is.
Outcome ProcessServer::forward_with_mask(const Call& call, u64 mask,
                                         u64 bytes) {
  if (mask == 0) return forward_to_vfs(call, kForwardedCall);
  u64 set;
  const i64 error = read_signal_set(call, mask, bytes, &set);
  if (error != 0) return call.result(error);
  begin_masked_wait(call.task, set);
  return forward_to_vfs(call, kForwardedCallReturn);
}

Outcome ProcessServer::sys_ppoll(const Call& call) {
  return forward_with_mask(call, call.argument(3), call.argument(4));
}

Outcome ProcessServer::sys_pselect6(const Call& call) {
  // The sixth argument points at a mask's address and size.
  u64 mask[2] = {};
  if (call.argument(5) != 0 &&
      user_.read(*call.task.mm, call.argument(5), mask) != 0) {
    return call.result(-EFAULT);
  }
  return forward_with_mask(call, mask[0], mask[1]);
}

Outcome ProcessServer::sys_epoll_pwait(const Call& call) {
  return forward_with_mask(call, call.argument(4), call.argument(5));
}

Outcome ProcessServer::sys_epoll_pwait2(const Call& call) {
  return sys_epoll_pwait(call);
}

}  // namespace tine::process
