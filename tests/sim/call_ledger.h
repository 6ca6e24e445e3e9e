// Who owes whom an answer: kept by watching the kernel from outside, to compare
// with what the servers remember (I6).
#ifndef TESTS_SIM_CALL_LEDGER_H_
#define TESTS_SIM_CALL_LEDGER_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernel/thread/thread.h"
#include "tests/sim/server_bodies.h"

namespace tine {

class CallLedger {
 public:
  // Around each kernel entrance of `thread`.
  void before_kernel(const Thread& thread);
  void after_kernel(const Thread& thread);

  // To be called when no server is at work: each call of a program that is
  // unanswered is owed by one server, which remembers it once. Empty, or the
  // first violation since the run began.
  std::string check(const ServersView& view) const;

  // System calls of programs.
  u64 delivered() const { return delivered_; }
  u64 answered() const { return answered_; }
  // Whose caller was killed before the answer.
  u64 ended() const { return ended_calls_; }

  // Called for each system call's delivery to, and answer by, a server.
  std::function<void(const Thread& caller, const Thread& server)> on_delivery;
  std::function<void(const Thread& caller, const Thread& server)> on_answer;

 private:
  struct Debt {
    const Thread* caller;
    u32 generation;  // of the caller's object
    const Thread* server;
    u16 label;
    // A program's, also when it was passed on from server to server.
    bool is_call() const {
      return label == kLabelSyscall ||
             (caller->kind == ThreadKind::kManaged && label < kLabelKernel);
    }
  };

  void settle(u64 token, const Thread& server);
  void pass_on(u64 token, const Thread& server);
  void end_debts();
  void add_debts();
  void violation(const char* what, const Thread& thread);

  bool was_batch_ = false;          // its result is in words[0]
  std::vector<u64> answering_;      // tokens that this entrance answers
  std::vector<u64> passing_on_;     // and those that it forwards
  std::map<u64, Debt> debts_;       // by token
  std::set<u64> ended_;             // tokens of those who were killed
  std::set<const Thread*> queued_;  // sending, taken by no server yet
  u64 delivered_ = 0;
  u64 answered_ = 0;
  u64 ended_calls_ = 0;
  std::string error_;
};

}  // namespace tine

#endif  // TESTS_SIM_CALL_LEDGER_H_
