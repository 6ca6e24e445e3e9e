#include "servers/vfs/console_reader.h"

#include "servers/linux_abi/errno.h"
#include "servers/protocol/console.h"

namespace tine::vfs {

using namespace linux_abi;

i64 ConsoleReader::fill() {
  if (begin_ != end_) return 1;
  sys::Message answer = sys::call(
      kCallConsole, sys::make_message(ConsoleLabel::kRead,
                                      reinterpret_cast<u64>(input_), kRoom));
  i64 got = sys::result_of(answer, -EIO);
  if (got <= 0) return got;
  begin_ = 0;
  end_ = static_cast<u64>(got);
  return 1;
}

i64 ConsoleReader::read(UserMemory& user, u64 address, u64 bytes) {
  i64 state = fill();
  if (state <= 0) return state;
  u64 count = end_ - begin_ < bytes ? end_ - begin_ : bytes;
  // What a reader did not take stays for the next.
  u64 done = user.out(address, input_ + begin_, count);
  begin_ += done;
  return done == 0 ? -EFAULT : static_cast<i64>(done);
}

void ConsoleReader::wait(Task& task, const ConsoleWait& wait) {
  task.wait = wait;
  task.next_waiter = nullptr;
  (last_ == nullptr ? first_ : last_->next_waiter) = &task;
  last_ = &task;
}

void ConsoleReader::forget(Task& task) {
  if (task.wait.token == 0) return;
  task.wait.token = 0;
  Task* before = nullptr;
  for (Task* t = first_; t != nullptr; before = t, t = t->next_waiter) {
    if (t != &task) continue;
    (before == nullptr ? first_ : before->next_waiter) = t->next_waiter;
    if (last_ == t) last_ = before;
    return;
  }
}

void ConsoleReader::wake() {
  while (first_ != nullptr) {
    Task& task = *first_;
    UserMemory user(task.wait.token, task.wait.badge);
    i64 result = read(user, task.wait.address, task.wait.bytes);
    if (result == -EAGAIN) return;
    u64 token = task.wait.token;
    forget(task);
    // A token that became stale meanwhile: nobody waits for the answer.
    if (!user.is_gone()) {
      (void)sys::run({OpCode::kReply, kNoHandle, token,
                      static_cast<u64>(result), make_tag(0, kReplyResult)});
    }
  }
}

}  // namespace tine::vfs
