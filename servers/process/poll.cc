// ppoll and pselect6. The vfs server waits; the signal mask that may come with
// the call is set here.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/protocol/forward.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::forward_to_vfs(const Call& call) {
  (void)sys::run({OpCode::kForward, kNoHandle, call.token, kCallVfs,
                  kForwardedCall, call.argument(0)});
  return withhold();
}

Outcome ProcessServer::sys_ppoll(const Call& call) {
  // A mask for the time of the wait needs signals that end it.
  if (call.argument(3) != 0) return call.result(-ENOSYS);
  return forward_to_vfs(call);
}

Outcome ProcessServer::sys_pselect6(const Call& call) {
  // The sixth argument points at a mask's address and size.
  u64 mask = 0;
  if (call.argument(5) != 0 &&
      read_user(*call.task.mm, call.argument(5), mask) != 0) {
    return call.result(-EFAULT);
  }
  if (mask != 0) return call.result(-ENOSYS);
  return forward_to_vfs(call);
}

}  // namespace tine::process
