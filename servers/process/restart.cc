// Timed waits that end before their time without a handler, as when a tracer
// stops the thread: it makes another call, restart_syscall, which waits for the
// rest of the time. Made again the first would wait for all of it.
#include "arch/hw/trap_frame.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/process/signal/held_registers.h"
#include "servers/protocol/forward.h"

namespace tine::process {

using namespace linux_abi;

void ProcessServer::keep_for_restart(Task& task, Wait wait, u64 deadline_ns) {
  Restart& restart = task.restart;
  restart.owner = task.cookie();
  restart.wait = wait;
  restart.deadline_ns = deadline_ns;
  if (wait == Wait::kFutex) {
    restart.futex = task.futex;
  } else {
    restart.sleep = task.sleep;
  }
}

// A call that another server withheld has nothing kept here.
Outcome ProcessServer::restart_wait(const Task& task, u64 token) {
  if (task.restart.owner == task.cookie() &&
      move_registers(token, RegistersAction::kGet)) {
    auto& frame = *reinterpret_cast<hw::TrapFrame*>(sys::utcb().registers);
    hw::rewind_syscall(frame);
    hw::set_syscall_number(frame, static_cast<u32>(Nr::kRestartSyscall));
    if (move_registers(token, RegistersAction::kSet)) {
      return answer_resume(token);
    }
  }
  return Outcome(token, make_tag(0, kReplyRestart));
}

Outcome ProcessServer::sys_restart_syscall(const Call& call) {
  Task& task = call.task;
  if (task.restart.owner != task.cookie()) return call.result(-EINTR);
  task.restart.owner = 0;
  if (task.restart.wait == Wait::kFiles) {
    return forward_to_vfs(call, kForwardedRestart);
  }
  if (task.restart.wait == Wait::kFutex) {
    return futexes_.begin_wait(call, task.restart.futex,
                               task.restart.deadline_ns);
  }
  return begin_sleep(call, task.restart.wait, task.restart.sleep);
}

}  // namespace tine::process
