#include "kernel/batch/batch.h"

#include "kernel/batch/operation.h"
#include "kernel/trace.h"

namespace tine {
namespace {

// Room for the steps without running constructors over all of it.
struct Steps {
  alignas(Step) u8 bytes[kMaxBatchOps * sizeof(Step)];
  Step* first() { return reinterpret_cast<Step*>(bytes); }
};

// The only read of an operation: the server may change it behind our back.
inline void copy_once(Op& to, const Op& from) {
  auto* out = reinterpret_cast<u64*>(&to);
  const auto* in = reinterpret_cast<const u64*>(&from);
  for (unsigned i = 0; i < sizeof(Op) / sizeof(u64); ++i) {
    out[i] = __atomic_load_n(&in[i], __ATOMIC_RELAXED);
  }
}

void undo(BatchCall& call, Step* first, Step* end) {
  while (end-- != first) {
    if (end->operation->undo != nullptr) end->operation->undo(call, *end);
  }
}

// Checks the final reply after all operations: one of them may have spent its
// token.
bool find_final(BatchCall& call, FinalReply* reply) {
  if (reply == nullptr || reply->token == 0) return true;
  reply->caller = find_held(call.self, reply->token);
  return reply->caller != nullptr;
}

// What is no atomic operation.
BatchOutcome run_progressive(BatchCall& call, u64 count, const Op& op,
                             FinalReply* reply) {
  const auto code = static_cast<u32>(op.code);
  Progressive operation =
      code < OperationTable::kCodes ? kOperations.progressive[code] : nullptr;
  if (operation == nullptr || count != 1) return {Status::kInvalid, 0, 0};
  if (!find_final(call, reply)) return {Status::kStale, 1, 0};
  const StepResult result = operation(call, op, call.user_ops[0]);
  return {result.status, 0, result.detail};
}

}  // namespace

BatchOutcome run_batch(Thread& self, u64 count, FinalReply* reply) {
  if (count > kMaxBatchOps) return {Status::kTooLarge, 0, 0};
  BatchCall call{self, reinterpret_cast<Utcb*>(self.utcb)->ops};
  Steps steps;
  Step* const first = steps.first();
  Step* const end = first + count;
  const Op* user = call.user_ops;
  for (Step* step = first; step != end; ++step, ++user) {
    copy_once(step->op, *user);
    const auto code = static_cast<u32>(step->op.code);
    step->operation =
        code < OperationTable::kCodes ? kOperations.atomic[code] : nullptr;
    Status status = Status::kInvalid;
    if (step->operation != nullptr) [[likely]] {
      status = step->operation->prepare(call, *step);
      if (status == Status::kOk) [[likely]]
        continue;
    } else if (step == first) {
      return run_progressive(call, count, step->op, reply);
    }
    const auto failed = static_cast<u32>(step - first);
    TINE_TRACE(kBatchFailed, self.index,
               u64{failed} << 32 | static_cast<u32>(status));
    undo(call, first, step);
    return {status, failed, 0};
  }
  if (!find_final(call, reply)) [[unlikely]] {
    undo(call, first, end);
    return {Status::kStale, static_cast<u32>(count), 0};
  }
  Op* result = call.user_ops;
  for (Step* step = first; step != end; ++step, ++result) {
    if (step->operation->commit != nullptr) {
      step->operation->commit(call, *step, *result);
    }
  }
  return {Status::kOk, static_cast<u32>(count), 0};
}

}  // namespace tine
