// What a process server does to threads that run programs: bringing them to
// itself, asking for their CPU time, and choosing who gets their calls.
#include "arch/hw/cpu.h"
#include "kernel/batch/operation.h"
#include "kernel/thread/cpu_time.h"
#include "kernel/thread/interrupt_thread.h"

namespace tine {
namespace {

// All work in whatever state the thread is when their turn comes, which an
// earlier operation of the batch may have changed.
Status prepare_managed(BatchCall& call, Step& step) {
  TINE_TRY(find(call, step.op.handle, ObjectType::kThread, step.thread));
  return step.thread->kind == ThreadKind::kManaged ? Status::kOk
                                                   : Status::kInvalid;
}

void commit_interrupt(BatchCall& call, Step& step, Op& user) {
  user.result = static_cast<u64>(interrupt_thread(*step.thread, call.self));
}

void commit_stat(BatchCall&, Step& step, Op& user) {
  report_cpu_time(*step.thread, user);
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

void report_cpu_time(const Thread& thread, Op& user) {
  charge_cpu_time(hw::this_cpu());
  user.a = thread.user_ns;
  user.b = thread.served_ns;
}

constinit const Operation kThreadInterruptOperation{prepare_managed,
                                                    commit_interrupt, nullptr};
constinit const Operation kThreadStatOperation{prepare_managed, commit_stat,
                                               nullptr};
constinit const Operation kThreadRouteOperation{prepare_route, commit_route,
                                                nullptr};

}  // namespace tine
