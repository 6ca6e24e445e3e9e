// The clocks that a task can name: those of the machine, and CPU time of
// threads and processes, as the kernel counts it.
#ifndef SERVERS_PROCESS_TASK_CLOCKS_H_
#define SERVERS_PROCESS_TASK_CLOCKS_H_

#include "servers/linux_abi/process.h"
#include "servers/process/board.h"
#include "servers/process/clock.h"
#include "servers/process/cpu_clock.h"
#include "servers/process/namespace/pid_views.h"

namespace tine::process {

class TaskClocks {
 public:
  TaskClocks(const Clock& clock, TaskTable& tasks, const PidViews& pids,
             TaskBoard& board)
      : clock_(clock), tasks_(tasks), pids_(pids), board_(board) {}

  // Of a process with all its threads, those that ended, too; of a thread that
  // has ended nothing.
  CpuUsage usage(const Task& task) const;
  CpuUsage usage(const Process& process) const;

  // A CPU clock of `by` or, by its negative number, of another. `is_read`: it
  // is not kept. False: there is none.
  bool find(const Task& by, i32 number, bool is_read, CpuClock* clock) const;
  // False: what it counts has gone.
  bool cpu_time(const CpuClock& clock, u64* ns) const;
  // Any clock as `by` sees it. False: there is none of that number.
  bool read(const Task& by, i32 number, u64* ns) const;

 private:
  const Clock& clock_;
  TaskTable& tasks_;
  const PidViews& pids_;
  TaskBoard& board_;
};

// As getrusage and wait4 tell it.
linux_abi::Rusage rusage_of(const MemoryUsage& usage, const CpuUsage& cpu);

}  // namespace tine::process

#endif  // SERVERS_PROCESS_TASK_CLOCKS_H_
