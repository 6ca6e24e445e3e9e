#include "servers/runtime/sys.h"

#include "kernel/abi/debug.h"
#include "kernel/base/address.h"
#include "servers/runtime/trace.h"

namespace tine::sys {
namespace {

void trap(Message& message, NativeOp op, Handle target) {
  message.tag = call_tag(op, message.tag);
  message.target = target;
  native_trap(message);
}

Status status_of(u64 word) {
  return static_cast<Status>(static_cast<i64>(word));
}

BatchResult run_batch(u64 count) {
  Message message{{count}, 0, 0, 0};
  trap(message, NativeOp::kBatch, kNoHandle);
  return {status_of(message.words[0]), static_cast<u32>(message.words[1]),
          message.words[2]};
}

// The operations that work on a range of pages in bounded quanta, whose range
// is advanced by the progress reported.
bool is_paged(OpCode code) {
  switch (code) {
    case OpCode::kSpaceMap:
    case OpCode::kSpaceMark:
    case OpCode::kSpaceProtect:
    case OpCode::kSpaceUnmap:
    case OpCode::kSpacePopulate:
    case OpCode::kSpaceResolve:
      return true;
    default:
      return false;
  }
}

}  // namespace

Message call(Handle endpoint, Message request) {
  trap(request, NativeOp::kCall, endpoint);
  return request;
}

i64 result_of(const Message& answer, i64 if_error) {
  return tag_label(answer.tag) == kLabelError
             ? if_error
             : static_cast<i64>(answer.words[0]);
}

Message receive(Handle endpoint) {
  return reply_receive(endpoint, 0, Message{});
}

Message reply_receive(Handle endpoint, u64 token, const Message& answer) {
  Message message = answer;
  message.token = token;
  trap(message, NativeOp::kReplyRecv, endpoint);
  return message;
}

BatchResult run(const Op& op, u64* result) {
  Utcb& block = utcb();
  block.ops[0] = op;
  u64 pages = 0;
  for (;;) {
    BatchResult done = run_batch(1);
    if (result != nullptr) *result = block.ops[0].result;
    if (!is_paged(op.code)) return done;
    pages += done.detail;
    if (done.status != Status::kMore) {
      done.detail = pages;
      return done;
    }
    Op& next = block.ops[0];
    next = op;
    next.a += pages * kPageSize;
    if (op.code == OpCode::kSpaceMap) next.c += pages * kPageSize;
    next.d -= pages;
  }
}

BatchResult Batch::run() { return run_batch(utcb().count); }

CopyResult copy_between(u64 to_end, u64 to, u64 from_end, u64 from, u64 bytes) {
  CopyResult total{0, Status::kOk, 0, 0};
  while (total.done < bytes) {
    const u64 left = bytes - total.done;
    Message message{{to_end, to + total.done, from_end, from + total.done,
                     left < kMaxCopyBytes ? left : kMaxCopyBytes},
                    0,
                    0,
                    0};
    trap(message, NativeOp::kCopy, kNoHandle);
    total.done += message.words[1];
    total.status = status_of(message.words[0]);
    if (total.status != Status::kOk) [[unlikely]] {
      total.address = message.words[2];
      total.badge = message.words[3];
      return total;
    }
  }
  return total;
}

CopyResult copy_in(u64 end, u64 from, void* to, u64 bytes) {
  return copy_between(kCopyEndSelf, reinterpret_cast<u64>(to), end, from,
                      bytes);
}

CopyResult copy_out(u64 end, u64 to, const void* from, u64 bytes) {
  return copy_between(end, to, kCopyEndSelf, reinterpret_cast<u64>(from),
                      bytes);
}

void log(const char* text) {
  Message message{
      {static_cast<u64>(DebugOp::kLog), reinterpret_cast<u64>(text)}, 0, 0, 0};
  trap(message, NativeOp::kDebug, kNoHandle);
}

void trace(TraceStep step, u64 transaction) {
  Message message{
      {static_cast<u64>(DebugOp::kTrace), static_cast<u64>(step), transaction},
      0,
      0,
      0};
  trap(message, NativeOp::kDebug, kNoHandle);
}

void fail(const char* text) {
  Message message{
      {static_cast<u64>(DebugOp::kFail), reinterpret_cast<u64>(text)}, 0, 0, 0};
  trap(message, NativeOp::kDebug, kNoHandle);
  __builtin_trap();
}

}  // namespace tine::sys
