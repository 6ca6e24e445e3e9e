// The signal of a timer that has run out: it lies in the timer.
#include "servers/process/timers/posix_timers.h"

namespace tine::process {

using namespace linux_abi;

// It has run out so many times since it told last.
void PosixTimers::tell(PosixTimer& timer, u64 times) {
  if (timer.notify == kNotifyNone) return;
  if (timer.is_queued) {
    timer.overrun += times;
    return;
  }
  timer.overrun = times - 1;
  queue_signal(timer);
}

// Its signal becomes pending, unless it is ignored.
void PosixTimers::queue_signal(PosixTimer& timer) {
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
  signals_.signal_is_pending(process, only, signal);
}

// Its signal is pending in the process or in one of its threads.
void PosixTimers::unqueue_signal(PosixTimer& timer) {
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
  signals_.show_pending(process);
}

}  // namespace tine::process
