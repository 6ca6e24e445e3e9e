// Registers, breakpoints and space of threads that stand still: exec, signals,
// tracers, new servers.
#include "kernel/batch/operation.h"
#include "kernel/thread/breakpoints.h"
#include "kernel/thread/switch.h"

namespace tine {
namespace {

// Its frame holds user registers that nothing else will change: not a running
// thread's, nor one's that is queued with a message in them.
bool stands_still(const Thread& thread) {
  return thread.state == ThreadState::kEmbryo ||
         thread.state == ThreadState::kStopped ||
         thread.state == ThreadState::kReplyWait;
}

Utcb& utcb_of(BatchCall& call) {
  return *reinterpret_cast<Utcb*>(call.self.utcb);
}

Status prepare_registers(BatchCall& call, Step& step) {
  const Op& op = step.op;
  if (op.b > static_cast<u64>(RegistersAction::kSet)) return Status::kInvalid;
  TINE_TRY(find_thread(call, op.handle, op.a, step.thread));
  return stands_still(*step.thread) ? Status::kOk : Status::kBusy;
}

void commit_registers(BatchCall& call, Step& step, Op&) {
  Thread& thread = *step.thread;
  Utcb& utcb = utcb_of(call);
  if (static_cast<RegistersAction>(step.op.b) == RegistersAction::kGet) {
    auto& frame = reinterpret_cast<hw::TrapFrame&>(utcb.registers);
    copy_whole(frame, thread.frame);
    hw::hide_comes_back(frame);
    copy_user_state(reinterpret_cast<hw::UserState&>(utcb.user_state), thread);
    return;
  }
  forget_user_state(thread);
  copy_whole(thread.frame, reinterpret_cast<hw::TrapFrame&>(utcb.registers));
  copy_whole(thread.user_state,
             reinterpret_cast<hw::UserState&>(utcb.user_state));
  hw::sanitize(thread.frame);
  hw::sanitize(thread.user_state);
  if (has_breakpoints(thread)) hw::set_comes_back(thread.frame);
}

Status prepare_breakpoints(BatchCall& call, Step& step) {
  TINE_TRY(prepare_registers(call, step));
  if (step.thread->kind != ThreadKind::kManaged) return Status::kInvalid;
  const auto action = static_cast<RegistersAction>(step.op.b);
  // There is nothing to undo: a record stays with its slot, and says nothing
  // yet.
  return action == RegistersAction::kGet || claim_breakpoints(*step.thread)
             ? Status::kOk
             : Status::kNoMemory;
}

void commit_breakpoints(BatchCall& call, Step& step, Op&) {
  auto& moved = reinterpret_cast<hw::DebugRegisters&>(utcb_of(call).user_state);
  if (static_cast<RegistersAction>(step.op.b) == RegistersAction::kGet) {
    get_breakpoints(moved, *step.thread);
  } else {
    set_breakpoints(*step.thread, moved);
  }
}

Status prepare_space(BatchCall& call, Step& step) {
  const Op& op = step.op;
  TINE_TRY(find_thread(call, op.handle, op.a, step.thread));
  if (!stands_still(*step.thread)) return Status::kBusy;
  // A server's UTCB lies in its space.
  if (step.thread->kind != ThreadKind::kManaged) return Status::kInvalid;
  TINE_TRY(find_space(call, op.b, step.space));
  if (step.space->kind != SpaceKind::kLoadable) return Status::kInvalid;
  step.old_space = step.thread->space;
  --step.old_space->threads;
  ++step.space->threads;
  step.thread->space = step.space;
  return Status::kOk;
}

void commit_space(BatchCall&, Step& step, Op&) {
  drop_breakpoints(*step.thread);
}

void undo_space(BatchCall&, Step& step) {
  step.thread->space = step.old_space;
  --step.space->threads;
  ++step.old_space->threads;
}

}  // namespace

constinit const Operation kThreadRegistersOperation{prepare_registers,
                                                    commit_registers, nullptr};
constinit const Operation kThreadBreakpointsOperation{
    prepare_breakpoints, commit_breakpoints, nullptr};
constinit const Operation kThreadSpaceOperation{prepare_space, commit_space,
                                                undo_space};

}  // namespace tine
