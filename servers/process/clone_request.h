// What a clone is asked to do, whichever call asks.
#ifndef SERVERS_PROCESS_CLONE_REQUEST_H_
#define SERVERS_PROCESS_CLONE_REQUEST_H_

#include "servers/process/namespace/pid_namespace.h"

namespace tine::process {

struct CloneRequest {
  u64 flags = 0;
  u64 stack = 0;  // 0: the parent's
  u64 tls = 0;
  u64 parent_tid = 0;  // addresses
  u64 child_tid = 0;
  i32 exit_signal = 0;
  WantedNumbers tids = {};  // clone3
  u64 pidfd = 0;            // address
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_CLONE_REQUEST_H_
