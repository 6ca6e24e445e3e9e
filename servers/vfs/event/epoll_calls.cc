// epoll_create, epoll_ctl, epoll_wait and their kin.
#include "servers/linux_abi/arch/epoll_event.h"
#include "servers/linux_abi/epoll.h"
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

i64 VfsServer::sys_epoll_create(Call& call, u32 flags) {
  if ((flags & ~kOpenCloseOnExec) != 0) return -EINVAL;
  EpollFile* set = epolls_.sets.make(epolls_);
  if (set == nullptr) return -ENOMEM;
  name_nameless(call, set->node, 0600);
  OpenFile* file = store_.make_file(*set, set->node, nullptr, kOpenReadWrite);
  if (file == nullptr) {
    epolls_.sets.free(set);
    return -ENFILE;
  }
  set->self = file;
  const i64 fd = add_descriptor(call, *file, (flags & kOpenCloseOnExec) != 0);
  if (fd < 0) discard(*file);
  return fd;
}

namespace {

// With these EPOLLEXCLUSIVE goes together.
constexpr u32 kWithExclusive = kPollIn | kPollOut | kPollError | kPollHangUp |
                               kEpollExclusive | kEpollWakeUp | kEpollEdge;

// Files that are always ready have nothing to tell.
bool can_be_watched(FileKind kind) {
  switch (kind) {
    case FileKind::kRegular:
    case FileKind::kDirectory:
    case FileKind::kDevice:
    case FileKind::kText:
      return false;
    default:
      return true;
  }
}

}  // namespace

i64 VfsServer::sys_epoll_ctl(Call& call) {
  const i32 operation = call.as_int(1);
  const u32 fd = call.as_u32(2);
  EpollEvent event{};
  if (operation != kEpollDelete && !call.user.get(call[3], event)) {
    return -EFAULT;
  }
  OpenFile* const open = file(call, call[0]);
  OpenFile* const target = file(call, fd);
  if (open == nullptr || target == nullptr) return -EBADF;
  if (!can_be_watched(target->operations->kind())) return -EPERM;
  EpollFile* const set = EpollFile::of(open);
  if (set == nullptr || open == target) return -EINVAL;
  const EpollFile* const inner = EpollFile::of(target);
  if ((event.events & kEpollExclusive) != 0 &&
      (operation == kEpollModify ||
       (operation == kEpollAdd &&
        (inner != nullptr || (event.events & ~kWithExclusive) != 0)))) {
    return -EINVAL;
  }
  if (operation == kEpollAdd && inner != nullptr && !inner->may_be_in(*open)) {
    return -ELOOP;
  }
  EpollInterest* interest = set->find(*target, fd);
  switch (operation) {
    case kEpollDelete:
      if (interest == nullptr) return -ENOENT;
      set->drop(*interest);
      return 0;
    case kEpollAdd:
      if (interest != nullptr) return -EEXIST;
      interest = set->add(*target, fd);
      if (interest == nullptr) return -ENOMEM;
      break;
    case kEpollModify:
      if (interest == nullptr) return -ENOENT;
      if ((interest->events & kEpollExclusive) != 0) return -EINVAL;
      break;
    default:
      return -EINVAL;
  }
  interest->events = event.events | kPollError | kPollHangUp;
  interest->data = event.data;
  interest->is_reported = false;
  set->changed.wake();
  return 0;
}

// How many events were put at `address`, or a negated errno.
i64 VfsServer::tell_events(Call& call, EpollFile& set, u64 address, u32 most) {
  u32 count = 0;
  // Those told of go to the end: the last one that is there now ends the pass.
  EpollInterest* const last = set.last();
  for (EpollInterest* i = set.first(); i != nullptr && count < most;) {
    EpollInterest* const next = i == last ? nullptr : i->next;
    const u32 events = EpollFile::ready(*i);
    if (events != 0) {
      const EpollEvent event{events, i->data};
      const i64 error =
          call.user.put(address + count * sizeof(EpollEvent), event);
      if (error != 0) return count != 0 ? i64{count} : error;
      ++count;
      set.told(*i);
    }
    i = next;
  }
  return count;
}

i64 VfsServer::epoll_wait(Call& call) {
  constexpr i32 kMost = 0x7fff'ffff / sizeof(EpollEvent);
  call.if_interrupted = -EINTR;
  const i32 most = call.as_int(2);
  if (most <= 0 || most > kMost) return -EINVAL;
  OpenFile* open = file(call, call[0]);
  if (open == nullptr) return -EBADF;
  EpollFile* const set = EpollFile::of(open);
  if (set == nullptr) return -EINVAL;
  if (!UserMemory::is_plausible(call[1],
                                static_cast<u64>(most) * sizeof(EpollEvent))) {
    return -EFAULT;
  }
  signals_.asking = call.task.cookie;
  const i64 told = tell_events(call, *set, call[1], static_cast<u32>(most));
  if (told != 0 || is_over(call)) return told;
  pin(call, call.as_u32(0), *open);
  return wait_on_set(call, *set);
}

i64 VfsServer::wait_on_set(Call& call, EpollFile& set) {
  i64 result = wait_on(call, set.changed);
  for (EpollInterest* i = set.first(); i != nullptr && result == kWithheld;
       i = i->next) {
    result = wait_on_file(call, *i->file);
  }
  return result;
}

i64 VfsServer::sys_epoll_wait(Call& call) {
  constexpr u64 kNsPerMillisecond = 1'000'000;
  const i32 milliseconds = call.as_int(3);
  if (milliseconds >= 0 && !call.is_again) {
    set_timeout(call, static_cast<u64>(milliseconds) * kNsPerMillisecond);
  }
  return epoll_wait(call);
}

// The mask has been set by the process server.
i64 VfsServer::sys_epoll_pwait2(Call& call) {
  if (i64 error = get_timeout(call, call[3]); error != 0) return error;
  return epoll_wait(call);
}

}  // namespace tine::vfs
