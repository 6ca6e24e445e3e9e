// What the files of operations have in common with the batch runner.
#ifndef KERNEL_BATCH_OPERATION_H_
#define KERNEL_BATCH_OPERATION_H_

#include "kernel/abi/batch.h"
#include "kernel/abi/status.h"
#include "kernel/device.h"
#include "kernel/interrupt.h"
#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/ipc/notification.h"
#include "kernel/ipc/reply.h"
#include "kernel/ipc/route.h"
#include "kernel/memory/pool.h"
#include "kernel/memory/space.h"
#include "kernel/thread/thread.h"

namespace tine {

struct Operation;

// One operation on its way through the passes: the kernel's copy of it, what
// its check found, and what it claimed. Which members are set is up to the
// operation; objects it found stay valid until its commit, because whatever
// would free them takes effect in the second pass, later.
struct Step {
  Op op;
  const Operation* operation;
  Thread* thread;
  Thread* source;  // kThreadClone
  Space* space;
  Space* old_space;  // kThreadSpace
  Pool* pool;
  Endpoint* endpoint;
  Notification* notification;
  RouteTable* route;
  Interrupt* interrupt;
  const Device* device;
  Endpoint* routes[3];   // kRouteNew
  HandleEntry* slot;     // claimed, or to be cleared
  HandleEntry replaced;  // what was in the claimed one
  u64* word;             // kStore
};

struct BatchCall {
  Thread& self;
  Op* user_ops;  // in the UTCB: results are written here, nothing is read
};

// An atomic operation. `prepare` checks and claims; where it fails it has
// claimed nothing. `undo` releases the claims. `commit` and `undo` may be null.
struct Operation {
  Status (*prepare)(BatchCall&, Step&);
  void (*commit)(BatchCall&, Step&, Op& user);
  void (*undo)(BatchCall&, Step&);
};

// A progressive operation, alone in its batch.
struct StepResult {
  Status status;
  u64 detail;
};
using Progressive = StepResult (*)(BatchCall&, const Op&, Op& user);

// By code; null where the code is of the other class or unknown.
struct OperationTable {
  static constexpr unsigned kCodes =
      static_cast<unsigned>(OpCode::kShutdown) + 1;
  const Operation* atomic[kCodes] = {};
  Progressive progressive[kCodes] = {};
};
extern const OperationTable kOperations;

// The families.
extern const Operation kPoolSplitOperation, kPoolStatOperation;
extern const Operation kSpaceNewOperation, kSpaceForkOperation,
    kSpaceStatOperation, kSpaceValidOperation, kSpaceDestroyOperation;
extern const Operation kThreadNewOperation, kThreadCloneOperation,
    kThreadRegistersOperation, kThreadSpaceOperation, kThreadPublishOperation,
    kThreadKillOperation, kThreadPriorityOperation, kThreadInterruptOperation,
    kThreadStatOperation, kThreadRouteOperation, kThreadBreakpointsOperation;
extern const Operation kReplyOperation, kForwardOperation,
    kEndpointNewOperation, kEndpointMintOperation, kNotificationNewOperation,
    kNotificationBindOperation, kNotifyOperation, kTimerSetOperation,
    kRouteNewOperation, kRouteSetOperation;
extern const Operation kHandleGiveOperation, kHandlePutOperation,
    kHandleCloseOperation, kStoreOperation;
extern const Operation kDeviceReadOperation, kDeviceWriteOperation,
    kInterruptBindOperation, kInterruptAckOperation, kShutdownOperation;
StepResult progress_space(BatchCall&, const Op&, Op& user);
StepResult progress_resolve(BatchCall&, const Op&, Op& user);
StepResult progress_present(BatchCall&, const Op&, Op& user);

// CPU time so far, as kThreadStat says it.
void report_cpu_time(const Thread& thread, Op& user);

// ---- finding ---------------------------------------------------------------
template <typename T>
Status find(BatchCall& call, u64 handle, ObjectType type, T*& object,
            u8 rights = kAllRights) {
  return find_object(*call.self.handles, handle, type, rights, object);
}
inline Status find_space(BatchCall& call, u64 handle, Space*& space) {
  return find(call, handle, ObjectType::kSpace, space);
}
inline Status find_pool(BatchCall& call, u64 handle, Pool*& pool) {
  return find(call, handle, ObjectType::kPool, pool);
}
inline Status find_endpoint(BatchCall& call, u64 handle, u8 rights,
                            Endpoint*& endpoint) {
  return find(call, handle, ObjectType::kEndpoint, endpoint, rights);
}
// kNoHandle is allowed: null.
Status find_optional_endpoint(BatchCall& call, u64 handle, Endpoint*& endpoint);
inline Status find_notification(BatchCall& call, u64 handle,
                                Notification*& notification) {
  return find(call, handle, ObjectType::kNotification, notification);
}
// The thread whose answer the caller owes. kStale.
inline Status find_reply(BatchCall& call, u64 token, Thread*& thread) {
  thread = find_held(call.self, token);
  return thread != nullptr ? Status::kOk : Status::kStale;
}
// By handle, or by token if that is kNoHandle.
Status find_thread(BatchCall& call, Handle handle, u64 token, Thread*& thread);

// ---- claiming --------------------------------------------------------------
// A free slot of that server's table; its pool pays if the table grows. What
// was in it may come back: a handle whose object is doomed in this very batch.
inline Status claim_slot_of(Thread& server, u64 slot, Step& step) {
  const Status status =
      handle_table_free_slot(*server.handles, *server.pool, slot, step.slot);
  if (status == Status::kOk) [[likely]]
    step.replaced = *step.slot;
  return status;
}
inline Status claim_slot(BatchCall& call, u64 slot, Step& step) {
  return claim_slot_of(call.self, slot, step);
}
inline void unclaim_slot(Step& step) { *step.slot = step.replaced; }
// A token stays this server's to answer, but no other operation finds it.
inline void claim_reply(Thread& thread) { ++thread.reply_generation; }
inline void unclaim_reply(Thread& thread) { --thread.reply_generation; }
// All handles of the object become stale; release() of its slab keeps it so.
inline void doom(Object& object) { ++object.generation; }
inline void undoom(Object& object) { --object.generation; }

// Runs `first`, then the rest, until one is not kOk.
#define TINE_TRY(expression)                                               \
  do {                                                                     \
    if (::tine::Status tried = (expression); tried != ::tine::Status::kOk) \
        [[unlikely]] {                                                     \
      return tried;                                                        \
    }                                                                      \
  } while (false)

}  // namespace tine

#endif  // KERNEL_BATCH_OPERATION_H_
