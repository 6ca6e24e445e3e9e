// Calls that wait: how they are kept, run again, interrupted and dropped.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/protocol/raise.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

static_assert(kRestartSys == -ERESTARTSYS);
static_assert(kRestartNoHandler == -ERESTARTNOHAND);
static_assert(kRestartRest == -ERESTART_RESTARTBLOCK);

i64 VfsServer::wait_on(Call& call, WaitQueue& queue) {
  if (wakeups_.add(call.task, queue)) return kWithheld;
  wakeups_.leave(call.task);
  return -ENOMEM;
}

i64 VfsServer::wait_for(Call& call, u32 fd, OpenFile& file, bool writes) {
  WaitQueue* queue = file.operations->wait_queue(file, writes);
  if (queue == nullptr) return -EAGAIN;
  pin(call, fd, file);
  return wait_on(call, *queue);
}

void VfsServer::pin(Call& call, u32 fd, OpenFile& file) {
  if (call.pinned != nullptr) return;
  store_.ref(&file);
  call.pinned = &file;
  call.pinned_fd = fd;
}

void VfsServer::unpin(Call& call) {
  if (call.pinned == nullptr) return;
  store_.unref(call.pinned);
  call.pinned = nullptr;
}

void VfsServer::keep(const Call& call) {
  Waiting& wait = call.task.wait;
  wait.token = call.token;
  wait.badge = call.badge;
  for (unsigned i = 0; i < 6; ++i) wait.arguments[i] = call.arguments[i];
  wait.number = call.number;
  wait.answer_to = call.answer_to;
  wait.progress = call.progress;
  wait.deadline = call.deadline;
  wait.if_interrupted = call.if_interrupted;
  wait.pinned = call.pinned;
  wait.pinned_fd = call.pinned_fd;
  wakeups_.set_timer(call.task, call.deadline);
}

Answer VfsServer::carry_out(Call& call) {
  i64 result = dispatch(call, call.number);
  if (result == kWithheld) {
    keep(call);
    return {};
  }
  call.task.wait.token = 0;
  unpin(call);
  // The process server makes room, and the call is made again.
  if (result == -EFAULT && call.user.is_short_of_memory()) [[unlikely]] {
    return {true, kSigKill, 0, 0, call.user.is_gone()};
  }
  return answer_of(call, result);
}

Answer VfsServer::answer_of(const Call& call, i64 result) {
  const u64 value = static_cast<u64>(result);
  Answer answer{true, 0, value, 0, call.user.is_gone()};
  if (call.handed_on != 0) {
    answer = {true,          call.handed_on, call.words[0],
              call.words[2], false,          call.words[1]};
  } else if (call.raises != 0) {
    answer = {true, static_cast<u64>(call.raises), 0, value, false};
  } else if (result <= -ERESTARTSYS && result >= -ERESTART_RESTARTBLOCK) {
    // Signals are on their way to the caller: the process server goes on.
    answer = {true, kRaiseInterrupted, value, 0, false};
  } else if (call.answer_to == AnswerTo::kProcessServer) {
    answer = {true, kRaiseCallDone, value, 0, false};
  }
  return answer;
}

// Of a call that is not the one being handled. That its token is stale by now
// concerns nobody: a dead thread awaits nothing.
bool VfsServer::answer_withheld(u64 token, const Answer& answer) {
  if (answer.is_gone) return false;
  Op op{OpCode::kReply, kNoHandle, token, answer.first,
        make_tag(0, kReplyResult)};
  if (answer.raise != 0) {
    op.b = answer.raise;
    op.c = make_tag(0, kReplyRaise);
    op.d = answer.first;
    op.e = answer.second;
    op.result = answer.result;
  }
  return sys::run(op).status == Status::kOk;
}

void VfsServer::run_woken() {
  // A bound on what one message makes others wait for; the rest is done when
  // the messages that came meanwhile have been.
  constexpr u32 kMostAtOnce = 16;
  for (u32 i = 0; wakeups_.has_next(); ++i) {
    if (i == kMostAtOnce) {
      (void)sys::run({OpCode::kNotify, kSelfNotification, kNewsWoken});
      return;
    }
    run_again(*wakeups_.next());
  }
}

void VfsServer::run_again(Task& task) {
  const Waiting& wait = task.wait;
  if (wait.token == 0) return;
  u64 arguments[6];
  for (unsigned i = 0; i < 6; ++i) arguments[i] = wait.arguments[i];
  Call call{task,           UserMemory(wait.token, wait.badge),
            arguments,      wait.token,
            wait.badge,     wait.number,
            wait.answer_to, true,
            wait.progress,  wait.deadline,
            false,          wait.if_interrupted,
            wait.pinned,    wait.pinned_fd};
  task.wait.pinned = nullptr;
  const Answer answer = carry_out(call);
  if (answer.is_there) (void)answer_withheld(call.token, answer);
}

Outcome VfsServer::interrupt(const sys::Message& in) {
  Task* task = tasks_.find(in.words[0]);
  if (task == nullptr || task->wait.token == 0) {
    return answer_words(in.token, -ESRCH);
  }
  const u64 token = task->wait.token;
  const u64 progress = task->wait.progress;
  const i64 result =
      progress != 0 ? static_cast<i64>(progress) : task->wait.if_interrupted;
  task->wait.restart_deadline = task->wait.deadline;
  put_remaining_of(*task);
  forget(*task);
  const bool raised = answer_withheld(
      token, {true, kRaiseInterrupted, static_cast<u64>(result)});
  return answer_words(in.token, raised ? 0 : -ESRCH);
}

void VfsServer::forget(Task& task) {
  if (task.wait.token == 0) return;
  task.wait.token = 0;
  wakeups_.leave(task);
  OpenFile* pinned = task.wait.pinned;
  task.wait.pinned = nullptr;
  if (pinned != nullptr) store_.unref(pinned);
}

}  // namespace tine::vfs
