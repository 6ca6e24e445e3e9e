// The loop around a server's state machine.
//
// A server is a class with `Outcome handle(const sys::Message&)` and, if it
// answers with commit batches, `Outcome commit_failed(const
// sys::BatchResult&)`. handle() may answer any number of earlier callers itself
// with OpCode::kReply operations; its own caller it answers by what it returns.
#ifndef SERVERS_RUNTIME_SERVER_LOOP_H_
#define SERVERS_RUNTIME_SERVER_LOOP_H_

#include "servers/runtime/sys.h"

namespace tine {

struct Outcome {
  enum class Kind : u8 {
    kAnswer,    // answer the caller with `message`
    kWithhold,  // no answer now; the server keeps the token
    kCommit,    // run the UTCB's batch; iff all of it succeeds answer `token`
                // with `message`; else commit_failed() is asked what to do
  };
  Kind kind = Kind::kWithhold;
  u64 token = 0;
  sys::Message message{};
};

// Answer to a managed thread's system call.
constexpr Outcome answer_result(u64 token, i64 result) {
  return {Outcome::Kind::kAnswer, token,
          sys::Message{
              {static_cast<u64>(result)}, make_tag(0, kReplyResult), 0, 0}};
}
// Answer to a server's request: words[0] = result, then more words.
template <typename... Words>
constexpr Outcome answer_words(u64 token, i64 result, Words... words) {
  return {Outcome::Kind::kAnswer, token,
          sys::make_message(0, static_cast<u64>(result), words...)};
}
// Lets a faulted thread go on.
constexpr Outcome answer_resume(u64 token) {
  return {Outcome::Kind::kAnswer, token,
          sys::Message{{}, make_tag(0, kReplyResume), 0, 0}};
}
// Hands the thread to its process server as an exception (kLabelRaised).
constexpr Outcome answer_raise(u64 token, u64 signal, u64 code, u64 address) {
  return {
      Outcome::Kind::kAnswer, token,
      sys::Message{{signal, code, address}, make_tag(0, kReplyRaise), 0, 0}};
}
constexpr Outcome withhold() { return {}; }

template <typename Server>
[[noreturn]] void serve(Server& server) {
  sys::Message in = sys::receive(kSelfEndpoint);
  for (;;) {
    Outcome outcome = server.handle(in);
    // A failed commit has changed nothing; what the server then answers is
    // never a commit again without a new batch.
    while (outcome.kind == Outcome::Kind::kCommit) {
      in = outcome.message;
      in.tag |= u64{static_cast<u8>(NativeOp::kBatchReplyRecv)} << 24;
      in.token = outcome.token;
      in.target = kSelfEndpoint;
      sys::native_trap(in);
      if (tag_label(in.tag) != kLabelError) break;
      outcome = server.commit_failed(
          {static_cast<Status>(static_cast<i64>(in.words[0])),
           static_cast<u32>(in.words[1]), in.words[2]});
    }
    if (outcome.kind == Outcome::Kind::kCommit) continue;
    u64 token = outcome.kind == Outcome::Kind::kAnswer ? outcome.token : 0;
    in = sys::reply_receive(kSelfEndpoint, token, outcome.message);
  }
}

}  // namespace tine

#endif  // SERVERS_RUNTIME_SERVER_LOOP_H_
