// pidfds. The vfs server has the descriptors, each with the pid and the serial
// number of its process; what they are good for is decided here.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/fcntl.h"
#include "servers/process/process_server.h"
#include "servers/protocol/vfs.h"

namespace tine::process {

using namespace linux_abi;

// Who has a descriptor is told when the process ends, and only then does it
// need to be known that there is one.
i64 ProcessServer::make_pidfd(const Task& task, Process& process, u32 flags,
                              VfsLabel label) {
  const u64 zombie = process.is_zombie() ? process.leader->cookie() : 0;
  const sys::Message made = sys::call(
      kCallVfs, sys::make_message(label, task.cookie(),
                                  static_cast<u64>(process.pid.value),
                                  process.serial, zombie, u64{flags}));
  const i64 fd = sys::result_of(made, -ENOMEM);
  if (fd >= 0) process.has_pidfd = true;
  return fd;
}

// The process of a descriptor, null if it has been reaped. 0, -EBADF: there is
// no such descriptor; -EINVAL: it names no process.
i64 ProcessServer::find_pidfd(const Task& task, i32 fd, PidFdTarget& target,
                              bool takes_directory) {
  if (fd < 0) return -EBADF;
  const sys::Message found = sys::call(
      kCallVfs, sys::make_message(VfsLabel::kPidFdFind, task.cookie(),
                                  static_cast<u64>(fd), u64{takes_directory}));
  const i64 error = sys::result_of(found, -EBADF);
  if (error != 0) return error;
  target.name = {.pid = static_cast<i32>(found.words[1]),
                 .serial = found.words[2]};
  target.flags = static_cast<u32>(found.words[3]);
  Process* process = tasks_.find_process(Pid{target.name.pid});
  const bool is_same =
      process != nullptr &&
      (target.name.serial == 0 || process->serial == target.name.serial);
  target.process = is_same ? process : nullptr;
  return 0;
}

// Once per process, at its end.
void ProcessServer::tell_pidfds(const Process& process) {
  journal_.require(1);
  journal_.write(RingOp::kProcessEnded, process.serial,
                 process.leader->cookie());
}

void ProcessServer::cancel_pidfd() {
  (void)sys::call(kCallVfs, sys::make_message(VfsLabel::kPidFdCancel));
}

Outcome ProcessServer::sys_pidfd_open(const Call& call) {
  const i32 pid = call.int_argument(0);
  const u32 flags = call.uint_argument(1);
  if ((flags & ~u32{kOpenNonBlock}) != 0 || pid <= 0) {
    return call.result(-EINVAL);
  }
  Task* task = pids_.find(call.task, pid);
  if (task == nullptr) return call.result(-ESRCH);
  if (!task->is_leader()) return call.result(-EINVAL);
  return call.result(
      make_pidfd(call.task, *task->process, flags, VfsLabel::kPidFdOpen));
}

Outcome ProcessServer::sys_pidfd_send_signal(const Call& call) {
  const i32 signal = call.int_argument(1);
  if (call.uint_argument(3) != 0) return call.result(-EINVAL);
  PidFdTarget target;
  if (find_pidfd(call.task, call.int_argument(0), target, true) != 0) {
    return call.result(-EBADF);
  }
  // access_pidfd_pidns(): signals go to the own namespace and those within.
  if (pids_.seen_by(call.task, Pid{target.name.pid}) == 0 &&
      target.process != nullptr) {
    return call.result(-EINVAL);
  }
  SigInfo info = signals_.info_from(call.task, signal, kSiUser);
  if (call.argument(2) != 0) {
    if (user_.read(*call.task.mm, call.argument(2), info) != 0) {
      return call.result(-EFAULT);
    }
    if (info.signal != signal) return call.result(-EINVAL);
    if (target.process != call.task.process &&
        (info.code >= 0 || info.code == kSiTkill)) {
      return call.result(-EPERM);
    }
  }
  if (target.process == nullptr) return call.result(-ESRCH);
  return call.result(signals_.kill_one(call.task, *target.process, info));
}

Outcome ProcessServer::sys_pidfd_getfd(const Call& call) {
  if (call.uint_argument(2) != 0) return call.result(-EINVAL);
  PidFdTarget target;
  if (find_pidfd(call.task, call.int_argument(0), target) != 0) {
    return call.result(-EBADF);
  }
  if (target.process == nullptr) return call.result(-ESRCH);
  // Files are found by a thread that has not ended.
  const Task* owner = live_thread(*target.process);
  if (!may_access(call.task, *target.process->leader)) {
    return call.result(-EPERM);
  }
  if (owner == nullptr) return call.result(-EBADF);
  const sys::Message taken = sys::call(
      kCallVfs, sys::make_message(VfsLabel::kTakeFile, call.task.cookie(),
                                  owner->cookie(), u64{call.uint_argument(1)}));
  return call.result(sys::result_of(taken, -ENOMEM));
}

}  // namespace tine::process
