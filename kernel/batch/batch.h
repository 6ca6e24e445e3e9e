// Running a server's batch: all or nothing.
//
// First pass, over all operations in order: copy the operation out of the UTCB
// once, check it, and claim what it needs: slots, objects, frames, tokens.
// A claim takes effect at once on what the other operations of the batch see
// (a made handle can be used, a spent token or doomed object is stale), which
// is how duplicates within one batch are found. Nobody else can see claims: the
// kernel lock is held. Second pass: execute, which cannot fail. If a check
// fails instead, the claims are undone in reverse order and nothing happened.
#ifndef KERNEL_BATCH_BATCH_H_
#define KERNEL_BATCH_BATCH_H_

#include "kernel/abi/status.h"
#include "kernel/thread/thread.h"

namespace tine {

struct BatchOutcome {
  Status status;
  u32 failed;  // index of the operation that failed; `count`: the final reply
  u64 detail;  // progress, or the address of a fault
};

// The answer that goes with kBatchReplyRecv: claimed with the operations.
struct FinalReply {
  u64 token;       // 0: none
  Thread* caller;  // out: whom it answers, still held
};

BatchOutcome run_batch(Thread& self, u64 count, FinalReply* reply);

}  // namespace tine

#endif  // KERNEL_BATCH_BATCH_H_
