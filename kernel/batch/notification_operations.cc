#include "arch/hw/cpu.h"
#include "kernel/batch/operation.h"
#include "kernel/object/objects.h"
#include "kernel/thread/scheduler.h"
#include "kernel/thread/timer_queue.h"

namespace tine {
namespace {

Status prepare_new(BatchCall& call, Step& step) {
  TINE_TRY(find_pool(call, step.op.handle, step.pool));
  TINE_TRY(claim_slot(call, step.op.a, step));
  Notification* made = notification_slab.take(*step.pool);
  if (made == nullptr) return Status::kNoMemory;
  made->bits = 0;
  made->endpoint = nullptr;
  made->timer_bits = 0;
  made->timer_deadline = kNever;
  made->timer_next = nullptr;
  step.notification = made;
  step.slot->set(made->object, kAllRights, 0);
  return Status::kOk;
}

void undo_new(BatchCall&, Step& step) {
  unclaim_slot(step);
  notification_slab.release(*step.notification);
}

Status prepare_find(BatchCall& call, Step& step) {
  return find_notification(call, step.op.handle, step.notification);
}

Status prepare_bind(BatchCall& call, Step& step) {
  TINE_TRY(prepare_find(call, step));
  TINE_TRY(find_endpoint(call, step.op.a, kMakeRight, step.endpoint));
  if (step.notification->endpoint != nullptr ||
      step.endpoint->bound != nullptr) {
    return Status::kBusy;
  }
  step.notification->endpoint = step.endpoint;
  step.endpoint->bound = step.notification;
  return Status::kOk;
}

// Bits that came before the binding reach a receiver that waits already.
void commit_bind(BatchCall&, Step& step, Op&) { notify(*step.notification, 0); }

void undo_bind(BatchCall&, Step& step) {
  step.notification->endpoint = nullptr;
  step.endpoint->bound = nullptr;
}

void commit_notify(BatchCall&, Step& step, Op&) {
  notify(*step.notification, step.op.a);
}

void commit_timer(BatchCall&, Step& step, Op&) {
  const u64 deadline = step.op.b == 0 ? kNever : step.op.b;
  timer_queue_set(*step.notification, step.op.a, deadline);
  arm_timer(hw::this_cpu(), timer_queue_next());
}

}  // namespace

constinit const Operation kNotificationNewOperation{prepare_new, nullptr,
                                                    undo_new};
constinit const Operation kNotificationBindOperation{prepare_bind, commit_bind,
                                                     undo_bind};
constinit const Operation kNotifyOperation{prepare_find, commit_notify,
                                           nullptr};
constinit const Operation kTimerSetOperation{prepare_find, commit_timer,
                                             nullptr};

}  // namespace tine
