#include "arch/hw/device.h"
#include "arch/hw/interrupts.h"
#include "kernel/batch/operation.h"
#include "kernel/debug.h"
#include "kernel/panic.h"

namespace tine {
namespace {

Status prepare_device(BatchCall& call, Step& step) {
  TINE_TRY(find(call, step.op.handle, ObjectType::kDevice, step.device));
  return step.op.a < step.device->span ? Status::kOk : Status::kInvalid;
}

void commit_read(BatchCall&, Step& step, Op& user) {
  user.result = hw::device_read(step.device->base, static_cast<u32>(step.op.a));
}

void commit_write(BatchCall&, Step& step, Op&) {
  hw::device_write(step.device->base, static_cast<u32>(step.op.a),
                   static_cast<u32>(step.op.b));
}

Status prepare_interrupt(BatchCall& call, Step& step) {
  return find(call, step.op.handle, ObjectType::kInterrupt, step.interrupt);
}

Status prepare_bind(BatchCall& call, Step& step) {
  TINE_TRY(prepare_interrupt(call, step));
  return find_notification(call, step.op.a, step.notification);
}

void commit_bind(BatchCall&, Step& step, Op&) {
  step.interrupt->notification = step.notification;
  step.interrupt->bits = step.op.b;
  hw::interrupt_unmask(step.interrupt->line);
}

void commit_acknowledge(BatchCall&, Step& step, Op&) {
  hw::interrupt_unmask(step.interrupt->line);
}

Status prepare_shutdown(BatchCall& call, Step& step) {
  Control* control;
  return find(call, step.op.handle, ObjectType::kControl, control);
}

void commit_shutdown(BatchCall&, Step& step, Op&) {
  log_what_is_left();
  end_run(static_cast<u32>(step.op.a));
}

}  // namespace

constinit const Operation kDeviceReadOperation{prepare_device, commit_read,
                                               nullptr};
constinit const Operation kDeviceWriteOperation{prepare_device, commit_write,
                                                nullptr};
constinit const Operation kInterruptBindOperation{prepare_bind, commit_bind,
                                                  nullptr};
constinit const Operation kInterruptAckOperation{prepare_interrupt,
                                                 commit_acknowledge, nullptr};
constinit const Operation kShutdownOperation{prepare_shutdown, commit_shutdown,
                                             nullptr};

}  // namespace tine
