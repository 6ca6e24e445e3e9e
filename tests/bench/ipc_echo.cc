// The server at the other end: answers every message with itself.
#include "servers/protocol/bootstrap.h"
#include "servers/runtime/server_main.h"
#include "tests/bench/ipc_calls.h"

namespace tine {

void server_main() {
  bench::trap_loop<true, bench::native_tag(NativeOp::kReplyRecv),
                   kSelfEndpoint>(~u64{0}, 0);
  __builtin_trap();
}

}  // namespace tine
