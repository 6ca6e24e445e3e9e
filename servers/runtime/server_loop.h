// The loop around a server's state machine.
//
// A server is a class with `Outcome handle(const sys::Message&)` and, if it
// answers with commit batches, `Outcome commit_failed(const
// sys::BatchResult&)`, if with pokes, `Outcome poke_failed(const Outcome&)`.
// handle() may answer any number of earlier callers itself with OpCode::kReply
// operations; its own caller it answers by what it returns.
#ifndef SERVERS_RUNTIME_SERVER_LOOP_H_
#define SERVERS_RUNTIME_SERVER_LOOP_H_

#include <new>

#include "servers/runtime/sys.h"

namespace tine {

// What handle() decided. The message is made where it is sent from, and only as
// much of it as the answer has: words beyond are whatever they were, which
// concerns nobody, since answers to programs carry no words but the result.
struct Outcome {
  enum class Kind : u8 {
    kResult,    // answer a program's call with words[0] of `message`
    kAnswer,    // answer the caller with all of `message`
    kWithhold,  // no answer now; the server keeps the token
    kCommit,    // run the UTCB's batch; iff all of it succeeds answer `token`
                // with `message`; else commit_failed() is asked what to do
    kPoke,      // kResult, and before that words[3..7] go to the program's
                // memory as NativeOp::kPokeReplyRecv says; if that cannot be
                // poke_failed() is asked what to do
  };
  Kind kind;
  u64 token;
  sys::Message message;

  bool answers() const {
    return kind == Kind::kResult || kind == Kind::kAnswer;
  }

  Outcome() : kind(Kind::kWithhold), token(0) {}
  Outcome(u64 answered, u64 tag) : kind(Kind::kAnswer), token(answered) {
    message.tag = tag;
  }
};

// Answer to a managed thread's system call.
inline Outcome answer_result(u64 token, i64 result) {
  Outcome outcome(token, make_tag(0, kReplyResult));
  outcome.kind = Outcome::Kind::kResult;
  outcome.message.words[0] = static_cast<u64>(result);
  return outcome;
}
// The same with a value for the program's memory at `to`.
template <sys::Peekable T>
Outcome answer_poke(u64 token, i64 result, u64 to, const T& value) {
  Outcome outcome = answer_result(token, result);
  outcome.kind = Outcome::Kind::kPoke;
  outcome.message.words[1] = to;
  outcome.message.words[2] = sizeof(T);
  const sys::PeekWords<T> out(value);
  for (unsigned i = 0; i < out.kCount; ++i) {
    outcome.message.words[kPeekWord + i] = out.words[i];
  }
  return outcome;
}
// Answer to a server's request: words[0] = result, then more words.
template <typename... Words>
Outcome answer_words(u64 token, i64 result, Words... words) {
  Outcome outcome(token, make_tag(0));
  unsigned n = 0;
  outcome.message.words[n++] = static_cast<u64>(result);
  ((outcome.message.words[n++] = static_cast<u64>(words)), ...);
  return outcome;
}
// Lets a faulted thread go on.
inline Outcome answer_resume(u64 token) {
  return Outcome(token, make_tag(0, kReplyResume));
}
// Hands the thread to its process server as an exception (kLabelRaised).
inline Outcome answer_raise(u64 token, u64 signal, u64 code, u64 address) {
  Outcome outcome(token, make_tag(0, kReplyRaise));
  outcome.message.words[0] = signal;
  outcome.message.words[1] = code;
  outcome.message.words[2] = address;
  outcome.message.words[3] = 0;
  return outcome;
}
inline Outcome withhold() { return {}; }

// Sends a poke and receives the next message in its place. False: neither, and
// `outcome` is what it was.
inline bool send_poke(Outcome& outcome) {
  sys::Message& message = outcome.message;
  const u64 tag = message.tag;
  const u64 target = message.target;
  message.token = outcome.token;
  message.target = kSelfEndpoint;
  message.tag = call_tag(NativeOp::kPokeReplyRecv, tag);
  sys::native_trap(message);
  if (tag_label(message.tag) != kLabelError) [[likely]]
    return true;
  message.tag = tag;
  message.target = target;
  return false;
}

// Sends whatever `outcome` says, and receives.
template <typename Server>
[[gnu::noinline]] void send(Server& server, Outcome& outcome) {
  sys::Message& message = outcome.message;
  if constexpr (requires { server.poke_failed(outcome); }) {
    if (outcome.kind == Outcome::Kind::kPoke) {
      if (send_poke(outcome)) [[likely]]
        return;
      outcome = server.poke_failed(outcome);
    }
  }
  while (outcome.kind == Outcome::Kind::kCommit) {
    message.token = outcome.token;
    message.target = kSelfEndpoint;
    message.tag = call_tag(NativeOp::kBatchReplyRecv, message.tag);
    sys::native_trap(message);
    if (tag_label(message.tag) != kLabelError) return;
    // A failed commit has changed nothing; the server decides anew.
    const sys::BatchResult failure{
        static_cast<Status>(static_cast<i64>(message.words[0])),
        static_cast<u32>(message.words[1]), message.words[2]};
    outcome = server.commit_failed(failure);
  }
  const bool answers = outcome.answers();
  message.token = answers ? outcome.token : 0;
  message.target = kSelfEndpoint;
  message.tag =
      call_tag(NativeOp::kReplyRecv, answers ? message.tag : make_tag(0));
  sys::native_trap(message);
}

template <typename Server>
[[noreturn]] void serve(Server& server) {
  // Two places that take turns: what came in lies in one while the answer is
  // made in the other, and no message is ever copied.
  union Place {
    Place() {}
    Outcome outcome;
  };
  Place places[2];
  Outcome* in = new (&places[0].outcome) Outcome(withhold());
  Outcome* out = &places[1].outcome;
  for (;;) {
    sys::Message& message = in->message;
    if (in->kind == Outcome::Kind::kResult) [[likely]] {
      sys::native_answer(message, message.words[0], in->token, kSelfEndpoint);
    } else {
      send(server, *in);
    }
    Outcome* const answer = new (out) Outcome(server.handle(message));
    out = in;
    in = answer;
  }
}

}  // namespace tine

#endif  // SERVERS_RUNTIME_SERVER_LOOP_H_
