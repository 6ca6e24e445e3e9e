// CPU time, as the kernel counts it, and the clocks that show it.
#include "servers/process/task_clocks.h"

#include "servers/linux_abi/time.h"
#include "servers/process/mm_table.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

CpuUsage TaskClocks::usage(const Task& task) const {
  if (task.state != TaskState::kLive) return {};
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kThreadStat, thread_handle(task));
  if (batch.run().status != Status::kOk) return {};
  board_.show_times(task, stat.a, stat.b);
  return {stat.a, stat.b};
}

CpuUsage TaskClocks::usage(const Process& process) const {
  CpuUsage sum = process.past_cpu;
  for_each_thread(process, [&](const Task& task) { sum.add(usage(task)); });
  return sum;
}

Rusage rusage_of(const MemoryUsage& usage, const CpuUsage& cpu) {
  Rusage told{};
  told.user = to_timeval(cpu.user_ns);
  told.system = to_timeval(cpu.system_ns);
  told.max_rss = static_cast<i64>(usage.most_pages * (kPageSize / 1024));
  told.minor_faults = static_cast<i64>(usage.faults);
  return told;
}

// A CPU clock of `by` or, by its negative number, of another: the complement of
// the pid above three bits, of which the lowest two say which time, and the
// third that it is a thread's (pid_for_clock). False: there is none.
bool TaskClocks::find(const Task& by, i32 number, bool is_read,
                      CpuClock* clock) const {
  enum Which : i32 { kAll = 0, kUser = 1, kScheduled = 2, kDescriptor = 3 };
  constexpr i32 kThread = 4;
  i32 which = kScheduled;
  const Task* task = &by;
  bool is_thread = number == kClockThreadCpu;
  if (number < 0) {
    which = number & 3;
    is_thread = (number & kThread) != 0;
    const i32 pid = ~(number >> 3);
    if (pid != 0) task = pids_.find(by, pid);
    if (which == kDescriptor || task == nullptr) return false;
    // Of threads only the own ones. A process is named by its leader, and by
    // the thread that reads its own process's clock.
    const bool is_named = is_thread ? task->process == by.process
                          : is_read || pid == 0
                              ? task == &by || task->is_leader()
                              : task->is_leader();
    if (!is_named) return false;
  } else if (number != kClockProcessCpu && !is_thread) {
    return false;
  }
  *clock = {pid_of(*task), which == kUser, is_thread ? task->cookie() : 0,
            task->process};
  return true;
}

// False: what it counts has gone.
bool TaskClocks::cpu_time(const CpuClock& clock, u64* ns) const {
  const Task* task = clock.thread != 0 ? tasks_.find_cookie(clock.thread)
                                       : tasks_.find(clock.pid);
  if (task == nullptr || task->process != clock.whom) return false;
  const CpuUsage spent =
      clock.thread != 0 ? usage(*task) : usage(*task->process);
  *ns = clock.is_user ? spent.user_ns : spent.user_ns + spent.system_ns;
  return true;
}

bool TaskClocks::read(const Task& by, i32 number, u64* ns) const {
  if (number < 0 || number == kClockProcessCpu || number == kClockThreadCpu) {
    CpuClock of_cpu;
    return find(by, number, true, &of_cpu) && cpu_time(of_cpu, ns);
  }
  return clock_.read(number, ns);
}

}  // namespace tine::process
