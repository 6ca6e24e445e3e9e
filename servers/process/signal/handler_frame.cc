// Makes a thread run a handler: its registers go onto the stack, and others
// take their place (setup_rt_frame of Linux).
#include "arch/hw/trap_frame.h"
#include "arch/hw/user_state.h"
#include "servers/linux_abi/arch/machine.h"
#include "servers/linux_abi/arch/signal_frame.h"
#include "servers/linux_abi/arch/user_registers.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/signal/held_registers.h"

namespace tine::process {

using namespace linux_abi;

// on_sig_stack()
bool is_on_stack(const SigAltStack& stack, u64 sp) {
  return (stack.flags & kSsAutoDisarm) == 0 && sp > stack.address &&
         sp - stack.address <= stack.bytes;
}

// The frame for `action`, below the thread's stack pointer or at the top of its
// alternate stack. False: it cannot be there.
bool ProcessServer::push_frame(Task& task, const SigAction& action,
                               const SigInfo& info) {
  Utcb& block = sys::utcb();
  hw::TrapFrame& registers = frame_of(block);
  const SigAltStack& stack = task.inherited.alt_stack;
  const u64 sp = registers.sp - kRedZoneBytes;
  const bool was_on = is_on_stack(stack, registers.sp);
  const bool enters = (action.flags & kSaOnStack) != 0 && stack.bytes != 0 &&
                      !is_on_stack(stack, sp);
  SignalFrame frame;
  frame.place(enters ? stack.address + stack.bytes : sp);
  // Whoever overflows an alternate stack does not get to write below it.
  if ((was_on || enters) && (frame.lowest() <= stack.address ||
                             frame.lowest() - stack.address > stack.bytes)) {
    return false;
  }
  const FrameRequest request{
      .signal = info.signal,
      .action = action,
      .info = info,
      .mask = task.has_saved_mask ? task.saved_mask : task.inherited.blocked,
      .stack = stack,
      .fault_address = task.fault_address};
  if (!fill_frame(frame, request, registers, state_of(block))) return false;
  const auto write = [&](u64 to, const void* from, u64 bytes) {
    return to < kUserAddressEnd && bytes <= kUserAddressEnd - to &&
           write_frame(task, to, from, bytes);
  };
  if (!frame.for_each_part(write)) return false;
  enter_handler(frame, request, registers);
  return true;
}

// A frame for which there is no memory is not the program's fault: somebody
// ends for it.
bool ProcessServer::write_frame(Task& task, u64 to, const void* from,
                                u64 bytes) {
  for (;;) {
    user_.begin_call();
    if (user_.write(*task.mm, to, from, bytes) == 0) return true;
    if (!user_.is_short()) return false;
    make_room(task);
    if (task.is_doomed) return false;
    end_doomed();
    deferred_.flush();
  }
}

// Without a stack for the frame the program gets SIGSEGV, and if that has no
// handler that can run either it ends. `ending` becomes kResume: the registers
// are complete.
void ProcessServer::run_handler(Task& task, u64 token, Ending& ending,
                                i32 signal, const SigInfo& info) {
  Process& process = *task.process;
  const SigAction action = process.handlers()->of(signal);
  if (ending.kind == Ending::Kind::kWaiting) {
    ending = Ending::result(interrupt_wait(task));
  }
  if (!move_registers(token, RegistersAction::kGet)) {
    end_process(process, status_of_signal(signal));
    return;
  }
  if (task.trace != nullptr && task.trace->is_stepping) [[unlikely]] {
    set_single_step(frame_of(sys::utcb()), state_of(sys::utcb()), false);
  }
  end_for_handler(frame_of(sys::utcb()), ending, action);
  task.restart.owner = 0;
  ending = Ending::resume();
  if (!push_frame(task, action, info)) {
    (void)move_registers(token, RegistersAction::kSet);
    if (!task.is_doomed) {
      force_signal(task, token, ending, {.signal = kSigSegv, .code = kSiKernel},
                   signal == kSigSegv);
    }
    return;
  }
  (void)move_registers(token, RegistersAction::kSet);
  if ((action.flags & kSaResetHand) != 0) {
    if (Handlers* own = actions_.own(process); own != nullptr) {
      own->actions[signal - 1].handler = kHandlerDefault;
      own->custom &= ~signal_bit(signal);
      board_.show_action(process, signal);
    }
  }
  SigAltStack& stack = task.inherited.alt_stack;
  if ((stack.flags & kSsAutoDisarm) != 0) stack = {0, kSsDisable, 0, 0};
  task.has_saved_mask = false;
  u64 blocked = task.inherited.blocked | action.mask;
  if ((action.flags & kSaNoDefer) == 0) blocked |= signal_bit(signal);
  signals_.set_blocked(task, blocked);
}

// force_sig(): blocking or ignoring does not help, and to `ends` nothing does.
void ProcessServer::force_signal(Task& task, u64 token, Ending& ending,
                                 const SigInfo& info, bool ends) {
  Process& process = *task.process;
  const i32 signal = info.signal;
  if (ends || process.handlers()->of(signal).handler <= kHandlerIgnore ||
      (task.inherited.blocked & signal_bit(signal)) != 0) {
    end_process(process, status_of_signal(signal));
    return;
  }
  run_handler(task, token, ending, signal, info);
}

Outcome ProcessServer::sys_rt_sigreturn(const Call& call) {
  Task& task = call.task;
  Ending ending = Ending::resume();
  FrameReturn back;
  const auto read = [&](u64 from, void* to, u64 bytes) {
    return from < kUserAddressEnd && bytes <= kUserAddressEnd - from &&
           user_.read(*task.mm, from, to, bytes) == 0;
  };
  Utcb& block = sys::utcb();
  if (!move_registers(call.token, RegistersAction::kGet)) {
    return call.result(-EINVAL);
  }
  const bool is_good =
      restore_frame(read, frame_of(block), state_of(block), back);
  const u64 sp = frame_of(block).sp;
  if (!move_registers(call.token, RegistersAction::kSet)) {
    return call.result(-EINVAL);
  }
  // A bad stack in the frame is not an error.
  if (is_good) (void)change_alt_stack(task, back.stack, sp);
  if (back.has_mask) signals_.set_blocked(task, back.mask);
  if (!is_good) {
    SigInfo info{.signal = kSigSegv, .code = back.code};
    info.set_address(back.address);
    force_signal(task, call.token, ending, info, false);
  }
  return answer_resume(call.token);
}

}  // namespace tine::process
