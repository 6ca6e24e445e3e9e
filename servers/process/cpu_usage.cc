// CPU time of threads and processes, as the kernel counts it: getrusage, times
// and the CPU clocks.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

CpuUsage ProcessServer::cpu_usage(const Task& task) const {
  if (task.state != TaskState::kLive) return {};
  sys::Batch batch;
  const Op& stat = batch.add(OpCode::kThreadStat, thread_handle(task));
  if (batch.run().status != Status::kOk) return {};
  board_.show_times(task, stat.a, stat.b);
  return {stat.a, stat.b};
}

CpuUsage ProcessServer::cpu_usage(const Process& process) const {
  CpuUsage sum = process.past_cpu;
  for_each_thread(process, [&](const Task& task) { sum.add(cpu_usage(task)); });
  return sum;
}

void ProcessServer::write_usage(const MemoryUsage& usage, const CpuUsage& cpu,
                                Rusage& to) const {
  to.user = to_timeval(cpu.user_ns);
  to.system = to_timeval(cpu.system_ns);
  to.max_rss = static_cast<i64>(usage.most_pages * (kPageSize / 1024));
  to.minor_faults = static_cast<i64>(usage.faults);
}

// A CPU clock of `by` or, by its negative number, of another: the complement of
// the pid above three bits, of which the lowest two say which time, and the
// third that it is a thread's (pid_for_clock). False: there is none.
bool ProcessServer::find_cpu_clock(const Task& by, i32 number, bool is_read,
                                   CpuClock* clock) {
  enum Which : i32 { kAll = 0, kUser = 1, kScheduled = 2, kDescriptor = 3 };
  constexpr i32 kThread = 4;
  i32 which = kScheduled;
  const Task* task = &by;
  bool is_thread = number == kClockThreadCpu;
  if (number < 0) {
    which = number & 3;
    is_thread = (number & kThread) != 0;
    const i32 pid = ~(number >> 3);
    if (pid != 0) task = find(by, pid);
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
bool ProcessServer::cpu_time(const CpuClock& clock, u64* ns) {
  const Task* task = clock.thread != 0 ? tasks_.find_cookie(clock.thread)
                                       : tasks_.find(clock.pid);
  if (task == nullptr || task->process != clock.whom) return false;
  const CpuUsage usage =
      clock.thread != 0 ? cpu_usage(*task) : cpu_usage(*task->process);
  *ns = clock.is_user ? usage.user_ns : usage.user_ns + usage.system_ns;
  return true;
}

bool ProcessServer::read_clock(const Task& by, i32 clock, u64* ns) {
  if (clock < 0 || clock == kClockProcessCpu || clock == kClockThreadCpu) {
    CpuClock of_cpu;
    return find_cpu_clock(by, clock, true, &of_cpu) && cpu_time(of_cpu, ns);
  }
  return clock_.read(clock, ns);
}

Outcome ProcessServer::sys_getrusage(const Call& call) {
  const i32 who = call.int_argument(0);
  const Process& process = *call.task.process;
  Rusage usage{};
  switch (who) {
    case kRusageChildren:
      write_usage(process.children_usage, process.children_cpu, usage);
      break;
    case kRusageSelf:
      measure(call.task);
      write_usage(process.usage, cpu_usage(process), usage);
      break;
    case kRusageThread:
      measure(call.task);
      write_usage(process.usage, cpu_usage(call.task), usage);
      break;
    default:
      return call.result(-EINVAL);
  }
  return call.result(write_user(*call.task.mm, call.argument(1), usage));
}

Outcome ProcessServer::sys_times(const Call& call) {
  constexpr u64 kNsPerTick = u64{kNsPerSecond} / u64{kClockTicks};
  if (call.argument(0) != 0) {
    const auto ticks = [](u64 ns) { return static_cast<i64>(ns / kNsPerTick); };
    const Process& process = *call.task.process;
    const CpuUsage own = cpu_usage(process);
    const Tms times{ticks(own.user_ns), ticks(own.system_ns),
                    ticks(process.children_cpu.user_ns),
                    ticks(process.children_cpu.system_ns)};
    if (write_user(*call.task.mm, call.argument(0), times) != 0) {
      return call.result(-EFAULT);
    }
  }
  return call.result(static_cast<i64>(sys::clock_ns() / kNsPerTick));
}

}  // namespace tine::process
