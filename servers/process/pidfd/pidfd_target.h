// What a pidfd names.
#ifndef SERVERS_PROCESS_PIDFD_PIDFD_TARGET_H_
#define SERVERS_PROCESS_PIDFD_PIDFD_TARGET_H_

#include "servers/process/process.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

struct PidFdTarget {
  ProcessName name;
  Process* process = nullptr;  // null: it has been reaped
  u32 flags = 0;               // of the open file
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_PIDFD_PIDFD_TARGET_H_
