// Signals: actions, masks, pending sets, and what happens by default.
//
// Nothing calls a handler: a signal that has one stays pending, and so does one
// that would stop the process. All other default actions hold. A frame on the
// user's stack would be made in act_on_pending().
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

bool ProcessServer::is_ignored(const Process& process, i32 signal) const {
  const u64 handler = process.handlers().of(signal).handler;
  return handler == kHandlerIgnore ||
         (handler == kHandlerDefault &&
          (kIgnoredByDefault & signal_bit(signal)) != 0);
}

// To the process as a whole: any of its threads may take it.
void ProcessServer::send_signal(Process& process, i32 signal) {
  Task* main = process.leader;
  if (main->state != TaskState::kLive) main = live_thread(process);
  if (main == nullptr) return;
  send_signal(*main, signal, process.pending);
}

// To one thread.
void ProcessServer::send_signal(Task& task, i32 signal) {
  send_signal(task, signal, task.pending);
}

void ProcessServer::send_signal(Task& task, i32 signal, u64& pending) {
  if (task.state != TaskState::kLive || signal == 0) return;
  Process& process = *task.process;
  const u64 bit = signal_bit(signal);
  u64 discarded = 0;
  if (signal == kSigCont) discarded = kStopsByDefault;
  if ((bit & kStopsByDefault) != 0) discarded = signal_bit(kSigCont);
  if (discarded != 0) discard_pending(process, discarded);
  // Nothing that process 1 does not handle can reach it (SIGNAL_UNKILLABLE).
  if (process.is_init() &&
      process.handlers()->of(signal).handler == kHandlerDefault) {
    return;
  }
  // A blocked signal is kept even if ignored: the action may change.
  if ((task.inherited.blocked & bit) == 0 && is_ignored(process, signal)) {
    return;
  }
  pending |= bit;
  const bool is_shared = &pending == &process.pending;
  for_each_thread(process, [&](Task& thread) {
    if (thread.state != TaskState::kLive || (pending & bit) == 0 ||
        (&thread != &task && !is_shared)) {
      return;
    }
    if (thread.wait == Wait::kSignal && (thread.signal_wait.set & bit) != 0) {
      pending &= ~bit;
      const SigInfo info{.signal = signal};
      const u64 to = thread.signal_wait.info;
      const bool stored = to == 0 || write_user(*thread.mm, to, info) == 0;
      wake(thread, stored ? signal : -EFAULT);
    } else {
      act_on_pending(thread);
    }
  });
}

void ProcessServer::discard_pending(Process& process, u64 signals) {
  process.pending &= ~signals;
  for_each_thread(process, [&](Task& task) { task.pending &= ~signals; });
}

void ProcessServer::act_on_pending(Task& task) {
  Process& process = *task.process;
  u64 open = (task.pending | process.pending) & ~task.inherited.blocked;
  if (open == 0) [[likely]]
    return;
  if ((open & signal_bit(kSigKill)) != 0) {
    end_process(process, status_of_signal(kSigKill));
    return;
  }
  for (; open != 0; open &= open - 1) {
    const i32 signal = __builtin_ctzll(open) + 1;
    const u64 bit = signal_bit(signal);
    if (is_ignored(process, signal)) {
      task.pending &= ~bit;
      process.pending &= ~bit;
    } else if (process.handlers()->of(signal).handler == kHandlerDefault &&
               (bit & kStopsByDefault) == 0) {
      end_process(process, status_of_signal(signal));
      return;
    }
  }
}

// A table that no other process sees, but those that share it truly. Null: no
// memory.
Handlers* ProcessServer::own_handlers(Process& process) {
  Handlers*& current = process.handlers();
  if (current->holders == 1) return current;
  Handlers* own = handlers_.make(*current);
  if (own == nullptr) return nullptr;
  own->holders = 1;
  --current->holders;
  current = own;
  return own;
}

i64 ProcessServer::check_signal_set(u64 bytes) const {
  return bytes == sizeof(u64) ? 0 : -EINVAL;
}

