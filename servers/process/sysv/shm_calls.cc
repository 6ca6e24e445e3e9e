// shmget, shmat, shmdt, shmctl.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;
using sysv::Segment;

namespace {

SegmentStatus status_of(const Segment& segment) {
  return {.permissions = permissions_of(segment),
          .bytes = segment.bytes,
          .attached = static_cast<i64>(segment.attached),
          .detached = static_cast<i64>(segment.detached),
          .changed = static_cast<i64>(segment.changed),
          .creator = 0,  // numbers as the caller sees them
          .last = 0,
          .attachments = sysv::SharedSegments::use_of(segment).attachments,
          .reserved = {}};
}

}  // namespace

Outcome ProcessServer::sys_shmget(const Call& call) {
  const sysv::GetRequest request{call.task, call.int_argument(0),
                                 call.uint_argument(2)};
  return call.result(segments_.get(request, call.argument(1),
                                   pid_of(call.task).value, now_seconds()));
}

Outcome ProcessServer::sys_shmat(const Call& call) {
  Task& task = call.task;
  const u32 flags = call.uint_argument(2);
  u64 address = call.argument(1);
  if (call.int_argument(0) < 0) return call.result(-EINVAL);
  if ((address & kPageMask) != 0) {
    if ((flags & kShmRound) == 0) return call.result(-EINVAL);
    address &= ~u64{kPageMask};
  }
  if (address == 0 && (flags & kShmRemap) != 0) return call.result(-EINVAL);
  Segment* segment = segments_.find(call.int_argument(0));
  if (segment == nullptr) return call.result(-EINVAL);
  const u32 wanted = ((flags & kShmReadOnly) != 0 ? 0444u : 0666u) |
                     ((flags & kShmExecute) != 0 ? 0111u : 0u);
  if (!may_use(task, *segment, wanted)) {
    return call.result(-EACCES);
  }
  const i64 result = segments_.attach(*segment, task.mm->id, address, flags);
  if (result < 0) return call.result(result);
  task.mm->traits |= kMmHasSegments;
  segment->attached = now_seconds();
  segment->last = pid_of(task).value;
  return call.result(result);
}

Outcome ProcessServer::sys_shmdt(const Call& call) {
  Task& task = call.task;
  if ((call.argument(0) & kPageMask) != 0) return call.result(-EINVAL);
  i64 error;
  Segment* segment = segments_.detach(task.mm->id, call.argument(0), &error);
  if (error == -ENOMEM) user_.note_short();
  if (segment != nullptr) {
    segment->detached = now_seconds();
    segment->last = pid_of(task).value;
  }
  return call.result(error);
}

i64 ProcessServer::tell_of_segments(const Call& call, i32 command) {
  const Mm& mm = *call.task.mm;
  const u64 to = call.argument(2);
  const i64 highest = segments_.segments().highest();
  if (command == kIpcInfo) {
    const SegmentLimits limits{.most_bytes = kMostSegmentBytes,
                               .least_bytes = 1,
                               .most = kMostSegments,
                               .most_per_process = kMostSegments,
                               .most_pages = kMostSegmentBytes,
                               .reserved = {}};
    return user_.write(mm, to, limits) == 0 ? highest : -EFAULT;
  }
  SegmentUsage usage{};
  usage.used = static_cast<i32>(segments_.segments().count());
  usage.pages = segments_.pages();
  segments_.segments().for_each([&](const Segment& segment) {
    usage.resident += sysv::SharedSegments::use_of(segment).resident_pages;
  });
  return user_.write(mm, to, usage) == 0 ? highest : -EFAULT;
}

i64 ProcessServer::change_segment(const Call& call, i32 command) {
  const Task& by = call.task;
  SegmentStatus wanted{};
  if (command == kIpcSet &&
      user_.read(*call.task.mm, call.argument(2), wanted) != 0) {
    return -EFAULT;
  }
  Segment* segment = segments_.find(call.int_argument(0));
  if (segment == nullptr) return -EINVAL;
  if (!may_change(by, *segment)) return -EPERM;
  if (command == kIpcRemove) {
    segments_.remove(*segment);
    return 0;
  }
  const i64 error = set_permissions(*segment, wanted.permissions);
  if (error == 0) segment->changed = now_seconds();
  return error;
}

// No page of any segment is ever paged out: only the mark is kept.
i64 ProcessServer::lock_segment(const Call& call, bool locks) {
  const u32 euid = call.task.credentials().euid;
  Segment* segment = segments_.find(call.int_argument(0));
  if (segment == nullptr) return -EINVAL;
  if (!is_capable(call.task, Capability::kIpcLock)) {
    if (euid != segment->uid && euid != segment->cuid) return -EPERM;
    if (locks && call.task.process->limits[kLimitLocked].soft == 0) {
      return -EPERM;
    }
  }
  segment->mode =
      locks ? segment->mode | kShmLocked : segment->mode & ~kShmLocked;
  return 0;
}

Outcome ProcessServer::sys_shmctl(const Call& call) {
  const i32 id = call.int_argument(0);
  const i32 command = call.int_argument(1);
  if (id < 0 || command < 0) return call.result(-EINVAL);
  switch (command) {
    case kIpcInfo:
    case kShmInfo:
      return call.result(tell_of_segments(call, command));
    case kIpcStat:
    case kShmStat:
    case kShmStatAny: {
      const Segment* segment = command == kIpcStat
                                   ? segments_.find(id)
                                   : segments_.at(static_cast<u32>(id));
      if (segment == nullptr) return call.result(-EINVAL);
      if (command != kShmStatAny && !may_use(call.task, *segment, 0444)) {
        return call.result(-EACCES);
      }
      const i64 result = command == kIpcStat ? 0 : segment->id();
      SegmentStatus status = status_of(*segment);
      status.creator = pids_.seen_by(call.task, Pid{segment->creator});
      status.last = pids_.seen_by(call.task, Pid{segment->last});
      const i64 error = user_.write(*call.task.mm, call.argument(2), status);
      return call.result(error == 0 ? result : error);
    }
    case kIpcSet:
    case kIpcRemove:
      return call.result(change_segment(call, command));
    case kShmLock:
    case kShmUnlock:
      return call.result(lock_segment(call, command == kShmLock));
    default:
      return call.result(-EINVAL);
  }
}

}  // namespace tine::process
