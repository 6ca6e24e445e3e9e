#include "servers/testing/fake_kernel.h"

#include <cstdio>
#include <cstdlib>

#include "servers/runtime/sys.h"

namespace tine {
namespace {

FakeKernel* current = nullptr;

}  // namespace

FakeKernel::FakeKernel() { current = this; }

FakeKernel::~FakeKernel() { current = nullptr; }

void FakeKernel::stop(const char* what) {
  fprintf(stderr, "fake kernel: %s\n", what);
  abort();
}

void FakeKernel::run_copy(MessageRegisters& message) {
  u64(&words)[kMessageWords] = message.words;
  FakeSpace* to = words[0] == kCopyEndSelf ? nullptr : space_of_end(words[0]);
  FakeSpace* from = words[2] == kCopyEndSelf ? nullptr : space_of_end(words[2]);
  if ((to == nullptr && words[0] != kCopyEndSelf) ||
      (from == nullptr && words[2] != kCopyEndSelf)) {
    words[0] = static_cast<u64>(static_cast<i64>(Status::kStale));
    words[1] = 0;
    return;
  }
  copy_between(words, to, from);
}

// A copy whose near end is the message itself.
void FakeKernel::run_peek(MessageRegisters& message, bool pokes) {
  const u64(&words)[kMessageWords] = message.words;
  const u64 near = reinterpret_cast<u64>(words + kPeekWord);
  const u64 bytes = words[2];
  MessageRegisters copy{};
  if (pokes) {
    copy = {{words[0], words[1], kCopyEndSelf, near, bytes}, 0, 0, 0};
  } else {
    copy = {{kCopyEndSelf, near, words[0], words[1], bytes}, 0, 0, 0};
  }
  if (bytes > kMaxPeekBytes) stop("peek of more than a message holds");
  run_copy(copy);
  message.words[0] = copy.words[0];
}

void FakeKernel::run_batch(MessageRegisters& message) {
  const u64 count = message.words[0];
  const auto answer = [&](Status status, u64 at, u64 detail) {
    message.words[0] = static_cast<u64>(static_cast<i64>(status));
    message.words[1] = at;
    message.words[2] = detail;
    return status == Status::kOk;
  };
  if (count > kMaxBatchOps) {
    (void)answer(Status::kTooLarge, 0, 0);
    return;
  }
  begin_batch();
  for (u64 i = 0; i < count; ++i) {
    if (!answer(check_op(utcb.ops[i]), i, 0)) return;
  }
  for (u64 i = 0; i < count; ++i) {
    Op& op = utcb.ops[i];
    u64 detail = 0;
    const Status status = run_op(op, detail);
    if (!answer(status, i, detail)) return;
  }
  end_batch();
}

void FakeKernel::trap(MessageRegisters& message) {
  const auto op = static_cast<NativeOp>(message.tag >> 24 & 0xff);
  message.tag &= 0xff'ffff;
  switch (op) {
    case NativeOp::kBatch:
      return run_batch(message);
    case NativeOp::kCall:
      return call(message);
    case NativeOp::kCopy:
      return run_copy(message);
    case NativeOp::kPeek:
    case NativeOp::kPoke:
      return run_peek(message, op == NativeOp::kPoke);
    case NativeOp::kDebug:
      return debug(message);
    default:
      stop("unexpected native call");
  }
}

void FakeKernel::debug(const MessageRegisters& message) {
  const auto op = static_cast<DebugOp>(message.words[0]);
  if (op != DebugOp::kLog && op != DebugOp::kFail) return;
  lines.emplace_back(reinterpret_cast<const char*>(message.words[1]));
  if (op == DebugOp::kFail) stop(lines.back().c_str());
}

}  // namespace tine

namespace tine::sys {

void native_trap(MessageRegisters& registers) { current->trap(registers); }
Utcb& utcb() { return current->utcb; }
const ServerConfig& config() { return current->config; }
u64 clock_ns() { return current->clock_ns(); }

}  // namespace tine::sys
