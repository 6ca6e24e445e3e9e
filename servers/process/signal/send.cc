// Sending: who gets a signal, and what it does before anybody takes it.
#include "servers/linux_abi/errno.h"
#include "servers/process/signal/signals.h"

namespace tine::process {

using namespace linux_abi;

bool is_ignored(const Process& process, i32 signal) {
  const u64 handler = process.handlers().of(signal).handler;
  return handler == kHandlerIgnore ||
         (handler == kHandlerDefault &&
          (kIgnoredByDefault & signal_bit(signal)) != 0);
}

bool Signals::drops(const Process& process, const Task* only, i32 signal,
                    bool insists) const {
  const Task& main = only != nullptr ? *only : *process.leader;
  // Its tracer hears of all but SIGKILL.
  if (main.trace != nullptr && signal != kSigKill) return false;
  // What process 1 does not handle does not reach it (SIGNAL_UNKILLABLE).
  if (process.is_unkillable &&
      process.handlers().of(signal).handler == kHandlerDefault) {
    const bool comes_through = insists && !process.is_init() &&
                               (signal_bit(signal) & kUnblockable) != 0;
    if (!comes_through) return true;
  }
  // A blocked signal is kept even if ignored: the action may change, and it may
  // be waited for.
  return (main.inherited.blocked & signal_bit(signal)) == 0 &&
         is_ignored(process, signal);
}

namespace {

// Signals that some thread of it waits for are taken at once, and it need not
// be one that leaves them unblocked.
Task* waiter_for(Process& process, Task* only, i32 signal) {
  Task* found = nullptr;
  for_each_thread(process, [&](Task& task) {
    if (found == nullptr && task.wait == Wait::kSignal && !task.is_doomed &&
        (only == nullptr || only == &task) &&
        (task.signal_wait.set & signal_bit(signal)) != 0) {
      found = &task;
    }
  });
  return found;
}

// Of the threads that do not block it the first: as in Linux the main thread,
// if it can.
Task* taker_of(Process& process, Task* only, i32 signal) {
  Task* found = nullptr;
  for_each_thread(process, [&](Task& task) {
    if (found == nullptr && task.state == TaskState::kLive && !task.is_doomed &&
        (only == nullptr || only == &task) &&
        (task.inherited.blocked & signal_bit(signal)) == 0) {
      found = &task;
    }
  });
  return found;
}

}  // namespace

void Signals::signal_is_pending(Process& process, Task* only, i32 signal) {
  board_.show_pending(only != nullptr ? *only : *process.leader);
  const bool ends = process.stop_state == StopState::kRunning &&
                    is_fatal(process, signal) && !process.is_unkillable;
  Task* const waiter = waiter_for(process, only, signal);
  // Only a blocked signal that ends the process can be waited for.
  if (waiter != nullptr &&
      (!ends || waiter->trace != nullptr ||
       (waiter->inherited.blocked & signal_bit(signal)) != 0)) {
    const auto [set, to, is_read] = waiter->signal_wait;
    waiting_.wake(*waiter, is_read ? take_read(*waiter, set, to)
                                   : take_waited(*waiter, set, to));
    return;
  }
  if (has_descriptors_) [[unlikely]]
    deferred_.add(OpCode::kNotify, kNotifyVfs, kNewsPending);
  Task* taker = taker_of(process, only, signal);
  if (taker == nullptr) return;
  if (signal == kSigKill) {
    targets_.kill_process(process);
    return;
  }
  if (ends && taker->trace == nullptr) {
    targets_.end_process(process, status_of_signal(signal));
    return;
  }
  // Nobody in a stopped process acts on another signal before SIGCONT, unless
  // its tracer has let it go on.
  if (process.stop_state == StopState::kRunning ||
      (taker->trace != nullptr && taker->trace->runs_stopped)) {
    waiting_.notice(*taker);
  }
}

i64 Signals::send(Process& process, Task* only, const SigInfo& info,
                  bool is_forced) {
  const i32 signal = info.signal;
  if (signal == 0 || process.is_exiting || process.is_zombie()) return 0;
  if (only != nullptr && only->state != TaskState::kLive) return 0;
  const u64 bit = signal_bit(signal);
  if ((bit & kStopsByDefault) != 0) {
    discard_pending(process, signal_bit(kSigCont));
  } else if (signal == kSigCont) {
    discard_pending(process, kStopsByDefault);
    tell_seized(process);
    continue_process(process);
  }
  if (drops(process, only, signal, is_forced || info.code == kSiKernel)) {
    return 0;
  }
  PendingSignals& pending = only != nullptr ? only->pending : process.pending;
  if (signal < kFirstRealTime && pending.has(signal)) return 0;
  // SIGKILL needs no memory, and tells nothing.
  if (signal != kSigKill) {
    // A standard signal that the kernel or kill() sends has no limit.
    const bool is_limited = signal >= kFirstRealTime || info.code < 0;
    const u64 limit =
        is_limited ? process.limits[kLimitPending].soft : kUnlimited;
    const Task& owner = only != nullptr ? *only : *process.leader;
    QueuedSignal* queued = store_.make(info, owner.credentials().uid, limit);
    if (queued != nullptr) {
      pending.append(*queued);
    } else if (signal >= kFirstRealTime && info.code != kSiUser) {
      return -EAGAIN;
    }
  }
  pending.set |= bit;
  signal_is_pending(process, only, signal);
  return 0;
}

// Whoever has seized a thread hears of SIGCONT even if nothing was stopped
// (ptrace_trap_notify).
void Signals::tell_seized(Process& process) {
  for_each_thread(process, [&](Task& task) {
    if (task.trace == nullptr || !task.trace->is_seized) [[likely]]
      return;
    task.trace->stop_is_due = true;
    waiting_.notice(task);
  });
}

void Signals::send_signal(Process& process, i32 signal) {
  (void)send(process, nullptr, {.signal = signal, .code = kSiKernel});
}

void Signals::send_signal(Task& task, i32 signal) {
  (void)send(*task.process, &task, {.signal = signal, .code = kSiKernel});
}

void Signals::discard_pending(Process& process, u64 signals) {
  store_.discard(process.pending, signals);
  for_each_thread(process,
                  [&](Task& task) { store_.discard(task.pending, signals); });
  show_pending(process);
}

void Signals::show_pending(const Process& process) {
  for_each_thread(process,
                  [&](const Task& task) { board_.show_pending(task); });
}

void Signals::set_blocked(Task& task, u64 blocked) {
  const u64 added = blocked & ~task.inherited.blocked;
  task.inherited.blocked = blocked & ~kUnblockable;
  board_.show_mask(task);
  if (has_work(task)) waiting_.notice(task);
  Process& process = *task.process;
  if ((process.pending.set & added) != 0) retarget(process, added);
}

void Signals::retarget(Process& process, u64 signals) {
  for (u64 left = process.pending.set & signals; left != 0; left &= left - 1) {
    Task* taker = taker_of(process, nullptr, __builtin_ctzll(left) + 1);
    if (taker != nullptr) waiting_.notice(*taker);
  }
}

i32 Signals::take(Task& task, u64 set, SigInfo& info) {
  i32 signal = store_.take(task.pending, set, info);
  if (signal == 0) signal = store_.take(task.process->pending, set, info);
  if (signal != 0) board_.show_pending(task);
  return signal;
}

i64 Signals::take_waited(Task& task, u64 set, u64 to) {
  SigInfo info;
  const i32 signal = take(task, set, info);
  if (signal == 0) return -EAGAIN;
  if (to != 0 && user_.write(*task.mm, to, info) != 0) return -EFAULT;
  return signal;
}

i32 Signals::take(Task& task, SigInfo& info) {
  return take(task, ~task.inherited.blocked, info);
}

}  // namespace tine::process
