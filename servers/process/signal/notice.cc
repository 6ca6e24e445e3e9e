// Threads that something has happened to: which are to be answered, and which
// are brought here to take a signal or to stop.
//
// There is one CPU for programs and servers run to completion above all of
// them. So while this runs no program does, and a thread that is not held here
// is ready, or held by the vfs server, which is between two messages.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/protocol/vfs.h"
#include "servers/runtime/trace.h"

namespace tine::process {

using namespace linux_abi;

// All that handlers have set off, until nothing more follows from it.
void ProcessServer::settle(const sys::Message& in, Outcome& outcome) {
  for (;;) {
    end_doomed();
    Task* task = waiting_.take_noticed();
    if (task == nullptr) return;
    if (task->state != TaskState::kLive || task->is_doomed) continue;
    if (outcome.answers() && in.target == task->cookie()) {
      settle_caller(*task, in, outcome);
    } else {
      settle_other(*task);
    }
  }
}

// The one whose message is being handled, which `outcome` answers.
void ProcessServer::settle_caller(Task& task, const sys::Message& in,
                                  Outcome& outcome) {
  const u64 token = outcome.token;
  switch (tag_flags(outcome.message.tag)) {
    case kReplyResult:
    case kReplyYield:
      outcome =
          deliver(task, token,
                  Ending::result(static_cast<i64>(outcome.message.words[0])));
      return;
    case kReplyResume:
      outcome = deliver(task, token, Ending::resume());
      return;
    case kReplyRestart:
      // Of a fault, to make it again is to go on.
      outcome = deliver(task, token,
                        tag_label(in.tag) == kLabelSyscall ? Ending::restart()
                                                           : Ending::resume());
      return;
    default:
      return;  // handed to another server: noticed again when it comes back
  }
}

void ProcessServer::settle_other(Task& task) {
  if (task.has_ending) {
    task.has_ending = false;
    const u64 token = task.token;
    task.token = 0;
    const Outcome outcome = deliver(task, token, task.ending);
    if (sys::traces_calls && outcome.answers()) [[unlikely]]
      leave_call(task);
    answer_later(outcome);
    return;
  }
  // Only a signal that kills ends the wait for a vfork child.
  if (task.wait == Wait::kVfork) return;
  if (task.wait != Wait::kNone) {
    const u64 token = task.token;
    answer_later(deliver(task, token, Ending::waiting()));
    return;
  }
  // One that makes its call again comes by itself.
  const bool comes = task.trace != nullptr && task.trace->is_reentering;
  if (has_work(task) && !comes) bring_here(task);
}

void ProcessServer::answer_later(const Outcome& outcome) {
  if (!outcome.answers()) return;
  deferred_.add(OpCode::kReply, kNoHandle, outcome.token,
                outcome.message.words[0], outcome.message.tag);
}

void ProcessServer::bring_here(Task& task) {
  u64 result = 0;
  const sys::BatchResult done =
      sys::run({OpCode::kThreadInterrupt, thread_handle(task)}, &result);
  if (done.status != Status::kOk ||
      static_cast<InterruptResult>(result) != InterruptResult::kHeldByOther) {
    // It is on its way, or has been answered in this same batch of news.
    return;
  }
  // What the vfs server has withheld it raises, and it comes here with what the
  // call came to. The memory server withholds nothing for long.
  (void)sys::call(kCallVfs,
                  sys::make_message(VfsLabel::kInterrupt, task.cookie()));
}

// The thread, held by `token`, stands still with its process.
void ProcessServer::park(Task& task, u64 token, Ending ending) {
  // These two waits do not survive a stop (signal(7)).
  if (ending.kind == Ending::Kind::kWaiting &&
      (task.wait == Wait::kSignal || task.wait == Wait::kSemaphore)) {
    ending = Ending::result(interrupt_wait(task));
  }
  if (ending.kind != Ending::Kind::kWaiting) {
    task.token = token;
    task.ending = ending;
    task.has_ending = true;
  }
  Process& process = *task.process;
  board_.show_state(task, 'T');
  if (!task.is_parked) {
    task.is_parked = true;
    ++process.parked_threads;
  }
  signals_.check_stopped(process);
}

// The result of a call whose wait here a handler ends.
i64 ProcessServer::interrupt_wait(Task& task) {
  const Wait wait = task.wait;
  const u64 deadline = task.timer.deadline_ns;
  waiting_.stop(task);
  task.token = 0;
  switch (wait) {
    case Wait::kChild:
    case Wait::kFutexVector:
      return -ERESTARTSYS;
    case Wait::kFutex:
      if (deadline == 0) return -ERESTARTSYS;
      keep_for_restart(task, wait, deadline);
      return -ERESTART_RESTARTBLOCK;
    case Wait::kFutexPi:
      // Its first half is over: the program makes another call.
      return task.futex.was_requeued ? -EAGAIN : -ERESTARTNOINTR;
    case Wait::kFutexRequeue:
      return -ERESTARTNOINTR;
    case Wait::kSleep:
    case Wait::kCpuSleep:
      if (task.sleep.is_absolute) return -ERESTARTNOHAND;
      keep_for_restart(task, wait, deadline);
      return tell_rest_of_sleep(task, wait);
    case Wait::kPause:
      return -ERESTARTNOHAND;
    case Wait::kSignal:
      return task.signal_wait.is_read ? -ERESTARTSYS : -EINTR;
    case Wait::kSemaphore:
      return -EINTR;
    case Wait::kSendMessage:
    case Wait::kReceiveMessage:
      return -ERESTARTNOHAND;
    case Wait::kVfork:
    case Wait::kFiles:
    case Wait::kNone:
      break;
  }
  return -EINTR;
}

i64 ProcessServer::tell_rest_of_sleep(Task& task, Wait wait) {
  const SleepWait& sleep = task.sleep;
  if (sleep.rest == 0) return -ERESTART_RESTARTBLOCK;
  u64 now = sys::clock_ns();
  if (wait == Wait::kCpuSleep) (void)clocks_.cpu_time(sleep.clock, &now);
  const Timespec rest =
      to_timespec(sleep.deadline_ns > now ? sleep.deadline_ns - now : 0);
  return user_.write(*task.mm, sleep.rest, rest) == 0 ? -ERESTART_RESTARTBLOCK
                                                      : -EFAULT;
}

}  // namespace tine::process