Outcome ProcessServer::sys_rt_sigaction(const Call& call) {
  Task& task = call.task;
  const i32 signal = call.int_argument(0);
  const u64 from = call.argument(1);
  const u64 to = call.argument(2);
  if (check_signal_set(call.argument(3)) != 0) return call.result(-EINVAL);
  SigAction action;
  if (from != 0 && read_user(*task.mm, from, action) != 0) {
    return call.result(-EFAULT);
  }
  if (signal < 1 || signal > kSignals ||
      (from != 0 && (kUnblockable & signal_bit(signal)) != 0)) {
    return call.result(-EINVAL);
  }
  Process& process = *task.process;
  const SigAction old = process.handlers()->of(signal);
  if (from != 0) {
    constexpr u64 kKnownFlags = kSaNoCldStop | kSaNoCldWait | kSaSigInfo |
                                kSaExposeTagBits | kSaRestorer | kSaOnStack |
                                kSaRestart | kSaNoDefer | kSaResetHand;
    Handlers* handlers = own_handlers(process);
    if (handlers == nullptr) return call.result(-ENOMEM);
    action.flags &= kKnownFlags;
    action.mask &= ~kUnblockable;
    handlers->actions[signal - 1] = action;
    if (action.handler > kHandlerIgnore) {
      handlers->custom |= signal_bit(signal);
    } else {
      handlers->custom &= ~signal_bit(signal);
    }
    // POSIX: to ignore a signal discards what is pending, blocked or not.
    board_.show_actions(process);
    if (is_ignored(process, signal)) {
      discard_pending(process, signal_bit(signal));
    }
    act_on_pending(task);
  }
  if (to != 0 && write_user(*task.mm, to, old) != 0) {
    return call.result(-EFAULT);
  }
  return call.result(0);
}

Outcome ProcessServer::sys_rt_sigprocmask(const Call& call) {
  Task& task = call.task;
  const u64 from = call.argument(1);
  const u64 to = call.argument(2);
  if (check_signal_set(call.argument(3)) != 0) return call.result(-EINVAL);
  const u64 old = task.inherited.blocked;
  if (from != 0) {
    u64 set;
    if (read_user(*task.mm, from, set) != 0) return call.result(-EFAULT);
    set &= ~kUnblockable;
    switch (call.int_argument(0)) {
      case kSigBlock:
        task.inherited.blocked |= set;
        break;
      case kSigUnblock:
        task.inherited.blocked &= ~set;
        break;
      case kSigSetMask:
        task.inherited.blocked = set;
        break;
      default:
        return call.result(-EINVAL);
    }
    act_on_pending(task);
  }
  if (to != 0 && write_user(*task.mm, to, old) != 0) {
    return call.result(-EFAULT);
  }
  return call.result(0);
}

Outcome ProcessServer::sys_rt_sigpending(const Call& call) {
  if (call.argument(1) > sizeof(u64)) return call.result(-EINVAL);
  const u64 set = (call.task.pending | call.task.process->pending) &
                  call.task.inherited.blocked;
  return call.result(
      write_user(*call.task.mm, call.argument(0), &set, call.argument(1)));
}

Outcome ProcessServer::sys_sigaltstack(const Call& call) {
  SigAltStack& current = call.task.inherited.alt_stack;
  const SigAltStack old = current;
  if (const u64 from = call.argument(0); from != 0) {
    SigAltStack wanted;
    if (read_user(*call.task.mm, from, wanted) != 0) {
      return call.result(-EFAULT);
    }
    const i32 mode = wanted.flags & ~kSsAutoDisarm;
    if (mode != 0 && mode != kSsOnStack && mode != kSsDisable) {
      return call.result(-EINVAL);
    }
    if (mode == kSsDisable) {
      wanted.address = wanted.bytes = 0;
    } else if (wanted.bytes < kMinAltStackBytes) {
      return call.result(-ENOMEM);
    }
    current = {wanted.address, wanted.flags, 0, wanted.bytes};
  }
  if (const u64 to = call.argument(1); to != 0) {
    return call.result(write_user(*call.task.mm, to, old));
  }
  return call.result(0);
}

Outcome ProcessServer::sys_rt_sigtimedwait(const Call& call) {
  Task& task = call.task;
  const u64 info_at = call.argument(1);
  u64 set;
  Timespec timeout{};
  if (check_signal_set(call.argument(3)) != 0) return call.result(-EINVAL);
  if (read_user(*task.mm, call.argument(0), set) != 0 ||
      (call.argument(2) != 0 &&
       read_user(*task.mm, call.argument(2), timeout) != 0)) {
    return call.result(-EFAULT);
  }
  if (!is_valid(timeout)) return call.result(-EINVAL);
  set &= ~kUnblockable;
  if (const u64 ready = (task.pending | task.process->pending) & set;
      ready != 0) {
    const i32 signal = __builtin_ctzll(ready) + 1;
    u64& from = (task.pending & signal_bit(signal)) != 0
                    ? task.pending
                    : task.process->pending;
    from &= ~signal_bit(signal);
    if (info_at != 0 &&
        write_user(*task.mm, info_at, SigInfo{.signal = signal}) != 0) {
      return call.result(-EFAULT);
    }
    return call.result(signal);
  }
  if (call.argument(2) != 0) {
    if (to_ns(timeout) == 0) return call.result(-EAGAIN);
    set_timer(task, sys::clock_ns() + to_ns(timeout));
  }
  task.signal_wait = {set, info_at};
  return withhold_for(call, Wait::kSignal);
}

Outcome ProcessServer::sys_pause(const Call& call) {
  return withhold_for(call, Wait::kPause);
}

}  // namespace tine::process
