#include "kernel/batch/operation.h"

namespace tine {
namespace {

// The entry to copy: of any type, and not stale.
Status find_entry(BatchCall& call, u64 handle, const HandleEntry*& entry) {
  entry = call.self.handles->find(handle);
  if (entry == nullptr || entry->object == nullptr) return Status::kBadHandle;
  return entry->taken() ? Status::kOk : Status::kStale;
}

// Copies into a slot of `receiver`'s table, whose pool pays for its growth.
Status copy_into(BatchCall& call, Step& step, Thread& receiver) {
  if (receiver.kind != ThreadKind::kServer) return Status::kInvalid;
  const HandleEntry* entry;
  TINE_TRY(find_entry(call, step.op.handle, entry));
  TINE_TRY(claim_slot_of(receiver, step.op.b, step));
  *step.slot = *entry;
  return Status::kOk;
}

Status prepare_give(BatchCall& call, Step& step) {
  Thread* receiver;
  TINE_TRY(find_reply(call, step.op.a, receiver));
  return copy_into(call, step, *receiver);
}

Status prepare_put(BatchCall& call, Step& step) {
  Thread* receiver;
  TINE_TRY(find(call, step.op.a, ObjectType::kThread, receiver));
  return copy_into(call, step, *receiver);
}

void undo_copy(BatchCall&, Step& step) { unclaim_slot(step); }

// Closing a handle whose object is gone is how servers tidy up.
Status prepare_close(BatchCall& call, Step& step) {
  step.slot = call.self.handles->find(step.op.handle);
  if (step.slot == nullptr || step.slot->object == nullptr) {
    return Status::kBadHandle;
  }
  return Status::kOk;
}

void commit_close(BatchCall& call, Step& step, Op&) {
  step.slot->clear();
  call.self.last_endpoint = &no_endpoint;  // it may have been this
}

Status prepare_store(BatchCall& call, Step& step) {
  if (step.op.a % sizeof(u64) != 0) return Status::kInvalid;
  Status status = Status::kOk;
  step.word = reinterpret_cast<u64*>(space_window(
      *call.self.space, VirtAddr{step.op.a}, Access::kWrite, status));
  return step.word != nullptr ? Status::kOk : status;
}

// Release: what the server wrote before the batch is seen by whoever sees this.
void commit_store(BatchCall&, Step& step, Op&) {
  __atomic_store_n(step.word, step.op.b, __ATOMIC_RELEASE);
}

}  // namespace

constinit const Operation kHandleGiveOperation{prepare_give, nullptr,
                                               undo_copy};
constinit const Operation kHandlePutOperation{prepare_put, nullptr, undo_copy};
constinit const Operation kHandleCloseOperation{prepare_close, commit_close,
                                                nullptr};
constinit const Operation kStoreOperation{prepare_store, commit_store, nullptr};

}  // namespace tine
