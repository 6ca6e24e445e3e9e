// What a process server does to threads that run programs: bringing them to
// itself, and choosing who gets their calls.
#include "kernel/batch/operation.h"
#include "kernel/thread/interrupt_thread.h"

namespace tine {
namespace {

// Both work in whatever state the thread is when their turn comes, which an
// earlier operation of the batch may have changed.
Status prepare_interrupt(BatchCall& call, Step& step) {
  TINE_TRY(find(call, step.op.handle, ObjectType::kThread, step.thread));
  return step.thread->kind == ThreadKind::kManaged ? Status::kOk
                                                   : Status::kInvalid;
}

void commit_interrupt(BatchCall& call, Step& step, Op& user) {
  user.result = static_cast<u64>(interrupt_thread(*step.thread, call.self));
}

Status prepare_route(BatchCall& call, Step& step) {
  TINE_TRY(find_thread(call, step.op.handle, step.op.a, step.thread));
  if (step.thread->kind != ThreadKind::kManaged) return Status::kInvalid;
  return find(call, step.op.b, ObjectType::kRoute, step.route);
}

void commit_route(BatchCall&, Step& step, Op&) {
  step.thread->route = step.route;
}

}  // namespace

constinit const Operation kThreadInterruptOperation{prepare_interrupt,
                                                    commit_interrupt, nullptr};
constinit const Operation kThreadRouteOperation{prepare_route, commit_route,
                                                nullptr};

}  // namespace tine
