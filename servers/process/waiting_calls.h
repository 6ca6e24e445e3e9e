// Calls whose answer is withheld here, and threads that something has happened
// to: they are looked at when the handler is done.
#ifndef SERVERS_PROCESS_WAITING_CALLS_H_
#define SERVERS_PROCESS_WAITING_CALLS_H_

#include "servers/process/board.h"
#include "servers/process/call.h"
#include "servers/process/futex/futex_table.h"
#include "servers/process/scheduler.h"
#include "servers/process/sysv/message_queues.h"
#include "servers/process/sysv/semaphores.h"
#include "servers/process/timers/timer_queue.h"

namespace tine::process {

class WaitingCalls {
 public:
  WaitingCalls(TimerQueue& timers, FutexTable& futexes, Scheduler& scheduler,
               sysv::BlockPool& blocks, sysv::Semaphores& semaphores,
               sysv::MessageQueues& messages, TaskBoard& board)
      : timers_(timers),
        futexes_(futexes),
        scheduler_(scheduler),
        blocks_(blocks),
        semaphores_(semaphores),
        messages_(messages),
        board_(board) {}

  // The call is answered by wake(), or when a signal ends the wait.
  Outcome withhold(const Call& call, Wait wait);
  // The wait ends then at the latest.
  void set_timeout(Task& task, u64 deadline_ns);
  // The task's call, if any, is no longer withheld; nobody answers it here.
  void stop(Task& task);
  void wake(Task& task, i64 result);

  // The thread will be looked at when the handler is done.
  void notice(Task& task);
  bool has_noticed() const { return first_noticed_ != nullptr; }
  // In the order in which it happened. Null: there is none left.
  Task* take_noticed();

 private:
  void leave_queue(Task& task);

  TimerQueue& timers_;
  FutexTable& futexes_;
  Scheduler& scheduler_;
  sysv::BlockPool& blocks_;
  sysv::Semaphores& semaphores_;
  sysv::MessageQueues& messages_;
  TaskBoard& board_;
  Task* first_noticed_ = nullptr;
  Task* last_noticed_ = nullptr;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_WAITING_CALLS_H_
