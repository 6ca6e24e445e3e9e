// timerfd_create, timerfd_settime, timerfd_gettime.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kAbsolute = 1;     // TFD_TIMER_ABSTIME
constexpr u32 kCancelOnSet = 2;  // TFD_TIMER_CANCEL_ON_SET

TimerFile* timer_of(OpenFile* file) {
  return file->operations->kind() == FileKind::kTimer
             ? static_cast<TimerFile*>(file->operations)
             : nullptr;
}

}  // namespace

i64 VfsServer::sys_timerfd_create(Call& call) {
  const u32 flags = call.as_u32(1);
  if ((flags & ~(kOpenCloseOnExec | kOpenNonBlock)) != 0) return -EINVAL;
  bool is_realtime = false;
  switch (call.as_int(0)) {
    case kClockRealtimeAlarm:
    case kClockBoottimeAlarm:
      // They would wake a sleeping machine.
      if (!credentials(call.task).may(Capability::kWakeAlarm)) return -EPERM;
      is_realtime = call.as_int(0) == kClockRealtimeAlarm;
      break;
    case kClockRealtime:
      is_realtime = true;
      break;
    case kClockMonotonic:
    case kClockBoottime:
      break;
    default:
      return -EINVAL;
  }
  TimerFile* timer = timers_.timers.make(timers_, is_realtime);
  if (timer == nullptr) return -ENOMEM;
  name_nameless(call, timer->node, 0600);
  OpenFile* file = store_.make_file(*timer, timer->node, nullptr,
                                    kOpenReadWrite | (flags & kOpenNonBlock));
  if (file == nullptr) {
    OpenFile none;
    timer->release(none);
    return -ENFILE;
  }
  const i64 fd = add_descriptor(call, *file, (flags & kOpenCloseOnExec) != 0);
  if (fd < 0) discard(*file);
  return fd;
}

i64 VfsServer::sys_timerfd_settime(Call& call) {
  const u32 flags = call.as_u32(1);
  Itimerspec time;
  if (!call.user.get(call[2], time)) return -EFAULT;
  if ((flags & ~(kAbsolute | kCancelOnSet)) != 0 || !is_valid(time.value) ||
      !is_valid(time.interval)) {
    return -EINVAL;
  }
  OpenFile* open = file(call, call[0]);
  if (open == nullptr) return -EBADF;
  TimerFile* timer = timer_of(open);
  if (timer == nullptr) return -EINVAL;
  const Itimerspec before = timer->left();
  timer->set(time, (flags & kAbsolute) != 0, (flags & kCancelOnSet) != 0);
  return call[3] == 0 ? 0 : call.user.put(call[3], before);
}

i64 VfsServer::sys_timerfd_gettime(Call& call) {
  OpenFile* open = file(call, call[0]);
  if (open == nullptr) return -EBADF;
  TimerFile* timer = timer_of(open);
  if (timer == nullptr) return -EINVAL;
  return call.user.put(call[1], timer->left());
}

}  // namespace tine::vfs
