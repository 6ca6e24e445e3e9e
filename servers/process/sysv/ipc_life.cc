// Where System V IPC meets the life of tasks: waits that end, fork, exec, exit.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

u64 ProcessServer::now_seconds() const {
  u64 ns;
  (void)clock_.read(kClockRealtime, &ns);
  return ns / u64{kNsPerSecond};
}

// copy_semundo(): the list came with all that is inherited.
void ProcessServer::inherit_undo(Task& child, bool shares) {
  if (shares) {
    ++child.inherited.undo->holders;
  } else {
    child.inherited.undo = nullptr;
  }
}

// What a fork's new mm has attached is so once more, by its maker.
void ProcessServer::note_forked_segments(const Mm& mm, const Task& parent) {
  segments_.note_attached(mm.id, pid_of(parent).value, now_seconds());
}

void ProcessServer::note_detached_segments(const Mm& mm, Pid pid) {
  segments_.note_detached(mm.id, pid.value, now_seconds());
}

}  // namespace tine::process
