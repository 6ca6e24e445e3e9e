// What a task keeps of a call that is withheld.
#ifndef SERVERS_VFS_WAIT_WAITING_H_
#define SERVERS_VFS_WAIT_WAITING_H_

#include "servers/vfs/wait/alarm.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

struct OpenFile;

// How the process server goes on with a call whose wait a signal ended: the
// negated ERESTART* of linux_abi/errno.h.
inline constexpr i64 kRestartSys = -512;        // unless SA_RESTART is missing
inline constexpr i64 kRestartNoHandler = -514;  // only if no handler runs
inline constexpr i64 kRestartRest = -516;  // the same, for the rest of its time

// Who gets a call's result.
enum class AnswerTo : u8 {
  kProgram,
  kProcessServer,  // kForwardedCallReturn
};

struct Waiting {
  u64 token = 0;  // 0: the task does not wait
  u64 badge = 0;
  u64 arguments[6] = {};
  u32 number = 0;
  AnswerTo answer_to = AnswerTo::kProgram;
  // Carried from one run of the call to the next.
  u64 progress = 0;
  u64 deadline = 0;  // ns; 0: none
  i64 if_interrupted = kRestartSys;
  OpenFile* pinned = nullptr;  // counted
  u32 pinned_fd = 0;
  const void* blocker = nullptr;  // whose lock it waits for

  // The queues that it is on: the first in the node here.
  WaitNode* nodes = nullptr;
  WaitNode node;
  WaitNode woken;            // in the list of those to be run again
  Alarm alarm;               // at the deadline
  u64 restart_deadline = 0;  // of a poll that ended with kRestartRest
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_WAIT_WAITING_H_
