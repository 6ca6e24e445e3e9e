// What a task waits for in semop, msgsnd or msgrcv.
#ifndef SERVERS_PROCESS_SYSV_IPC_WAIT_H_
#define SERVERS_PROCESS_SYSV_IPC_WAIT_H_

#include "servers/linux_abi/ipc.h"

namespace tine::process {
struct Task;
}

namespace tine::process::sysv {

struct Message;
struct MessageQueue;
struct SemaphoreSet;

// Which messages msgrcv takes.
struct MessageFilter {
  enum class Kind : u8 { kAny, kType, kOtherTypes, kLowestUpTo };
  Kind kind;
  i64 type;

  bool matches(i64 found) const {
    switch (kind) {
      case Kind::kAny:
        return true;
      case Kind::kType:
        return found == type;
      case Kind::kOtherTypes:
        return found != type;
      case Kind::kLowestUpTo:
        return found <= type;
    }
    return false;
  }
};

// Into which memory msgrcv puts the text.
struct ReceiveBuffer {
  u64 address;
  u64 bytes;
  bool truncates;  // MSG_NOERROR
};

struct SemaphoreWait {
  SemaphoreSet* set;
  linux_abi::SemaphoreOperation* operations;  // a block
  u32 count;
  u32 blocking;  // index of the one that cannot be done
};
struct SendWait {
  MessageQueue* queue;
  Message* message;
};
struct ReceiveWait {
  MessageQueue* queue;
  MessageFilter filter;
  ReceiveBuffer buffer;
};

struct IpcWait {
  Task* next;  // of those that wait for the same
  Task* previous;
  union {
    SemaphoreWait semaphore;
    SendWait send;
    ReceiveWait receive;
  };
};

// What these ask of the process server.
class IpcTasks {
 public:
  // Ends the task's wait, its call coming to `result`.
  virtual void wake(Task& task, i64 result) = 0;
  // Gives a message to a task that waits for it: what its call comes to.
  virtual i64 hand_over(Task& receiver, const Message& message) = 0;

 protected:
  ~IpcTasks() = default;
};

// Tasks in the order in which they came.
class TaskQueue {
 public:
  Task* first() const { return first_; }
  void add(Task& task);
  void remove(Task& task);

 private:
  Task* first_ = nullptr;
  Task* last_ = nullptr;
};

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_IPC_WAIT_H_
