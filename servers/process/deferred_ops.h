// What a handler leaves for the kernel to do: it runs in one batch with the
// handler's answer, and publishes what the journal holds by then.
#ifndef SERVERS_PROCESS_DEFERRED_OPS_H_
#define SERVERS_PROCESS_DEFERRED_OPS_H_

#include "servers/process/journal.h"
#include "servers/runtime/sys.h"

namespace tine::process {

class DeferredOps {
 public:
  explicit DeferredOps(Journal& journal) : journal_(journal) {}

  // Never keeps more than fits one batch: what is too much runs now.
  void add(OpCode code, Handle handle = kNoHandle, u64 a = 0, u64 b = 0,
           u64 c = 0);
  bool is_empty() const { return count_ == 0; }
  // All of them into the batch, none is left here.
  void move_to(sys::Batch& batch);
  // Runs all of them now.
  void flush();

 private:
  struct DeferredOp {
    OpCode code;
    Handle handle;
    u64 a, b, c;
  };
  // Leaves room in a batch for a store and a notification.
  static constexpr u32 kMost = kMaxBatchOps - 2;

  Journal& journal_;
  DeferredOp ops_[kMost];
  u32 count_ = 0;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_DEFERRED_OPS_H_
