// The managed thread: makes system calls, then faults without end.
#include "servers/runtime/server_main.h"
#include "tests/bench/ipc_calls.h"

namespace tine {

void server_main() {
  bench::trap_loop<true, bench::kProgramCall, 0>(bench::kAllTurns, 0);
  *reinterpret_cast<volatile u64*>(bench::kUnmappedAddress);
  __builtin_trap();
}

}  // namespace tine
