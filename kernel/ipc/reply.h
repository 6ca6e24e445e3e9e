// Replies: who owes whom an answer. A token names one awaited answer; it works
// once, and only for the server that holds it.
#ifndef KERNEL_IPC_REPLY_H_
#define KERNEL_IPC_REPLY_H_

#include "kernel/thread/thread_table.h"

namespace tine {

// Kernel-internal label of a server's own message: its tag is in its frame.
inline constexpr u16 kLabelRaw = 0xFFFF;

inline constexpr u64 kTagMask = 0xff'ffff;  // label and flags, no operation

// `caller`'s message was taken by `server`: returns the token of the answer.
inline u64 hold(Thread& caller, Thread& server) {
  caller.state = ThreadState::kReplyWait;
  caller.holder = &server;
  return make_token(caller.index, caller.reply_generation);
}

// Undoes hold(): the token is stale from here on.
inline void unhold(Thread& caller) {
  caller.holder = nullptr;
  caller.reply_generation =
      (caller.reply_generation + 1) & kReplyGenerationMask;
}

// The thread whose answer `token` names, if `server` holds it; else null.
inline Thread* find_held(const Thread& server, u64 token) {
  Thread* caller = thread_table.at(static_cast<u32>(token) - 1);
  if (caller == nullptr || caller->holder != &server ||
      caller->reply_generation != static_cast<u32>(token >> 32)) {
    return nullptr;
  }
  return caller;
}

// Any answer but a managed thread's result and a server's message.
bool answer_otherwise(Thread& caller, const u64* words, u64 tag);

// Ends the wait of a held thread with an answer. False: it does not become
// ready but was passed on (kReplyRaise). True: the caller of this puts it into
// a queue or runs it.
[[gnu::always_inline]] inline bool answer(Thread& caller, const u64* words,
                                          u64 tag) {
  unhold(caller);
  const bool managed = caller.kind == ThreadKind::kManaged;
  if (caller.pending_reply != PendingReply::kCall ||
      (managed && tag_flags(tag) != kReplyResult)) [[unlikely]] {
    return answer_otherwise(caller, words, tag);
  }
  caller.state = ThreadState::kReady;
  if (managed) {
    hw::set_result(caller.frame, words[0]);
    return true;
  }
  MessageRegisters& to = caller.frame.message;
  for (unsigned i = 0; i < kMessageWords; ++i) to.words[i] = words[i];
  to.tag = tag & kTagMask;
  to.token = 0;
  return true;
}

// A server is gone: servers it held get kDied, managed threads stop, because
// only their process server can say what becomes of them.
void answer_all_died(Thread& server);

}  // namespace tine

#endif  // KERNEL_IPC_REPLY_H_
