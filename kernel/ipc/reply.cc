#include "kernel/ipc/reply.h"

#include "kernel/abi/status.h"
#include "kernel/ipc/delivery.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/route.h"
#include "kernel/thread/scheduler.h"

namespace tine {
namespace {

// Hands the thread to its process server.
void raise(Thread& caller, const u64* words) {
  for (unsigned i = 0; i < 4; ++i) caller.event[i] = words[i];
  Endpoint* process = caller.route->process();
  if (process == nullptr) {
    caller.state = ThreadState::kStopped;
    return;
  }
  post(caller, *process, kLabelRaised, 0);
}

bool answer_otherwise(Thread& caller, const u64* words, u64 tag) {
  if (caller.kind == ThreadKind::kManaged) {
    const u8 flag = tag_flags(tag);
    if (flag == kReplyRaise) {
      raise(caller, words);
      return false;
    }
    // A fault or exception has neither result nor system call: it goes on.
    const bool call = caller.pending_reply == PendingReply::kCall;
    if (flag == kReplyRestart && call) hw::rewind_syscall(caller.frame);
    if (flag == kReplyYield) {
      if (call) hw::set_result(caller.frame, words[0]);
      make_ready(caller);
      return false;
    }
  }
  // Registers stay as they are; so do those of a faulted server that its
  // guardian lets go on.
  caller.state = ThreadState::kReady;
  return true;
}

}  // namespace

bool answer(Thread& caller, const u64* words, u64 tag) {
  unhold(caller);
  if (!is_plain_answer(caller, tag)) {
    return answer_otherwise(caller, words, tag);
  }
  caller.state = ThreadState::kReady;
  if (caller.kind == ThreadKind::kManaged) {
    hw::set_result(caller.frame, words[0]);
    return true;
  }
  MessageRegisters& to = caller.frame.message;
  for (unsigned i = 0; i < kMessageWords; ++i) to.words[i] = words[i];
  to.tag = tag & kTagMask;
  to.token = 0;
  return true;
}

// A look at all threads, since servers die seldom and messages are many: no
// list is kept of what a server holds.
void answer_all_died(Thread& server) {
  for (u32 i = 0; i < thread_table.slots(); ++i) {
    Thread* caller = thread_table.at(i);
    if (!caller->object.live || caller->holder != &server) continue;
    unhold(*caller);
    if (caller->kind == ThreadKind::kManaged ||
        caller->pending_reply == PendingReply::kEvent) {
      caller->state = ThreadState::kStopped;
      continue;
    }
    set_error(caller->frame.message, Status::kDied);
    make_ready(*caller);
  }
}

}  // namespace tine
