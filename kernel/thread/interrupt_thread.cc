#include "kernel/thread/interrupt_thread.h"

#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/route.h"
#include "kernel/thread/scheduler.h"

namespace tine {
namespace {

// It is in no queue any more. What it gets for an answer is that of an event:
// its registers are as they were, whether it made a call or not.
void post_attention(Thread& thread, Endpoint& process) {
  thread.pending_reply = PendingReply::kEvent;
  for (u64& word : thread.event) word = 0;
  post(thread, process, kLabelAttention, 0);
}

void withdraw(Thread& thread) {
  thread.endpoint->senders.remove(thread);
  // Also of a call that a server has passed on: the whole of it is made again.
  if (thread.pending_reply == PendingReply::kCall) {
    hw::rewind_syscall(thread.frame);
  }
}

}  // namespace

InterruptResult interrupt_thread(Thread& thread, const Thread& asker) {
  Endpoint* process =
      thread.route != nullptr ? thread.route->process() : nullptr;
  switch (thread.state) {
    case ThreadState::kReplyWait:
      return thread.holder == &asker ? InterruptResult::kHeldByCaller
                                     : InterruptResult::kHeldByOther;
    case ThreadState::kReady:
      if (process == nullptr) return InterruptResult::kNotLive;
      remove_ready(thread);
      break;
    case ThreadState::kSending:
      if (process == nullptr) return InterruptResult::kNotLive;
      if (thread.endpoint == process) return InterruptResult::kOnItsWay;
      withdraw(thread);
      break;
    case ThreadState::kEmbryo:
    case ThreadState::kStopped:
    case ThreadState::kReceiving:
      return InterruptResult::kNotLive;
  }
  post_attention(thread, *process);
  return InterruptResult::kPosted;
}

}  // namespace tine
