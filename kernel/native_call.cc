#include "kernel/native_call.h"

#include "arch/hw/timer.h"
#include "kernel/batch/batch.h"
#include "kernel/debug.h"
#include "kernel/ipc/handle_table.h"

namespace tine {
namespace {

void set_words(MessageRegisters& message, const BatchOutcome& outcome) {
  message.words[0] = static_cast<u64>(static_cast<i64>(outcome.status));
  message.words[1] = outcome.failed;
  message.words[2] = outcome.detail;
}

Thread* batch_call(Thread& server) {
  MessageRegisters& message = server.frame.message;
  set_words(message, run_batch(server, message.words[0], nullptr));
  message.tag = 0;
  return &server;
}

Thread* batch_reply_receive(PerCpu& cpu, Thread& server) {
  MessageRegisters& message = server.frame.message;
  Endpoint* endpoint;
  if (Status status =
          find_object(*server.handles, message.target, ObjectType::kEndpoint,
                      kReceiveRight, endpoint);
      status != Status::kOk) [[unlikely]] {
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
  if (caller != nullptr && !answer(*caller, message.words, message.tag))
      [[unlikely]] {
    caller = nullptr;
  }
  return receive(cpu, server, *endpoint, caller);
}

}  // namespace

Thread* fail_call(Thread& server, Status status) {
  set_error(server.frame.message, status);
  return &server;
}

Thread* other_call(PerCpu& cpu, Thread& server, NativeOp op) {
  MessageRegisters& message = server.frame.message;
  switch (op) {
    case NativeOp::kBatch:
      return batch_call(server);
    case NativeOp::kBatchReplyRecv:
      return batch_reply_receive(cpu, server);
    case NativeOp::kClock:
      message.words[0] = hw::now_ns();
      message.tag = 0;
      return &server;
    case NativeOp::kDebug:
      debug_call(server);
      message.tag = 0;
      return &server;
    default:
      return fail_call(server, Status::kInvalid);
  }
}

}  // namespace tine
