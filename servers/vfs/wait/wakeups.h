// Tasks that wait: for queues, for a time, to be run again.
#ifndef SERVERS_VFS_WAIT_WAKEUPS_H_
#define SERVERS_VFS_WAIT_WAKEUPS_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/wait/alarm.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

// A bit of kSelfNotification: more are woken than one message runs again.
inline constexpr u64 kNewsWoken = u64{1} << 32;

class Wakeups {
 public:
  Wakeups(Heap& heap, u64 most_nodes) : nodes_(heap, most_nodes) {}
  Wakeups(const Wakeups&) = delete;

  // False: no memory. Each task has memory for one queue.
  [[nodiscard]] bool add(Task& task, WaitQueue& queue);
  // The task runs again at that time, ns; 0: at none.
  void set_timer(Task& task, u64 deadline);
  // The same for whoever the alarm is for.
  void set_alarm(Alarm& alarm, u64 at);
  // Off all queues, timers and the list of the woken.
  void leave(Task& task);

  // Its call is to be run again.
  void wake(Task& task);
  // Wakes those whose time has come, has the kernel tell of the next.
  void expire(u64 now);
  // The next task to run, which has left all else; null: none.
  Task* next();
  bool has_next() const { return !woken_.is_empty(); }

  // Queues beyond the first of tasks, for the invariant checker.
  u64 live_nodes() const { return nodes_.live(); }

 private:
  void leave_queues(Task& task);
  void clear(Alarm& alarm);
  void arm();

  Slab<WaitNode> nodes_;
  WaitList woken_;
  Alarm* alarms_ = nullptr;  // by time
  u64 armed_ = 0;            // the deadline that the kernel was given; 0: none
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_WAIT_WAKEUPS_H_
