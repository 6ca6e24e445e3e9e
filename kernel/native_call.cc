// Native kernel calls, which only server threads can make.
#include "arch/hw/cpu.h"
#include "arch/hw/timer.h"
#include "kernel/abi/status.h"
#include "kernel/batch/batch.h"
#include "kernel/copy_call.h"
#include "kernel/debug.h"
#include "kernel/ipc/delivery.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/ipc/transfer.h"
#include "kernel/kernel_lock.h"
#include "kernel/trap.h"

namespace tine {
namespace {

// The call fails: kLabelError and the status, the server goes on.
Thread* fail_call(Thread& server, Status status) {
  set_error(server.frame.message, status);
  return &server;
}

void set_words(MessageRegisters& message, const BatchOutcome& outcome) {
  message.words[0] = static_cast<u64>(static_cast<i64>(outcome.status));
  message.words[1] = outcome.failed;
  message.words[2] = outcome.detail;
}

[[gnu::always_inline]] inline void end_hold(Thread& server, Thread& caller,
                                            Endpoint& endpoint) {
  unhold(caller);
  caller.state = ThreadState::kReady;
  wait_for_message(server, endpoint);
}

// Answers a program, which goes on at once; null if it is not as simple as
// that.
[[gnu::always_inline]] inline Thread* answer_program(PerCpu& cpu,
                                                     Thread& server,
                                                     Thread& caller,
                                                     Endpoint& endpoint,
                                                     u64 tag, u64 result) {
  if (is_plain_answer(caller, tag)) [[likely]] {
    hw::set_result(caller.frame, result);
  } else if (tag_flags(tag) != kReplyResume) {
    return nullptr;
  }
  end_hold(server, caller, endpoint);
  return switch_to_owner(cpu, caller);
}

Thread* batch_call(Thread& server) {
  MessageRegisters& message = server.frame.message;
  set_words(message, run_batch(server, message.words[0], nullptr));
  message.tag = 0;
  return &server;
}

// Where the server receives. Endpoints are never freed, so that what was found
// holds until the handle is closed.
Status find_receiving_end(Thread& server, Endpoint*& endpoint) {
  const u64 handle = server.frame.message.target;
  if (handle == server.last_endpoint_handle &&
      server.last_endpoint != &no_endpoint) {
    endpoint = server.last_endpoint;
    return Status::kOk;
  }
  const Status status = find_object(
      *server.handles, handle, ObjectType::kEndpoint, kReceiveRight, endpoint);
  if (status == Status::kOk) {
    server.last_endpoint = endpoint;
    server.last_endpoint_handle = handle;
  }
  return status;
}

// An answer to a thread that was killed meanwhile has nobody to get it: the
// server goes on to receive.
Thread* reply_receive(PerCpu& cpu, Thread& server) {
  Endpoint* endpoint;
  if (Status status = find_receiving_end(server, endpoint);
      status != Status::kOk) {
    return fail_call(server, status);
  }
  return answer_and_receive(cpu, server, *endpoint,
                            find_held(server, server.frame.message.token));
}

Thread* batch_reply_receive(PerCpu& cpu, Thread& server) {
  MessageRegisters& message = server.frame.message;
  Endpoint* endpoint;
  if (Status status = find_receiving_end(server, endpoint);
      status != Status::kOk) {
    return fail_call(server, status);
  }
  FinalReply reply{message.token, nullptr};
  const u32 count = __atomic_load_n(
      &reinterpret_cast<Utcb*>(server.utcb)->count, __ATOMIC_RELAXED);
  BatchOutcome outcome = run_batch(server, count, &reply);
  if (outcome.status != Status::kOk) [[unlikely]] {
    set_words(message, outcome);
    message.tag = make_tag(kLabelError);
    message.token = 0;
    return &server;
  }
  Thread* caller = reply.caller;
  if (caller != nullptr && caller->kind == ThreadKind::kManaged &&
      !endpoint->work_waits && goes_on_at_once(cpu, *caller)) {
    Thread* const next = answer_program(cpu, server, *caller, *endpoint,
                                        message.tag, message.words[0]);
    if (next != nullptr) return next;
  }
  return answer_and_receive(cpu, server, *endpoint, caller);
}

Thread* call_endpoint(PerCpu& cpu, Thread& server) {
  const MessageRegisters& message = server.frame.message;
  Endpoint* endpoint;
  const Status status =
      find_object(*server.handles, message.target, ObjectType::kEndpoint,
                  kCallRight, endpoint, &server.send_badge);
  if (status != Status::kOk) return fail_call(server, status);
  if (tag_label(message.tag) >= kLabelKernel) {
    return fail_call(server, Status::kInvalid);
  }
  server.pending_reply = PendingReply::kCall;
  return send(cpu, server, *endpoint, kLabelRaw);
}

// Any call, by what is in the frame.
TINE_BY_REGISTERS [[gnu::noinline]] Thread* call_by_frame(
    TINE_MESSAGE_PARAMETERS) {
  store_message(TINE_MESSAGE);
  PerCpu& cpu = hw::this_cpu();
  MessageRegisters& message = thread->frame.message;
  switch (tag_operation(tag)) {
    case NativeOp::kCall:
      return call_endpoint(cpu, *thread);
    case NativeOp::kReplyRecv:
      return reply_receive(cpu, *thread);
    case NativeOp::kBatch:
      return batch_call(*thread);
    case NativeOp::kBatchReplyRecv:
      return batch_reply_receive(cpu, *thread);
    case NativeOp::kClock:
      message.words[0] = hw::now_ns();
      break;
    case NativeOp::kDebug:
      debug_call(*thread);
      break;
    default:
      return fail_call(*thread, Status::kInvalid);
  }
  message.tag = 0;
  return thread;
}

// Those that must be short, where nothing else is to be done: the message stays
// in registers. All other turns begin anew, by the frame.

// To a server that waits.
TINE_BY_REGISTERS [[gnu::noinline]] Thread* call_quickly(
    TINE_MESSAGE_PARAMETERS) {
  Thread& server = *thread;
  Endpoint* endpoint;
  u64 badge;
  if (find_object(*server.handles, target, ObjectType::kEndpoint, kCallRight,
                  endpoint, &badge) != Status::kOk ||
      tag_label(tag) >= kLabelKernel || endpoint->receivers.empty())
      [[unlikely]] {
    return call_by_frame(TINE_MESSAGE);
  }
  thread = &endpoint->receivers.pop();
  token = hand_over<kLabelRaw>(server, *thread);
  target = badge;
  tag &= kTagMask;
  return resume_server(hw::this_cpu(), TINE_MESSAGE);
}

// To the caller that was heard last, who goes on at once. A program gets a
// result, or goes on with its registers as they are.
TINE_BY_REGISTERS [[gnu::noinline]] Thread* answer_quickly(
    TINE_MESSAGE_PARAMETERS) {
  PerCpu& cpu = hw::this_cpu();
  Thread& server = *thread;
  Thread& caller = *server.last_caller;
  Endpoint* const endpoint = server.last_endpoint;
  if (server.last_endpoint_handle != target || !holds(server, caller, token) ||
      endpoint->work_waits || !goes_on_at_once(cpu, caller)) [[unlikely]] {
    return call_by_frame(TINE_MESSAGE);
  }
  if (caller.kind == ThreadKind::kManaged) {
    Thread* const next =
        answer_program(cpu, server, caller, *endpoint, tag, w0);
    return next != nullptr ? next : call_by_frame(TINE_MESSAGE);
  }
  if (caller.pending_reply != PendingReply::kCall) [[unlikely]]
    return call_by_frame(TINE_MESSAGE);
  end_hold(server, caller, *endpoint);
  token = 0;
  tag &= kTagMask;
  thread = &caller;
  return resume_server(cpu, TINE_MESSAGE);
}

// An answer that takes some bytes along.
TINE_BY_REGISTERS Thread* poke_and_answer(TINE_MESSAGE_PARAMETERS) {
  const Thread* const caller = find_held(*thread, token);
  if (caller != nullptr) [[likely]] {
    Status status;
    u8* const window =
        peek_window(*caller->space, VirtAddr{w1}, w2, Access::kWrite, status);
    if (window == nullptr) [[unlikely]] {
      tag = make_tag(kLabelError);
      return hw::resume_with_message(TINE_MESSAGE);
    }
    const u64 words[] = {w3, w4, w5, w6, w7};
    hw::copy_bytes(window, reinterpret_cast<const u8*>(words), w2);
  }
  tag = call_tag(NativeOp::kReplyRecv, tag & kTagMask);
  return answer_quickly(TINE_MESSAGE);
}

// Those that move bytes.
TINE_BY_REGISTERS [[gnu::noinline]] Thread* moving_call(
    TINE_MESSAGE_PARAMETERS) {
  switch (tag_operation(tag)) {
    case NativeOp::kCopy:
      return copy_call(TINE_MESSAGE);
    case NativeOp::kPeek:
      return peek_call(TINE_MESSAGE);
    case NativeOp::kPoke:
      return poke_call(TINE_MESSAGE);
    case NativeOp::kPokeReplyRecv:
      return poke_and_answer(TINE_MESSAGE);
    default:
      return call_by_frame(TINE_MESSAGE);
  }
}

}  // namespace

TINE_BY_REGISTERS Thread* trap_native_call(TINE_MESSAGE_PARAMETERS) {
  KernelLockHold lock;
  const NativeOp operation = tag_operation(tag);
  if (operation == NativeOp::kReplyRecv) return answer_quickly(TINE_MESSAGE);
  if (operation == NativeOp::kCall) return call_quickly(TINE_MESSAGE);
  if (operation < NativeOp::kCopy) return call_by_frame(TINE_MESSAGE);
  return moving_call(TINE_MESSAGE);
}

}  // namespace tine
