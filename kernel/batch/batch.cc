#include "kernel/batch/batch.h"

#include "kernel/batch/operation.h"
#include "kernel/trace.h"

namespace tine {
namespace {

// Room for the steps without running constructors over all of it.
struct Steps {
  alignas(Step) u8 bytes[kMaxBatchOps * sizeof(Step)];
  Step& operator[](unsigned index) {
    return reinterpret_cast<Step*>(bytes)[index];
  }
};

// The only read of an operation: the server may change it behind our back.
inline void copy_once(Op& to, const Op& from) {
  auto* out = reinterpret_cast<u64*>(&to);
  const auto* in = reinterpret_cast<const u64*>(&from);
  for (unsigned i = 0; i < sizeof(Op) / sizeof(u64); ++i) {
    out[i] = __atomic_load_n(&in[i], __ATOMIC_RELAXED);
  }
}

void undo(BatchCall& call, Steps& steps, u32 count) {
  while (count-- > 0) {
    Step& step = steps[count];
    if (step.operation->undo != nullptr) step.operation->undo(call, step);
  }
}

// Checks the final reply after all operations: one of them may have spent its
// token.
bool find_final(BatchCall& call, FinalReply* reply) {
  if (reply == nullptr || reply->token == 0) return true;
  reply->caller = find_held(call.self, reply->token);
  return reply->caller != nullptr;
}

BatchOutcome run_progressive(BatchCall& call, Progressive operation,
                             const Op& op, FinalReply* reply) {
  if (!find_final(call, reply)) return {Status::kStale, 1, 0};
  const StepResult result = operation(call, op, call.user_ops[0]);
  return {result.status, 0, result.detail};
}

}  // namespace

BatchOutcome run_batch(Thread& self, u64 count, FinalReply* reply) {
  if (count > kMaxBatchOps) return {Status::kTooLarge, 0, 0};
  BatchCall call{self, reinterpret_cast<Utcb*>(self.utcb)->ops};
  Steps steps;
  for (u32 i = 0; i < count; ++i) {
    Step& step = steps[i];
    copy_once(step.op, call.user_ops[i]);
    Status status = Status::kInvalid;
    step.operation = atomic_operation(step.op.code);
    if (step.operation != nullptr) [[likely]] {
      status = step.operation->prepare(call, step);
    } else if (Progressive progressive = progressive_operation(step.op.code);
               progressive != nullptr && count == 1) {
      return run_progressive(call, progressive, step.op, reply);
    }
    if (status != Status::kOk) [[unlikely]] {
      TINE_TRACE(kBatchFailed, self.index,
                 u64{i} << 32 | static_cast<u32>(status));
      undo(call, steps, i);
      return {status, i, 0};
    }
  }
  if (!find_final(call, reply)) [[unlikely]] {
    undo(call, steps, static_cast<u32>(count));
    return {Status::kStale, static_cast<u32>(count), 0};
  }
  for (u32 i = 0; i < count; ++i) {
    Step& step = steps[i];
    if (step.operation->commit != nullptr) {
      step.operation->commit(call, step, call.user_ops[i]);
    }
  }
  return {Status::kOk, static_cast<u32>(count), 0};
}

}  // namespace tine
