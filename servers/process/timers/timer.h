// What happens at a time: one entry of the process server's list of timers.
#ifndef SERVERS_PROCESS_TIMERS_TIMER_H_
#define SERVERS_PROCESS_TIMERS_TIMER_H_

#include "kernel/base/types.h"

namespace tine::process {

struct Task;
struct Process;
struct PosixTimer;

struct Timer {
  enum class Kind : u8 {
    kWait,   // `task` waits no longer
    kReal,   // ITIMER_REAL and alarm of `process`
    kCpu,    // CPU time of `process` may have reached a limit
    kPosix,  // `posix` runs out
  };
  u64 deadline_ns = 0;  // 0: not in the list
  Timer* next = nullptr;
  Timer* previous = nullptr;
  union {
    Task* task = nullptr;
    Process* process;
    PosixTimer* posix;
  };
  Kind kind = Kind::kWait;
  // For a time of CLOCK_REALTIME: its deadline moves when that is set.
  bool follows_realtime = false;

  bool is_set() const { return deadline_ns != 0; }
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TIMERS_TIMER_H_
