// Native kernel calls, which only server threads can make.
#ifndef KERNEL_NATIVE_CALL_H_
#define KERNEL_NATIVE_CALL_H_

#include "kernel/abi/status.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/ipc/transfer.h"

namespace tine {

// The call fails: kLabelError and the status, the server goes on.
Thread* fail_call(Thread& server, Status status);

// All but the two below.
Thread* other_call(PerCpu& cpu, Thread& server, NativeOp op);

[[gnu::always_inline]] inline Thread* call_endpoint(PerCpu& cpu,
                                                    Thread& server) {
  const MessageRegisters& message = server.frame.message;
  Endpoint* endpoint;
  const Status status =
      find_object(*server.handles, message.target, ObjectType::kEndpoint,
                  kCallRight, endpoint, &server.send_badge);
  if (status != Status::kOk) [[unlikely]]
    return fail_call(server, status);
  if (tag_label(message.tag) >= kLabelKernel) [[unlikely]] {
    return fail_call(server, Status::kInvalid);
  }
  server.pending_reply = PendingReply::kCall;
  return send<kLabelRaw>(cpu, server, *endpoint);
}

// An answer to a thread that was killed meanwhile has nobody to get it: the
// server goes on to receive.
[[gnu::always_inline]] inline Thread* reply_receive(PerCpu& cpu,
                                                    Thread& server) {
  const MessageRegisters& message = server.frame.message;
  Endpoint* endpoint;
  const Status status =
      find_object(*server.handles, message.target, ObjectType::kEndpoint,
                  kReceiveRight, endpoint);
  if (status != Status::kOk) [[unlikely]]
    return fail_call(server, status);
  Thread* caller = nullptr;
  if (message.token != 0) [[likely]] {
    caller = find_held(server, message.token);
    if (caller != nullptr && !answer(*caller, message.words, message.tag))
        [[unlikely]] {
      caller = nullptr;
    }
  }
  return receive(cpu, server, *endpoint, caller);
}

[[gnu::always_inline]] inline Thread* native_call(PerCpu& cpu, Thread& server) {
  const NativeOp op = tag_operation(server.frame.message.tag);
  if (op == NativeOp::kReplyRecv) return reply_receive(cpu, server);
  if (op == NativeOp::kCall) return call_endpoint(cpu, server);
  return other_call(cpu, server, op);
}

}  // namespace tine

#endif  // KERNEL_NATIVE_CALL_H_
