#include "kernel/batch/operation.h"
#include "kernel/thread/scheduler.h"

namespace tine {
namespace {

Status prepare_reply(BatchCall& call, Step& step) {
  TINE_TRY(find_reply(call, step.op.a, step.thread));
  claim_reply(*step.thread);
  return Status::kOk;
}

void undo_reply(BatchCall&, Step& step) { unclaim_reply(*step.thread); }

// Behind the others of its priority: two programs that wake each other in turn
// must not keep a third from running.
void commit_reply(BatchCall&, Step& step, Op&) {
  const Op& op = step.op;
  const u64 words[kMessageWords] = {op.b, op.d, op.e, op.result};
  if (answer(*step.thread, words, op.c)) make_ready(*step.thread);
}

Status prepare_forward(BatchCall& call, Step& step) {
  if (step.op.c >= kLabelKernel) return Status::kInvalid;
  TINE_TRY(find_endpoint(call, step.op.b, kCallRight, step.endpoint));
  TINE_TRY(find_reply(call, step.op.a, step.thread));
  // A server's message is nowhere any more.
  if (step.thread->kind != ThreadKind::kManaged) return Status::kInvalid;
  claim_reply(*step.thread);
  return Status::kOk;
}

void commit_forward(BatchCall&, Step& step, Op&) {
  Thread& caller = *step.thread;
  unhold(caller);
  caller.event[0] = step.op.d;
  post(caller, *step.endpoint, static_cast<u16>(step.op.c), caller.send_badge);
}

}  // namespace

constinit const Operation kReplyOperation{prepare_reply, commit_reply,
                                          undo_reply};
constinit const Operation kForwardOperation{prepare_forward, commit_forward,
                                            undo_reply};

}  // namespace tine
