// From messages to handlers, and from what handlers left to do to the kernel.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/runtime/trace.h"

namespace tine::process {

struct ProcessServer::Dispatch {
  Handler handlers[linux_abi::kSyscallNumbers] = {};

  static constexpr Dispatch make() {
    Dispatch table;
    auto add = [&](linux_abi::Nr number, Handler handler) {
      if (static_cast<u32>(number) < linux_abi::kSyscallNumbers) {
        table.handlers[static_cast<u32>(number)] = handler;
      }
    };
#define X(name, handler, support, note) \
  add(linux_abi::Nr::k##name, &ProcessServer::sys_##handler);
    TINE_PROCESS_CALLS(X)
#undef X
    return table;
  }
  static const Dispatch table;
};
constinit const ProcessServer::Dispatch ProcessServer::Dispatch::table = make();

// Through the table. Out of line, so that what handlers need on the stack costs
// the short calls nothing.
[[gnu::noinline]] Outcome ProcessServer::system_call(Task& task,
                                                     const sys::Message& in) {
  const u64 number = in.words[7];
  if (number >= linux_abi::kSyscallNumbers ||
      Dispatch::table.handlers[number] == nullptr) {
    return answer_result(in.token, -linux_abi::ENOSYS);
  }
  user_.begin_call();
  Outcome outcome =
      (this->*Dispatch::table.handlers[number])(Call{task, in.words, in.token});
  board_.show_mask(task);
  if (user_.is_short()) [[unlikely]]
    retry_if_short(task, in.token, outcome);
  if (has_unfinished()) [[unlikely]]
    finish(in, outcome);
  return outcome;
}

// What failed for want of a frame is begun again when there are some: a program
// cannot see that its memory was not there.
void ProcessServer::retry_if_short(Task& task, u64 token, Outcome& outcome) {
  if (outcome.kind != Outcome::Kind::kResult) return;
  const i64 result = static_cast<i64>(outcome.message.words[0]);
  if (result == -linux_abi::EFAULT || result == -linux_abi::ENOMEM) {
    outcome = out_of_memory(task, token);
  }
}

// The answer that `asked` is, the value gone to the program's memory by itself:
// what is missing there is made. Words and target as Call::result_with() says.
Outcome ProcessServer::poke_now(const Outcome& asked) {
  const sys::Message& message = asked.message;
  Task& task = *tasks_.find_cookie(message.target);
  user_.begin_call();
  const i64 error = user_.write(*task.mm, message.words[1],
                                &message.words[kPeekWord], message.words[2]);
  Outcome outcome = answer_result(
      asked.token, error != 0 ? error : static_cast<i64>(message.words[0]));
  if (user_.is_short()) [[unlikely]]
    retry_if_short(task, asked.token, outcome);
  return outcome;
}

Outcome ProcessServer::poke_failed(const Outcome& asked) {
  sys::Message in{};
  in.token = asked.token;
  in.target = asked.message.target;
  in.tag = make_tag(kLabelSyscall);
  Outcome outcome = poke_now(asked);
  if (has_unfinished()) [[unlikely]]
    finish(in, outcome);
  return outcome;
}

Outcome ProcessServer::dispatch(const sys::Message& in) {
  const u16 label = tag_label(in.tag);
  if (label == kLabelException || label == kLabelRaised ||
      label == kLabelAttention) {
    Task* task = tasks_.find_cookie(in.target);
    if (task == nullptr || task->state != TaskState::kLive) return withhold();
    if (label == kLabelException) return exception(*task, in);
    if (label == kLabelRaised) return raised(*task, in);
    return deliver(*task, in.token, Ending::resume());
  }
  if (label == kLabelNotification) {
    if ((in.words[0] & kNewsTimer) != 0) expire_timers();
    if ((in.words[0] & kNewsSignals) != 0) take_terminal_signals();
    return withhold();
  }
  // No one below may call upwards (A12).
  return answer_words(in.token, -linux_abi::ENOSYS);
}

Outcome ProcessServer::handle(const sys::Message& in) {
  if (tag_label(in.tag) != kLabelSyscall) [[unlikely]]
    return event(in);
  Task* task = tasks_.find_cookie(in.target);
  if (task == nullptr) [[unlikely]]
    return answer_result(in.token, -linux_abi::ENOSYS);
  if (task->inherited.is_watched) [[unlikely]]
    return watched_call(*task, in);
  return direct_call(*task, in);
}

// Calls that only read a number are answered here: how long the shortest way
// through a server is shows in them.
[[gnu::always_inline]] inline Outcome ProcessServer::direct_call(
    Task& task, const sys::Message& in) {
  switch (static_cast<linux_abi::Nr>(in.words[7])) {
    case linux_abi::Nr::kGetpid:
      return answer_result(in.token, pids_.own_pid(task));
    case linux_abi::Nr::kGettid:
      return answer_result(in.token, pids_.own_tid(task));
    case linux_abi::Nr::kGetppid:
      return answer_result(in.token, pids_.own_parent(task));
    default:
      return system_call(task, in);
  }
}

// The same for a call that has been looked at before (watched_call.cc).
[[gnu::noinline]] Outcome ProcessServer::own_call(Task& task,
                                                  const sys::Message& in) {
  Outcome outcome = direct_call(task, in);
  if (outcome.kind == Outcome::Kind::kPoke) {
    outcome = poke_now(outcome);
    if (has_unfinished()) finish(in, outcome);
  }
  return outcome;
}

[[gnu::noinline]] Outcome ProcessServer::event(const sys::Message& in) {
  if (cloning_traced_ != nullptr) [[unlikely]]
    tell_of_traced_clone();
  Outcome outcome = dispatch(in);
  if (has_unfinished()) finish(in, outcome);
  if (sys::traces_calls) [[unlikely]]
    leave_answered(in, outcome);
  return outcome;
}

void ProcessServer::finish(const sys::Message& in, Outcome& outcome) {
  if (outcome.kind == Outcome::Kind::kCommit) return;  // a clone's
  if (outcome.kind == Outcome::Kind::kPoke) outcome = poke_now(outcome);
  settle(in, outcome);
  // One that ended, or was answered by another way, takes no answer.
  if (outcome.answers() && in.target >= kFirstUserBadge) {
    const Task* task = tasks_.find_cookie(in.target);
    if (task == nullptr || task->state != TaskState::kLive) {
      outcome = withhold();
    }
  }
  sys::Batch batch;
  deferred_.move_to(batch);
  commit_ = Commit::kDeferred;
  if (!outcome.answers()) {
    outcome.token = 0;
    outcome.message.tag = 0;  // withhold() leaves it as it was
  }
  outcome.kind = Outcome::Kind::kCommit;
}

Outcome ProcessServer::commit_failed(const sys::BatchResult& result) {
  if (commit_ == Commit::kClone) {
    // Out of kernel objects, or the space went with a memory server's death.
    static_cast<void>(result);
    return clone_failed();
  }
  // Nothing in such a batch needs memory, and all objects are this server's.
  sys::fail("process: the kernel refused a batch of an ended call");
}

// ---- calls that a part carries out by itself

Outcome ProcessServer::sys_futex(const Call& call) {
  return futexes_.call(call);
}

Outcome ProcessServer::sys_futex_waitv(const Call& call) {
  return futexes_.wait_for_any(call);
}

}  // namespace tine::process
