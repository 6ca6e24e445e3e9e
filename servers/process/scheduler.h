// Gives threads the priorities that they are to run at: their own, or, while
// they have a lock that a better thread waits for, the better one's.
#ifndef SERVERS_PROCESS_SCHEDULER_H_
#define SERVERS_PROCESS_SCHEDULER_H_

#include "servers/process/board.h"
#include "servers/process/deferred_ops.h"
#include "servers/process/schedule.h"

namespace tine::process {

class Scheduler {
 public:
  Scheduler(TaskBoard& board, DeferredOps& deferred)
      : board_(board), deferred_(deferred) {}

  // What it has been given has changed: from now on it runs by that, and so
  // does who has the lock that it waits for.
  void schedule(Task& task);

  // `waiter` begins to wait for a lock that `owner` has, who does not wait for
  // it, through others.
  void begin_inheritance(Task& waiter, Task& owner);
  void end_inheritance(Task& waiter);

 private:
  void apply(const Task& task);
  void boost(Task& owner);

  TaskBoard& board_;
  DeferredOps& deferred_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SCHEDULER_H_
