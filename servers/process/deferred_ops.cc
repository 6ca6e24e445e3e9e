#include "servers/process/deferred_ops.h"

namespace tine::process {

void DeferredOps::add(OpCode code, Handle handle, u64 a, u64 b, u64 c) {
  if (count_ == kMost) flush();
  ops_[count_++] = {code, handle, a, b, c};
}

void DeferredOps::move_to(sys::Batch& batch) {
  for (u32 i = 0; i < count_; ++i) {
    const DeferredOp& op = ops_[i];
    batch.add(op.code, op.handle, op.a, op.b, op.c);
  }
  count_ = 0;
  journal_.publish_news(batch);
}

void DeferredOps::flush() {
  sys::Batch batch;
  move_to(batch);
  if (batch.run().status != Status::kOk) {
    sys::fail("process: the kernel refused a batch of many ended calls");
  }
}

}  // namespace tine::process
