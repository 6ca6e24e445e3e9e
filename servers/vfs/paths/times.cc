// utimensat and the older forms.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/time.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr i64 kUtimeNow = 0x3fff'ffff;
constexpr i64 kUtimeOmit = 0x3fff'fffe;

bool is_plausible(const Timespec& time) {
  return time.nanoseconds == kUtimeNow || time.nanoseconds == kUtimeOmit ||
         (time.nanoseconds >= 0 && time.nanoseconds < kNsPerSecond);
}

// What does not fit is the nearest that does, as where a file system's times
// have bounds.
i64 ns_of(const Timespec& time) {
  constexpr i64 kMost = INT64_MAX / kNsPerSecond - 1;
  i64 seconds = time.seconds;
  if (seconds > kMost) seconds = kMost;
  if (seconds < -kMost) seconds = -kMost;
  return seconds * kNsPerSecond + time.nanoseconds;
}

// A time alone changes as if its cause had happened.
u32 event_of(const Timespec (&times)[2]) {
  if (times[0].nanoseconds == kUtimeOmit) return kInModify;
  return times[1].nanoseconds == kUtimeOmit ? kInAccess : kInAttributes;
}

i64 set_times(const Credentials& who, Inode& inode,
              const Timespec (&times)[2]) {
  if (!is_plausible(times[0]) || !is_plausible(times[1])) return -EINVAL;
  if (i64 error = may_change(inode); error != 0) return error;
  const bool both_now =
      times[0].nanoseconds == kUtimeNow && times[1].nanoseconds == kUtimeNow;
  if (!owns(who, inode)) {
    if (!both_now) return -EPERM;
    if (check_rights(who, inode, kAccessWrite) != 0) return -EACCES;
  }
  const i64 time = now();
  const auto set = [&](i64& place, const Timespec& to) {
    if (to.nanoseconds == kUtimeOmit) return;
    place = to.nanoseconds == kUtimeNow ? time : ns_of(to);
  };
  set(inode.accessed, times[0]);
  set(inode.modified, times[1]);
  inode.changed = time;
  return 0;
}

}  // namespace

i64 VfsServer::change_times(Call& call, i32 fd, u64 path, u32 flags,
                            const Timespec (&times)[2]) {
  if (times[0].nanoseconds == kUtimeOmit &&
      times[1].nanoseconds == kUtimeOmit) {
    return 0;
  }
  const Credentials who = credentials(call.task);
  if ((flags & ~(kAtSymlinkNoFollow | kAtEmptyPath)) != 0) return -EINVAL;
  // Without a path it is the descriptor's file.
  if (path == 0 && fd != kAtFdCwd) {
    if (flags != 0) return -EINVAL;
    OpenFile* open = file(call, static_cast<u32>(fd));
    if (open == nullptr) return -EBADF;
    const i64 error = set_times(who, open->inode(), times);
    if (error == 0) tell_watchers(open->entry, open->inode(), event_of(times));
    return error;
  }
  EntryRef entry;
  Inode* inode;
  i64 error = find_inode(call, who, fd, path, flags, entry, inode);
  if (error == 0) error = set_times(who, *inode, times);
  if (error == 0) tell_watchers(entry.get(), *inode, event_of(times));
  return error;
}

i64 VfsServer::sys_utimensat(Call& call) {
  Timespec times[2] = {{0, kUtimeNow}, {0, kUtimeNow}};
  if (call[2] != 0 && !call.user.get(call[2], times)) return -EFAULT;
  return change_times(call, call.as_int(0), call[1], call.as_u32(3), times);
}

// utimes, futimesat.
i64 VfsServer::sys_utimes(Call& call, i32 fd, u64 path, u64 address) {
  Timespec times[2] = {{0, kUtimeNow}, {0, kUtimeNow}};
  if (address != 0) {
    Timeval values[2];
    if (!call.user.get(address, values)) return -EFAULT;
    for (unsigned i = 0; i < 2; ++i) {
      if (values[i].microseconds < 0 || values[i].microseconds >= 1'000'000) {
        return -EINVAL;
      }
      times[i] = {values[i].seconds, values[i].microseconds * 1000};
    }
  }
  return change_times(call, fd, path, 0, times);
}

i64 VfsServer::sys_utime(Call& call) {
  Timespec times[2] = {{0, kUtimeNow}, {0, kUtimeNow}};
  if (call[1] != 0) {
    i64 seconds[2];
    if (!call.user.get(call[1], seconds)) return -EFAULT;
    times[0] = {seconds[0], 0};
    times[1] = {seconds[1], 0};
  }
  return change_times(call, kAtFdCwd, call[0], 0, times);
}

}  // namespace tine::vfs
