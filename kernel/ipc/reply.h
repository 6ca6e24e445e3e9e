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
  server.last_caller = &caller;
  return reply_token(caller);
}

// Undoes hold(): the token is stale from here on.
inline void unhold(Thread& caller) {
  caller.holder = nullptr;
  ++caller.reply_generation;
}

// The thread whose answer `token` names, if `server` holds it; else null.
inline bool holds(const Thread& server, const Thread& caller, u64 token) {
  return caller.holder == &server && reply_token(caller) == token;
}
inline Thread* find_held(const Thread& server, u64 token) {
  if (holds(server, *server.last_caller, token)) [[likely]]
    return server.last_caller;
  Thread* caller = thread_table.at(static_cast<u32>(token >> 32) - 1);
  return caller != nullptr && holds(server, *caller, token) ? caller : nullptr;
}

// Is an answer with this tag a call's result or a server's message?
inline bool is_plain_answer(const Thread& caller, u64 tag) {
  return caller.pending_reply == PendingReply::kCall &&
         (caller.kind == ThreadKind::kServer || tag_flags(tag) == kReplyResult);
}

// Ends the wait of a held thread with an answer. False: it was passed on
// (kReplyRaise) or is in the run queue (kReplyYield). True: the caller of this
// puts it into a queue or runs it.
bool answer(Thread& caller, const u64* words, u64 tag);

// A server is gone: servers it held get kDied, managed threads stop, because
// only their process server can say what becomes of them.
void answer_all_died(Thread& server);

}  // namespace tine

#endif  // KERNEL_IPC_REPLY_H_
