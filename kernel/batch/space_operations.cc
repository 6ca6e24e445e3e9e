#include "kernel/batch/operation.h"
#include "kernel/object/objects.h"
#include "kernel/trace.h"

namespace tine {
namespace {

// A new space has its tables by the end of the first pass: taking them is what
// can fail. Undoing it queues them for teardown.
void release_space(Space& space) {
  space_destroy(space);
  space_slab.release(space);
}

void undo_new(BatchCall&, Step& step) {
  unclaim_slot(step);
  release_space(*step.space);
}

void publish_new(Step& step) {
  step.space->threads = 0;
  step.slot->set(step.space->object, kAllRights, step.op.b);
}

Status prepare_new(BatchCall& call, Step& step) {
  if (step.op.c > static_cast<u64>(SpaceKind::kObject)) return Status::kInvalid;
  Pool* pool;
  TINE_TRY(find_pool(call, step.op.handle, pool));
  TINE_TRY(claim_slot(call, step.op.a, step));
  step.space = space_slab.take(*pool);
  if (step.space == nullptr) return Status::kNoMemory;
  if (Status status = space_create(
          *step.space, *pool, static_cast<SpaceKind>(step.op.c), step.op.b);
      status != Status::kOk) {
    space_slab.release(*step.space);
    return status;
  }
  publish_new(step);
  return Status::kOk;
}

Status prepare_fork(BatchCall& call, Step& step) {
  if (step.op.d > static_cast<u64>(ForkMode::kEager)) return Status::kInvalid;
  Space* source;
  Pool* pool;
  TINE_TRY(find_space(call, step.op.handle, source));
  // The caller's own memory is wired: freezing it would make the kernel's
  // pointers into it, and the server itself, fault.
  if (source == call.self.space) return Status::kInvalid;
  TINE_TRY(find_pool(call, step.op.c, pool));
  TINE_TRY(claim_slot(call, step.op.a, step));
  step.space = space_slab.take(*pool);
  if (step.space == nullptr) return Status::kNoMemory;
  if (Status status = space_fork(*source, *step.space, *pool, step.op.b,
                                 static_cast<ForkMode>(step.op.d));
      status != Status::kOk) [[unlikely]] {
    space_slab.release(*step.space);
    return status;
  }
  publish_new(step);
  TINE_TRACE(kSpaceForked, call.self.index, step.op.b);
  return Status::kOk;
}

Status prepare_find(BatchCall& call, Step& step) {
  return find_space(call, step.op.handle, step.space);
}

void commit_stat(BatchCall&, Step& step, Op& user) {
  user.a = step.space->rss;
  user.b = step.space->minor_faults;
  user.c = step.space->badge;
}

Status prepare_destroy(BatchCall& call, Step& step) {
  TINE_TRY(find_space(call, step.op.handle, step.space));
  if (step.space->threads != 0) return Status::kBusy;
  doom(step.space->object);
  return Status::kOk;
}

void commit_destroy(BatchCall& call, Step& step, Op& user) {
  TINE_TRACE(kSpaceDestroyed, call.self.index, step.space->badge);
  commit_stat(call, step, user);
  release_space(*step.space);
}

void undo_destroy(BatchCall&, Step& step) { undoom(step.space->object); }

}  // namespace

constinit const Operation kSpaceNewOperation{prepare_new, nullptr, undo_new};
constinit const Operation kSpaceForkOperation{prepare_fork, nullptr, undo_new};
constinit const Operation kSpaceStatOperation{prepare_find, commit_stat,
                                              nullptr};
constinit const Operation kSpaceValidOperation{prepare_find, nullptr, nullptr};
constinit const Operation kSpaceDestroyOperation{prepare_destroy,
                                                 commit_destroy, undo_destroy};

}  // namespace tine
