// What a program says about its signals: actions, masks, alternate stacks.
#include "arch/hw/trap_frame.h"
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/signal/held_registers.h"

namespace tine::process {

using namespace linux_abi;

namespace {

i64 check_signal_set(u64 bytes) { return bytes == sizeof(u64) ? 0 : -EINVAL; }

}  // namespace

i64 ProcessServer::read_signal_set(const Call& call, u64 from, u64 bytes,
                                   u64* set) {
  if (check_signal_set(bytes) != 0) return -EINVAL;
  if (user_.read(*call.task.mm, from, *set) != 0) return -EFAULT;
  *set &= ~kUnblockable;
  return 0;
}

Outcome ProcessServer::sys_rt_sigaction(const Call& call) {
  Task& task = call.task;
  const i32 signal = call.int_argument(0);
  const u64 from = call.argument(1);
  const u64 to = call.argument(2);
  if (check_signal_set(call.argument(3)) != 0) return call.result(-EINVAL);
  SigAction action;
  if (from != 0 && user_.read(*task.mm, from, action) != 0) {
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
    Handlers* handlers = actions_.own(process);
    if (handlers == nullptr) return call.result(-ENOMEM);
    action.flags &= kKnownFlags;
    action.mask &= ~kUnblockable;
    handlers->actions[signal - 1] = action;
    if (action.handler != old.handler) {
      if (action.handler > kHandlerIgnore) {
        handlers->custom |= signal_bit(signal);
      } else {
        handlers->custom &= ~signal_bit(signal);
      }
      board_.show_action(process, signal);
    }
    // POSIX: to ignore a signal discards what is pending, blocked or not.
    if (is_ignored(process, signal)) {
      signals_.discard_pending(process, signal_bit(signal));
    }
  }
  return to == 0 ? call.result(0) : call.result_with(to, old);
}

Outcome ProcessServer::sys_rt_sigprocmask(const Call& call) {
  Task& task = call.task;
  const u64 from = call.argument(1);
  const u64 to = call.argument(2);
  if (check_signal_set(call.argument(3)) != 0) return call.result(-EINVAL);
  const u64 old = task.inherited.blocked;
  if (from != 0) {
    u64 set;
    const i64 error = read_signal_set(call, from, sizeof(set), &set);
    if (error != 0) return call.result(error);
    switch (call.int_argument(0)) {
      case kSigBlock:
        signals_.set_blocked(task, old | set);
        break;
      case kSigUnblock:
        signals_.set_blocked(task, old & ~set);
        break;
      case kSigSetMask:
        signals_.set_blocked(task, set);
        break;
      default:
        return call.result(-EINVAL);
    }
  }
  return to == 0 ? call.result(0) : call.result_with(to, old);
}

Outcome ProcessServer::sys_rt_sigpending(const Call& call) {
  const Task& task = call.task;
  if (call.argument(1) > sizeof(u64)) return call.result(-EINVAL);
  const u64 set =
      (task.pending.set | task.process->pending.set) & task.inherited.blocked;
  return call.result(
      user_.write(*task.mm, call.argument(0), &set, call.argument(1)));
}

// do_sigaltstack() by a thread whose stack pointer is `sp`.
i64 ProcessServer::change_alt_stack(Task& task, const SigAltStack& wanted,
                                    u64 sp) {
  SigAltStack& current = task.inherited.alt_stack;
  if (is_on_stack(current, sp)) return -EPERM;
  const i32 mode = wanted.flags & ~kSsAutoDisarm;
  if (mode != 0 && mode != kSsOnStack && mode != kSsDisable) return -EINVAL;
  if (mode == kSsDisable) {
    current = {0, wanted.flags, 0, 0};
    return 0;
  }
  if (wanted.bytes < kMinAltStackBytes) return -ENOMEM;
  current = {wanted.address, wanted.flags, 0, wanted.bytes};
  return 0;
}

Outcome ProcessServer::sys_sigaltstack(const Call& call) {
  Task& task = call.task;
  const SigAltStack& current = task.inherited.alt_stack;
  SigAltStack old = current;
  u64 sp = 0;
  // Without a stack it does not matter where the thread is.
  if (current.bytes != 0) {
    if (!move_registers(call.token, RegistersAction::kGet)) {
      return call.result(-EINVAL);
    }
    sp = reinterpret_cast<hw::TrapFrame*>(sys::utcb().registers)->sp;
  }
  old.flags &= kSsAutoDisarm;
  if (current.bytes == 0) {
    old.flags |= kSsDisable;
  } else if (is_on_stack(current, sp)) {
    old.flags |= kSsOnStack;
  }
  if (const u64 from = call.argument(0); from != 0) {
    SigAltStack wanted;
    if (user_.read(*task.mm, from, wanted) != 0) return call.result(-EFAULT);
    const i64 error = change_alt_stack(task, wanted, sp);
    if (error != 0) return call.result(error);
  }
  const u64 to = call.argument(1);
  return to == 0 ? call.result(0) : call.result_with(to, old);
}

}  // namespace tine::process
