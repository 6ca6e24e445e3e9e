#include "tests/sim/call_ledger.h"

#include <algorithm>

#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"
#include "kernel/thread/thread_table.h"
#include "servers/protocol/bootstrap.h"

namespace tine {
namespace {

NativeOp native_op(const Thread& server) {
  return static_cast<NativeOp>(static_cast<u8>(server.frame.message.tag >> 24));
}

template <typename F>
void for_each_live(F f) {
  for (u32 i = 0; i < thread_table.slots(); ++i) {
    const Thread& thread = *thread_table.at(i);
    if (thread.object.live) f(thread);
  }
}

}  // namespace

void CallLedger::before_kernel(const Thread& thread) {
  answering_.clear();
  passing_on_.clear();
  was_batch_ = false;
  if (thread.kind != ThreadKind::kServer) return;
  const MessageRegisters& message = thread.frame.message;
  const NativeOp op = native_op(thread);
  const bool receives = op == NativeOp::kReplyRecv ||
                        op == NativeOp::kBatchReplyRecv ||
                        op == NativeOp::kPokeReplyRecv;
  if (receives && message.token != 0) answering_.push_back(message.token);
  if (op != NativeOp::kBatch && op != NativeOp::kBatchReplyRecv) return;
  const auto& block = *reinterpret_cast<const Utcb*>(thread.utcb);
  const u64 count = op == NativeOp::kBatch ? message.words[0] : block.count;
  for (u64 i = 0; i < std::min<u64>(count, kMaxBatchOps); ++i) {
    const Op& operation = block.ops[i];
    if (operation.code == OpCode::kReply) answering_.push_back(operation.a);
    if (operation.code == OpCode::kForward) passing_on_.push_back(operation.a);
  }
  was_batch_ = op == NativeOp::kBatch;
}

void CallLedger::after_kernel(const Thread& thread) {
  // A receiver that goes on with an error has answered nobody.
  const MessageRegisters& message = thread.frame.message;
  const bool failed = was_batch_ ? message.words[0] != 0
                                 : thread.state == ThreadState::kReady &&
                                       tag_label(message.tag) == kLabelError;
  was_batch_ = false;
  if (!failed) {
    for (const u64 token : answering_) settle(token, thread);
    for (const u64 token : passing_on_) pass_on(token, thread);
  }
  end_debts();
  add_debts();
}

void CallLedger::settle(u64 token, const Thread& server) {
  const auto debt = debts_.find(token);
  if (debt == debts_.end()) {
    if (!ended_.contains(token))
      violation("answered what it does not owe", server);
    return;
  }
  if (debt->second.server != &server) {
    violation("answered what another owes", server);
  }
  if (debt->second.is_call()) {
    ++answered_;
    if (on_answer) on_answer(*debt->second.caller, server);
  }
  debts_.erase(debt);
}

// The debt is another server's when that one takes the message.
void CallLedger::pass_on(u64 token, const Thread& server) {
  const auto debt = debts_.find(token);
  if (debt == debts_.end() || debt->second.server != &server) {
    violation("passed on what it does not owe", server);
    return;
  }
  delivered_ -= debt->second.is_call();
  debts_.erase(debt);
}

// What is left of those whose callers no longer wait.
void CallLedger::end_debts() {
  for (auto next = debts_.begin(); next != debts_.end();) {
    const auto debt = next++;
    const Thread& caller = *debt->second.caller;
    if (!caller.object.live ||
        caller.object.generation != debt->second.generation) {
      ended_calls_ += debt->second.is_call();
      ended_.insert(debt->first);
      debts_.erase(debt);
    } else if (caller.state != ThreadState::kReplyWait ||
               reply_token(caller) != debt->first) {
      violation("goes on without an answer", caller);
      debts_.erase(debt);
    }
  }
}

void CallLedger::add_debts() {
  std::set<const Thread*> queued;
  for_each_live([&](const Thread& thread) {
    if (thread.state == ThreadState::kSending) queued.insert(&thread);
    if (thread.state == ThreadState::kReady && queued_.contains(&thread)) {
      violation("goes on though its message was never taken", thread);
    }
    if (thread.state != ThreadState::kReplyWait ||
        debts_.contains(reply_token(thread))) {
      return;
    }
    const Debt debt{&thread, thread.object.generation, thread.holder,
                    thread.send_label};
    debts_[reply_token(thread)] = debt;
    if (!debt.is_call()) return;
    ++delivered_;
    if (on_delivery) on_delivery(thread, *thread.holder);
  });
  queued_ = std::move(queued);
}

std::string CallLedger::check(const ServersView& view) const {
  if (!error_.empty()) return error_;
  for (const auto& [token, debt] : debts_) {
    const auto remembered = [&](const std::vector<u64>& tokens) {
      return std::count(tokens.begin(), tokens.end(), token);
    };
    const auto by_process = remembered(view.process_tokens);
    const auto by_vfs = remembered(view.vfs_tokens);
    const u64 server = debt.server->cookie;
    const auto by_server = server == u64(ServerId::kProcess) ? by_process
                           : server == u64(ServerId::kVfs)   ? by_vfs
                                                             : 0;
    if (by_server == 1 && by_process + by_vfs == 1) continue;
    return "I6: the call of thread " + std::to_string(debt.caller->index) +
           " (label " + std::to_string(debt.label) + ") is owed by server " +
           std::to_string(server) + " and remembered " +
           std::to_string(by_process) + " times by the process server, " +
           std::to_string(by_vfs) + " times by the vfs server";
  }
  return {};
}

void CallLedger::violation(const char* what, const Thread& thread) {
  if (!error_.empty()) return;
  error_ = "I6: thread " + std::to_string(thread.index) + " (cookie " +
           std::to_string(thread.cookie) + ") " + what;
}

}  // namespace tine
