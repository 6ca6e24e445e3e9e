// kcmp: whether two tasks use the same object. Each has a number, which says
// nothing else; files and what goes with them are numbered by the vfs server.
#include "servers/linux_abi/kcmp.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

u64 number_of(const void* object) { return reinterpret_cast<u64>(object); }

// A table that processes merely share until one of them changes it is two.
u64 number_of_actions(const Process& process) {
  return process.shared_actions != nullptr ? number_of(process.shared_actions)
                                           : number_of(&process);
}

}  // namespace

i64 ProcessServer::identity_below(const Task& task, VfsIdentity what,
                                  u64* identity, u64 fd, u64 watched_fd,
                                  u64 skip) {
  const sys::Message found =
      sys::call(kCallVfs, sys::make_message(VfsLabel::kIdentity, task.cookie(),
                                            static_cast<u64>(what), fd,
                                            watched_fd, skip));
  *identity = found.words[1];
  return sys::result_of(found, -EBADF);
}

// Who has ended uses nothing any more, and that is the same for all.
i64 ProcessServer::identity_of(const Task& task, i32 what, u64 index,
                               u64* identity) {
  *identity = 0;
  switch (what) {
    case kCompareFile:
      return identity_below(task, VfsIdentity::kFile, identity,
                            static_cast<u32>(index));
    case kCompareFiles:
      return identity_below(task, VfsIdentity::kDescriptors, identity);
    case kCompareFs:
      return identity_below(task, VfsIdentity::kContext, identity);
    case kCompareVm:
      *identity = number_of(task.mm);
      return 0;
    case kCompareSighand:
      *identity = number_of_actions(*task.process);
      return 0;
    case kCompareIo:
      *identity = task.inherited.io;
      return 0;
    case kCompareSysvSem:
      *identity = number_of(task.inherited.undo);
      return 0;
    default:
      return -EINVAL;
  }
}

Outcome ProcessServer::sys_kcmp(const Call& call) {
  const Task* first = pids_.find(call.task, call.int_argument(0));
  const Task* second = pids_.find(call.task, call.int_argument(1));
  const i32 what = call.int_argument(2);
  if (first == nullptr || second == nullptr) return call.result(-ESRCH);
  if (!may_access(call.task, *first) || !may_access(call.task, *second)) {
    return call.result(-EPERM);
  }
  const bool is_watched = what == kCompareEpollTarget;
  KcmpEpollSlot slot{};
  if (is_watched && user_.read(*call.task.mm, call.argument(4), slot) != 0) {
    return call.result(-EFAULT);
  }
  u64 one;
  u64 other;
  i64 error = identity_of(*first, is_watched ? i32{kCompareFile} : what,
                          call.argument(3), &one);
  if (error == 0) {
    error = is_watched
                ? identity_below(*second, VfsIdentity::kWatchedFile, &other,
                                 slot.set, slot.watched, slot.skip)
                : identity_of(*second, what, call.argument(4), &other);
  }
  if (error != 0) return call.result(error);
  // Equal, less, greater.
  return call.result(one == other ? 0 : one < other ? 1 : 2);
}

}  // namespace tine::process
