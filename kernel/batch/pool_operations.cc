#include "kernel/batch/operation.h"

namespace tine {
namespace {

Status prepare_split(BatchCall& call, Step& step) {
  Pool* parent;
  TINE_TRY(find_pool(call, step.op.handle, parent));
  TINE_TRY(claim_slot(call, step.op.a, step));
  step.pool = pool_split(*parent, step.op.b);
  if (step.pool == nullptr) return Status::kNoMemory;
  step.slot->set(step.pool->object, kAllRights, 0);
  return Status::kOk;
}

void undo_split(BatchCall& call, Step& step) {
  Pool* parent;
  // Found in the first pass, and nothing closes handles before the second.
  if (find_pool(call, step.op.handle, parent) != Status::kOk) return;
  parent->limit += step.pool->limit;
  step.pool->object.live = false;
  doom(step.pool->object);
  unclaim_slot(step);
}

Status prepare_stat(BatchCall& call, Step& step) {
  return find_pool(call, step.op.handle, step.pool);
}

void commit_stat(BatchCall&, Step& step, Op& user) {
  user.result = step.pool->used;
  user.a = step.pool->limit;
}

}  // namespace

constinit const Operation kPoolSplitOperation{prepare_split, nullptr,
                                              undo_split};
constinit const Operation kPoolStatOperation{prepare_stat, commit_stat,
                                             nullptr};

}  // namespace tine
