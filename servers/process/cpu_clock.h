// A clock of CPU time: that of a thread, or of a process with all its threads.
#ifndef SERVERS_PROCESS_CPU_CLOCK_H_
#define SERVERS_PROCESS_CPU_CLOCK_H_

#include "servers/process/process.h"

namespace tine::process {

// Names what it counts, and holds nothing: that may have gone meanwhile, and
// then the clock does not go on.
struct CpuClock {
  Pid pid;              // of the process
  bool is_user;         // counts the program's own time only
  u64 thread;           // cookie; 0: the whole process
  const Process* whom;  // never followed: told apart from a later one of `pid`
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_CPU_CLOCK_H_
