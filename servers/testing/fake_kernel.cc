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

Status FakeKernel::run_copy(Op& op) {
  FakeSpace* to = op.a == kCopyEndSelf ? nullptr : space_of_end(op.a);
  FakeSpace* from = op.c == kCopyEndSelf ? nullptr : space_of_end(op.c);
  if ((to == nullptr && op.a != kCopyEndSelf) ||
      (from == nullptr && op.c != kCopyEndSelf)) {
    return Status::kStale;
  }
  return copy_between(op, to, from);
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
    const Status status =
        op.code == OpCode::kCopy ? run_copy(op) : run_op(op, detail);
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
    case NativeOp::kClock:
      message.words[0] = clock_ns();
      return;
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

}  // namespace tine::sys
