#include "kernel/batch/operation.h"
#include "kernel/thread/copy_thread.h"
#include "kernel/thread/kill_thread.h"
#include "kernel/thread/scheduler.h"
#include "kernel/trace.h"

namespace tine {
namespace {

// ---- new -------------------------------------------------------------------
// A server needs its handle table and a UTCB page that is there already.
Status make_server(BatchCall& call, const Op& op, Thread& thread) {
  TINE_TRY(find_optional_endpoint(call, op.d, thread.fault_endpoint));
  Status status = Status::kOk;
  thread.utcb = space_window(*thread.space, VirtAddr{kUtcbAddress},
                             Access::kWrite, status);
  if (thread.utcb == nullptr) return status;
  thread.handles = handle_table_create(*thread.pool);
  return thread.handles != nullptr ? Status::kOk : Status::kNoMemory;
}

Status make_managed(BatchCall& call, const Op& op, Thread& thread) {
  return find(call, op.d, ObjectType::kRoute, thread.route);
}

Status prepare_new(BatchCall& call, Step& step) {
  const Op& op = step.op;
  if (op.c > static_cast<u64>(ThreadKind::kServer)) return Status::kInvalid;
  TINE_TRY(find_pool(call, op.handle, step.pool));
  TINE_TRY(find_space(call, op.b, step.space));
  if (step.space->kind != SpaceKind::kLoadable) return Status::kInvalid;
  TINE_TRY(claim_slot(call, op.a, step));
  const auto kind = static_cast<ThreadKind>(op.c);
  Thread* thread = take_embryo(*step.pool, *step.space, kind);
  if (thread == nullptr) return Status::kNoMemory;
  thread->cookie = op.e;
  const Status status = kind == ThreadKind::kServer
                            ? make_server(call, op, *thread)
                            : make_managed(call, op, *thread);
  if (status != Status::kOk) {
    drop_embryo(*thread);
    return status;
  }
  clear_registers(*thread);
  step.thread = thread;
  step.slot->set(thread->object, kAllRights, 0);
  return Status::kOk;
}

void undo_new(BatchCall&, Step& step) {
  unclaim_slot(step);
  if (step.thread->handles != nullptr) {
    handle_table_destroy(*step.thread->handles);
  }
  drop_embryo(*step.thread);
}

void publish(const BatchCall& call, Thread& thread, u64 cookie) {
  // A server keeps the badge it was made with.
  if (thread.kind == ThreadKind::kManaged) thread.cookie = cookie;
  TINE_TRACE(kThreadPublished, call.self.index, thread.cookie);
  make_ready(thread);
}

// ---- clone -----------------------------------------------------------------
Status prepare_clone(BatchCall& call, Step& step) {
  const Op& op = step.op;
  Thread* source;
  TINE_TRY(find_reply(call, op.a, source));
  step.source = source;
  if (source->kind != ThreadKind::kManaged) return Status::kInvalid;
  TINE_TRY(find_space(call, op.c, step.space));
  if (step.space->kind != SpaceKind::kLoadable) return Status::kInvalid;
  TINE_TRY(claim_slot(call, op.b, step));
  Thread* child = take_embryo(*source->pool, *step.space, ThreadKind::kManaged);
  if (child == nullptr) return Status::kNoMemory;
  step.thread = child;
  step.slot->set(child->object, kAllRights, 0);
  return Status::kOk;
}

void commit_clone(BatchCall& call, Step& step, Op&) {
  const Op& op = step.op;
  TINE_TRACE(kThreadCloned, call.self.index, step.thread->index);
  copy_thread(*step.thread, *step.source, op.d, (op.flags & kCloneSetTls) != 0,
              op.e);
  if ((op.flags & kClonePublish) != 0) {
    publish(call, *step.thread, op.result);
  }
}

// ---- publish ---------------------------------------------------------------
Status prepare_publish(BatchCall& call, Step& step) {
  TINE_TRY(find(call, step.op.handle, ObjectType::kThread, step.thread));
  if (step.thread->state != ThreadState::kEmbryo) return Status::kBusy;
  step.thread->state = ThreadState::kStopped;
  return Status::kOk;
}

void commit_publish(BatchCall& call, Step& step, Op&) {
  publish(call, *step.thread, step.op.b);
}

void undo_publish(BatchCall&, Step& step) {
  step.thread->state = ThreadState::kEmbryo;
}

// ---- kill ------------------------------------------------------------------
Status prepare_kill(BatchCall& call, Step& step) {
  TINE_TRY(find(call, step.op.handle, ObjectType::kThread, step.thread));
  if (step.thread == &call.self) return Status::kInvalid;
  doom(step.thread->object);
  claim_reply(*step.thread);
  --step.thread->space->threads;
  return Status::kOk;
}

void commit_kill(BatchCall& call, Step& step, Op& user) {
  TINE_TRACE(kThreadKilled, call.self.index, step.thread->cookie);
  report_cpu_time(*step.thread, user);
  kill_thread(*step.thread);
}

void undo_kill(BatchCall&, Step& step) {
  undoom(step.thread->object);
  unclaim_reply(*step.thread);
  ++step.thread->space->threads;
}

// ---- priority --------------------------------------------------------------
Status prepare_priority(BatchCall& call, Step& step) {
  TINE_TRY(find(call, step.op.handle, ObjectType::kThread, step.thread));
  const bool server = step.thread->kind == ThreadKind::kServer;
  if (step.op.a >= kPriorities || (step.op.a >= kServerPriority) != server ||
      step.op.b > ~u32{0}) {
    return Status::kInvalid;
  }
  return Status::kOk;
}

void commit_priority(BatchCall& call, Step& step, Op&) {
  Thread& thread = *step.thread;
  const bool queued =
      thread.state == ThreadState::kReady && &thread != &call.self;
  if (queued) remove_ready(thread);
  thread.priority = static_cast<u8>(step.op.a);
  thread.slice_ns = static_cast<u32>(step.op.b);
  thread.slice_left_ns = 0;
  if (queued) make_ready(thread);
}

}  // namespace

constinit const Operation kThreadNewOperation{prepare_new, nullptr, undo_new};
constinit const Operation kThreadCloneOperation{prepare_clone, commit_clone,
                                                undo_new};
constinit const Operation kThreadPublishOperation{prepare_publish,
                                                  commit_publish, undo_publish};
constinit const Operation kThreadKillOperation{prepare_kill, commit_kill,
                                               undo_kill};
constinit const Operation kThreadPriorityOperation{prepare_priority,
                                                   commit_priority, nullptr};

}  // namespace tine
