// timer_create and its kin.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

bool is_clock_of_timers(i32 clock) {
  return clock == kClockRealtime || clock == kClockMonotonic ||
         clock == kClockBoottime || clock == kClockTai;
}

bool is_clock_of_cpu(i32 clock) {
  return (clock < 0 && !is_clock_of_descriptor(clock)) ||
         clock == kClockProcessCpu || clock == kClockThreadCpu;
}

PosixTimer* find_posix_timer(Process& process, i32 id) {
  PosixTimer* timer = process.posix_timers;
  while (timer != nullptr && timer->id != id) timer = timer->next;
  return timer;
}

}  // namespace

Outcome ProcessServer::sys_timer_create(const Call& call) {
  Task& task = call.task;
  Process& process = *task.process;
  const i32 clock = call.int_argument(0);
  SigEvent event{.signal = kSigAlrm, .notify = kNotifySignal};
  const bool is_default = call.argument(1) == 0;
  if (!is_default && user_.read(*task.mm, call.argument(1), event) != 0) {
    return call.result(-EFAULT);
  }
  CpuClock cpu{};
  if (is_clock_of_cpu(clock)) {
    if (!clocks_.find(task, clock, false, &cpu)) return call.result(-EINVAL);
  } else if (!is_clock_of_timers(clock)) {
    u64 ns;
    const bool is_known =
        is_clock_of_descriptor(clock) || clock == kClockRealtimeAlarm ||
        clock == kClockBoottimeAlarm || clock_.read(clock, &ns);
    return call.result(is_known ? -EOPNOTSUPP : -EINVAL);
  }
  const bool to_thread = event.notify == (kNotifySignal | kNotifyThread) ||
                         event.notify == kNotifyThread;
  if (to_thread) {
    const Task* target = pids_.find(task, event.thread);
    if (target == nullptr || target->process != &process) {
      return call.result(-EINVAL);
    }
  } else if (event.notify != kNotifySignal && event.notify != kNotifyNone &&
             event.notify != kNotifyByThread) {
    return call.result(-EINVAL);
  }
  if (event.notify != kNotifyNone &&
      (event.signal < 1 || event.signal > kSignals)) {
    return call.result(-EINVAL);
  }
  PosixTimer* timer = posix_timers_.make(task);
  if (timer == nullptr) return call.result(-EAGAIN);
  if (is_default) event.value = static_cast<u64>(timer->id);
  if (user_.write(*task.mm, call.argument(2), timer->id) != 0) {
    posix_timers_.free(*timer);
    --process.next_timer_id;
    return call.result(-EFAULT);
  }
  timer->clock = clock;
  timer->is_of_cpu = is_clock_of_cpu(clock);
  timer->cpu = cpu;
  timer->notify = event.notify;
  timer->thread = to_thread ? pids_.pid_of_number(task, event.thread).value : 0;
  timer->queued.info = {
      .signal = event.signal, .code = kSiTimer, .pid = timer->id};
  timer->queued.info.set_value(event.value);
  return call.result(0);
}

Outcome ProcessServer::sys_timer_settime(const Call& call) {
  Task& task = call.task;
  PosixTimer* timer = find_posix_timer(*task.process, call.int_argument(0));
  Itimerspec wanted;
  if (call.argument(2) == 0) return call.result(-EINVAL);
  if (user_.read(*task.mm, call.argument(2), wanted) != 0) {
    return call.result(-EFAULT);
  }
  if (!is_valid(wanted.value) || !is_valid(wanted.interval) ||
      timer == nullptr) {
    return call.result(-EINVAL);
  }
  const Itimerspec old = posix_timers_.time_left(*timer);
  const bool is_absolute = (call.int_argument(1) & kTimerAbstime) != 0;
  if (!posix_timers_.set(*timer, wanted, is_absolute)) {
    return call.result(-ESRCH);
  }
  if (call.argument(3) == 0) return call.result(0);
  return call.result_with(call.argument(3), old);
}

Outcome ProcessServer::sys_timer_gettime(const Call& call) {
  const PosixTimer* timer =
      find_posix_timer(*call.task.process, call.int_argument(0));
  if (timer == nullptr) return call.result(-EINVAL);
  return call.result_with(call.argument(1), posix_timers_.time_left(*timer));
}

Outcome ProcessServer::sys_timer_getoverrun(const Call& call) {
  const PosixTimer* timer =
      find_posix_timer(*call.task.process, call.int_argument(0));
  return call.result(timer == nullptr ? -EINVAL : timer->last_overrun);
}

Outcome ProcessServer::sys_timer_delete(const Call& call) {
  PosixTimer* timer =
      find_posix_timer(*call.task.process, call.int_argument(0));
  if (timer == nullptr) return call.result(-EINVAL);
  posix_timers_.free(*timer);
  return call.result(0);
}

}  // namespace tine::process
