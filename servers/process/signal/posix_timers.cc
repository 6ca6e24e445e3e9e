// timer_create and its kin.
//
// A timer has the place for its signal in it, so that running out needs no
// memory. While the signal is pending the timer only counts (overrun).
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

}  // namespace

namespace {

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
  if (!is_default && read_user(*task.mm, call.argument(1), event) != 0) {
    return call.result(-EFAULT);
  }
  CpuClock cpu{};
  if (is_clock_of_cpu(clock)) {
    if (!find_cpu_clock(task, clock, false, &cpu)) return call.result(-EINVAL);
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
    const Task* target = find(task, event.thread);
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
  PosixTimer* timer = posix_timers_.make();
  if (timer == nullptr) return call.result(-EAGAIN);
  timer->id = process.next_timer_id;
  if (is_default) event.value = static_cast<u64>(timer->id);
  if (write_user(*task.mm, call.argument(2), timer->id) != 0) {
    posix_timers_.free(timer);
    return call.result(-EFAULT);
  }
  ++process.next_timer_id;
  timer->clock = clock;
  timer->is_of_cpu = is_clock_of_cpu(clock);
  timer->cpu = cpu;
  timer->process = &process;
  timer->notify = event.notify;
  timer->thread = to_thread ? pid_of_number(task, event.thread).value : 0;
  timer->timer.kind = Timer::Kind::kPosix;
  timer->timer.posix = timer;
  timer->queued.timer = timer;
  timer->queued.info = {
      .signal = event.signal, .code = kSiTimer, .pid = timer->id};
  timer->queued.info.set_value(event.value);
  timer->next = process.posix_timers;
  process.posix_timers = timer;
  return call.result(0);
}

void ProcessServer::free_posix_timer(PosixTimer& timer) {
  Process& process = *timer.process;
  stop_timer(timer.timer);
  if (timer.is_queued) unqueue_posix_timer(timer);
  PosixTimer** at = &process.posix_timers;
  while (*at != &timer) at = &(*at)->next;
  *at = timer.next;
  posix_timers_.free(&timer);
}

// Its signal is pending in the process or in one of its threads.
void ProcessServer::unqueue_posix_timer(PosixTimer& timer) {
  Process& process = *timer.process;
  const auto drop_from = [&](PendingSignals& pending) {
    bool is_here = false;
    bool has_more = false;
    for (QueuedSignal* at = pending.first; at != nullptr; at = at->next) {
      if (at == &timer.queued) {
        is_here = true;
      } else if (at->info.signal == timer.queued.info.signal) {
        has_more = true;
      }
    }
    if (!is_here) return;
    pending.unlink(timer.queued);
    if (!has_more) pending.set &= ~signal_bit(timer.queued.info.signal);
  };
  drop_from(process.pending);
  for_each_thread(process, [&](Task& task) { drop_from(task.pending); });
  timer.is_queued = false;
}

void ProcessServer::free_posix_timers(Process& process) {
  while (process.posix_timers != nullptr) {
    free_posix_timer(*process.posix_timers);
  }
}

void ProcessServer::expire_posix_timer(PosixTimer& timer, u64 deadline_ns) {
  if (timer.is_of_cpu) {
    look_at_cpu_timer(timer);
    return;
  }
  u64 times = 1;
  if (const u64 interval = timer.interval_ns; interval != 0) {
    const u64 now = sys::clock_ns();
    u64 next = deadline_ns + interval;
    if (next <= now) {
      const u64 missed = (now - next) / interval + 1;
      next += missed * interval;
      times += missed;
    }
    start_timer(timer.timer, next);
  }
  tell_posix_timer(timer, times);
}

// It has run out so many times since it told last.
void ProcessServer::tell_posix_timer(PosixTimer& timer, u64 times) {
  if (timer.notify == kNotifyNone) return;
  if (timer.is_queued) {
    timer.overrun += times;
    return;
  }
  timer.overrun = times - 1;
  queue_posix_timer(timer);
}

// Its signal becomes pending, unless it is ignored.
void ProcessServer::queue_posix_timer(PosixTimer& timer) {
  Process& process = *timer.process;
  const i32 signal = timer.queued.info.signal;
  Task* only = nullptr;
  if (timer.thread != 0) {
    only = tasks_.find(Pid{timer.thread});
    if (only == nullptr || only->process != &process ||
        only->state != TaskState::kLive) {
      return;
    }
  }
  const Task& main = only != nullptr ? *only : *process.leader;
  if ((main.inherited.blocked & signal_bit(signal)) == 0 &&
      is_ignored(process, signal)) {
    return;
  }
  PendingSignals& pending = only != nullptr ? only->pending : process.pending;
  if (signal < kFirstRealTime && pending.has(signal)) {
    ++timer.overrun;
    return;
  }
  pending.append(timer.queued);
  timer.is_queued = true;
  pending.set |= signal_bit(signal);
  signal_is_pending(process, only, signal);
}

Outcome ProcessServer::sys_timer_settime(const Call& call) {
  Task& task = call.task;
  PosixTimer* timer = find_posix_timer(*task.process, call.int_argument(0));
  Itimerspec wanted;
  if (call.argument(2) == 0) return call.result(-EINVAL);
  if (read_user(*task.mm, call.argument(2), wanted) != 0) {
    return call.result(-EFAULT);
  }
  if (!is_valid(wanted.value) || !is_valid(wanted.interval) ||
      timer == nullptr) {
    return call.result(-EINVAL);
  }
  u64 cpu_now = 0;
  if (timer->is_of_cpu && !cpu_time(timer->cpu, &cpu_now)) {
    return call.result(-ESRCH);
  }
  const Itimerspec old = time_left(*timer);
  stop_timer(timer->timer);
  if (timer->is_queued) unqueue_posix_timer(*timer);
  timer->overrun = 0;
  timer->last_overrun = 0;
  timer->cpu_deadline_ns = 0;
  timer->interval_ns = to_ns(wanted.interval);
  if (u64 at = to_ns(wanted.value); at != 0) {
    if (timer->is_of_cpu) {
      if ((call.int_argument(1) & kTimerAbstime) == 0) at += cpu_now;
      set_cpu_timer(*timer, at);
      if (call.argument(3) == 0) return call.result(0);
      return call.result(write_user(*task.mm, call.argument(3), old));
    }
    if ((call.int_argument(1) & kTimerAbstime) == 0) {
      at += sys::clock_ns();
    } else if (timer->clock == kClockRealtime || timer->clock == kClockTai) {
      at = clock_.monotonic_at(at);
    }
    start_timer(timer->timer, at);
  }
  if (call.argument(3) == 0) return call.result(0);
  return call.result(write_user(*task.mm, call.argument(3), old));
}

Itimerspec ProcessServer::time_left(const PosixTimer& timer) {
  u64 deadline = timer.timer.deadline_ns;
  u64 now = sys::clock_ns();
  if (timer.is_of_cpu) {
    deadline = timer.cpu_deadline_ns;
    if (deadline != 0 && !cpu_time(timer.cpu, &now)) deadline = 0;
  }
  u64 left = 0;
  if (deadline != 0) left = deadline > now ? deadline - now : 1;
  return {to_timespec(timer.interval_ns), to_timespec(left)};
}

Outcome ProcessServer::sys_timer_gettime(const Call& call) {
  const PosixTimer* timer =
      find_posix_timer(*call.task.process, call.int_argument(0));
  if (timer == nullptr) return call.result(-EINVAL);
  return call.result(
      write_user(*call.task.mm, call.argument(1), time_left(*timer)));
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
  free_posix_timer(*timer);
  return call.result(0);
}

}  // namespace tine::process
