// Something that is to happen at a time.
#ifndef SERVERS_VFS_WAIT_ALARM_H_
#define SERVERS_VFS_WAIT_ALARM_H_

#include "kernel/base/types.h"

namespace tine::vfs {

struct Task;
class WaitQueue;

struct Alarm {
  u64 at = 0;  // ns since boot, its place in the list; 0: in none
  Alarm* previous = nullptr;
  Alarm* next = nullptr;
  // Who awakes: one of them.
  Task* task = nullptr;
  WaitQueue* queue = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_WAIT_ALARM_H_
