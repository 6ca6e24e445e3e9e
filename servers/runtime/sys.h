// Kernel calls as servers make them. The four functions of the seam are all
// that differs between the guest and the simulator; everything else is shared.
#ifndef SERVERS_RUNTIME_SYS_H_
#define SERVERS_RUNTIME_SYS_H_

#include "arch/hw/server_seam.h"
#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"
#include "kernel/abi/status.h"
#include "servers/protocol/bootstrap.h"

namespace tine::sys {

// ---- the seam: arch/hw/server_seam.h has the other two, native_trap() which
// traps into the kernel and utcb(), the calling server thread's UTCB.
// The calling server's configuration page.
const ServerConfig& config();
// Monotonic time.
u64 clock_ns();

// ---- shared ----------------------------------------------------------------
using Message = MessageRegisters;

// A line for the run's log.
void log(const char* text);
[[noreturn]] void fail(const char* text);  // the server is broken: status 125

struct BatchResult {
  Status status;
  u32 failed;  // index of the operation that failed
  u64 detail;  // operations on pages: how many are done, whatever the status
};

// Calls an endpoint and waits. The answer's label is kLabelError, with a Status
// in words[0], if the kernel could not deliver or the server died.
Message call(Handle endpoint, Message request);

template <typename Label, typename... Words>
constexpr Message make_message(Label label, Words... words) {
  static_assert(sizeof...(Words) <= kMessageWords);
  return Message{
      {static_cast<u64>(words)...}, make_tag(static_cast<u16>(label)), 0, 0};
}

// The result of a request in the servers' protocols: words[0], or -EIO-like
// `if_error` if the call itself failed.
i64 result_of(const Message& answer, i64 if_error);

Message receive(Handle endpoint);
// Answers `token` (0: nobody) with `answer` and receives the next message.
Message reply_receive(Handle endpoint, u64 token, const Message& answer);

// One operation, run at once. Progressive ones are repeated until done.
BatchResult run(const Op& op, u64* result = nullptr);

// Collects atomic operations in the UTCB.
class Batch {
 public:
  Batch() : block_(utcb()) { block_.count = 0; }
  Op& add(OpCode code, Handle handle = kNoHandle, u64 a = 0, u64 b = 0,
          u64 c = 0, u64 d = 0, u64 e = 0, u32 flags = 0) {
    // A batch longer than the kernel takes is a bug of the server, no input.
    if (block_.count == kMaxBatchOps) [[unlikely]]
      fail("batch too long");
    Op& op = block_.ops[block_.count++];
    op.code = code;
    op.handle = handle;
    op.a = a;
    op.b = b;
    op.c = c;
    op.d = d;
    op.e = e;
    op.result = 0;
    op.flags = flags;
    return op;
  }
  unsigned size() const { return block_.count; }
  const Op& operator[](unsigned index) const { return block_.ops[index]; }
  // Runs all of them, all or nothing.
  BatchResult run();

 private:
  Utcb& block_;
};

// Copies between the caller's memory and a Space (handle) or the space of a
// held reply's sender (token). Stops at a fault, kFault, and where a page could
// not be made for want of memory, kNoMemory: for both `address` says where.
struct CopyResult {
  u64 done;  // bytes
  Status status;
  u64 address;  // of the fault
  u64 badge;    // of the faulting space
};
CopyResult copy_in(u64 end, u64 from, void* to, u64 bytes);
CopyResult copy_out(u64 end, u64 to, const void* from, u64 bytes);
CopyResult copy_between(u64 to_end, u64 to, u64 from_end, u64 from, u64 bytes);
constexpr u64 end_of_token(u64 token) { return token | kCopyEndToken; }

// The same for a value that a message can hold, all of it or nothing.
// kTooLarge: a page ends in its middle.
template <typename T>
concept Peekable = sizeof(T) <= kMaxPeekBytes;

// The words of a message that hold a T.
template <Peekable T>
struct PeekWords {
  static constexpr unsigned kCount =
      (sizeof(T) + sizeof(u64) - 1) / sizeof(u64);
  explicit PeekWords(const T& value) {
    __builtin_memcpy(words, &value, sizeof(T));
  }
  u64 words[kCount] = {};
};

template <Peekable T>
[[gnu::noinline]] Status peek(u64 end, u64 from, T& value) {
  Message message;
  message.words[0] = end;
  message.words[1] = from;
  message.words[2] = sizeof(T);
  message.tag = call_tag(NativeOp::kPeek);
  native_trap(message);
  const auto status = static_cast<Status>(static_cast<i64>(message.words[0]));
  if (status == Status::kOk) [[likely]]
    __builtin_memcpy(&value, message.words + kPeekWord, sizeof(T));
  return status;
}

template <Peekable T>
[[gnu::noinline]] Status poke(u64 end, u64 to, const T& value) {
  const PeekWords<T> out(value);
  Message message;
  message.words[0] = end;
  message.words[1] = to;
  message.words[2] = sizeof(T);
  for (unsigned i = 0; i < out.kCount; ++i) {
    message.words[kPeekWord + i] = out.words[i];
  }
  message.tag = call_tag(NativeOp::kPoke);
  native_trap(message);
  return static_cast<Status>(static_cast<i64>(message.words[0]));
}

}  // namespace tine::sys

#endif  // SERVERS_RUNTIME_SYS_H_
