// Queues of tasks whose calls wait for something.
//
// A call that cannot go on puts its task on queues and is withheld. When one of
// them wakes it leaves all of them, and the call is run again from its start,
// with the arguments it had: so every handler is a plain function that either
// answers or waits, and finds the world as it is now, not as it was.
#ifndef SERVERS_VFS_WAIT_WAIT_QUEUE_H_
#define SERVERS_VFS_WAIT_WAIT_QUEUE_H_

#include "kernel/base/types.h"

namespace tine::vfs {

struct AsyncWatch;
struct Task;
class WaitList;
class Wakeups;

// A task's place in one list.
struct WaitNode {
  Task* task = nullptr;
  WaitList* list = nullptr;  // null: in none
  WaitNode* previous = nullptr;
  WaitNode* next = nullptr;
  WaitNode* next_of_task = nullptr;
};

// Tasks in the order in which they came.
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  bool is_empty() const { return first_ == nullptr; }
  WaitNode* first() const { return first_; }
  void add(WaitNode& node);
  // If it is in this or another list.
  static void remove(WaitNode& node);

 private:
  WaitNode* first_ = nullptr;
  WaitNode* last_ = nullptr;
};

class WaitQueue : public WaitList {
 public:
  explicit WaitQueue(Wakeups& wakeups) : wakeups_(wakeups) {}
  // Has the calls of all who wait here run again, soon: not within this.
  // To be called too before the queue is no more.
  void wake();
  // How often it has woken.
  u64 wakes() const { return wakes_; }

  AsyncWatch* async = nullptr;  // those who are sent a signal

 private:
  Wakeups& wakeups_;
  u64 wakes_ = 0;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_WAIT_WAIT_QUEUE_H_
