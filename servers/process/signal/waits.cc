// Calls that wait for signals: pause, sigsuspend, sigtimedwait.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::sys_rt_sigtimedwait(const Call& call) {
  Task& task = call.task;
  const u64 info_at = call.argument(1);
  u64 set;
  Timespec timeout{};
  const i64 error =
      read_signal_set(call, call.argument(0), call.argument(3), &set);
  if (error != 0) return call.result(error);
  if (call.argument(2) != 0 &&
      user_.read(*task.mm, call.argument(2), timeout) != 0) {
    return call.result(-EFAULT);
  }
  if (!is_valid(timeout)) return call.result(-EINVAL);
  const i64 taken = signals_.take_waited(task, set, info_at);
  const bool is_poll = call.argument(2) != 0 && to_ns(timeout) == 0;
  if (taken != -EAGAIN || is_poll) return call.result(taken);
  if (call.argument(2) != 0) {
    waiting_.set_timeout(task, sys::clock_ns() + to_ns(timeout));
  }
  task.signal_wait = {set, info_at, false};
  return waiting_.withhold(call, Wait::kSignal);
}

Outcome ProcessServer::sys_pause(const Call& call) {
  return waiting_.withhold(call, Wait::kPause);
}

// The old mask comes back when a handler returns, or nothing more is to be done
// (deliver.cc).
void ProcessServer::begin_masked_wait(Task& task, u64 blocked) {
  task.saved_mask = task.inherited.blocked;
  task.has_saved_mask = true;
  signals_.set_blocked(task, blocked);
}

void ProcessServer::end_masked_wait(Task& task) {
  if (!task.has_saved_mask) return;
  task.has_saved_mask = false;
  signals_.set_blocked(task, task.saved_mask);
}

Outcome ProcessServer::sys_rt_sigsuspend(const Call& call) {
  Task& task = call.task;
  u64 set;
  const i64 error =
      read_signal_set(call, call.argument(0), call.argument(1), &set);
  if (error != 0) return call.result(error);
  begin_masked_wait(task, set);
  return waiting_.withhold(call, Wait::kPause);
}

}  // namespace tine::process
