// poll and ppoll.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u32 kAlways = kPollError | kPollHangUp;
}  // namespace

u32 VfsServer::poll_now(Call& call, u32 fd, OpenFile*& open) {
  open = file(call, fd);
  signals_.asking = call.task.cookie;
  return open == nullptr ? kPollInvalid : open->operations->poll(*open);
}

i64 VfsServer::wait_on_file(Call& call, OpenFile& file) {
  if (EpollFile* set = EpollFile::of(&file)) return wait_on_set(call, *set);
  WaitQueue* const reads = file.operations->wait_queue(file, false);
  WaitQueue* const writes = file.operations->wait_queue(file, true);
  if (reads != nullptr) {
    if (i64 error = wait_on(call, *reads); error != kWithheld) return error;
  }
  if (writes != nullptr && writes != reads) return wait_on(call, *writes);
  return kWithheld;
}

// A pass over all descriptors: asks each, and tells the program (`tells`) or
// waits for it (`waits`). How many have events, or a negated errno.
i64 VfsServer::poll_pass(Call& call, bool tells, bool waits) {
  constexpr u32 kAtOnce = kBounceBytes / sizeof(PollFd);
  const u32 count = call.as_u32(1);
  i64 found = 0;
  for (u32 done = 0; done < count;) {
    const u32 part = count - done < kAtOnce ? count - done : kAtOnce;
    const u64 address = call[0] + done * sizeof(PollFd);
    auto* const fds = reinterpret_cast<PollFd*>(bounce_);
    if (call.user.in(address, fds, part * sizeof(PollFd)) !=
        part * sizeof(PollFd)) {
      return -EFAULT;
    }
    for (u32 i = 0; i < part; ++i) {
      fds[i].returned = 0;
      if (fds[i].fd < 0) continue;
      OpenFile* open = nullptr;
      const u32 events = poll_now(call, static_cast<u32>(fds[i].fd), open);
      if (open == nullptr) {
        fds[i].returned = kPollInvalid;
      } else {
        fds[i].returned = static_cast<u16>(events & (fds[i].events | kAlways));
        if (waits) {
          const i64 error = wait_on_file(call, *open);
          if (error != kWithheld) return error;
        }
      }
      if (fds[i].returned != 0) ++found;
    }
    // Only the answers: what else is there is the program's.
    for (u32 i = 0; tells && i < part; ++i) {
      const i64 error = call.user.put(
          address + i * sizeof(PollFd) + __builtin_offsetof(PollFd, returned),
          fds[i].returned);
      if (error != 0) return error;
    }
    done += part;
  }
  return found;
}

i64 VfsServer::poll_all(Call& call) {
  if (call.as_u32(1) > call.task.limit) return -EINVAL;
  const i64 found = poll_pass(call, false, false);
  if (found < 0) return found;
  if (found == 0 && !is_over(call)) {
    const i64 error = poll_pass(call, false, true);
    return error < 0 ? error : kWithheld;
  }
  return poll_pass(call, true, false);
}

i64 VfsServer::sys_poll(Call& call) {
  constexpr u64 kNsPerMillisecond = 1'000'000;
  const i32 milliseconds = call.as_int(2);
  call.if_interrupted = milliseconds > 0 ? kRestartRest : kRestartNoHandler;
  if (milliseconds >= 0 && !call.is_again) {
    set_timeout(call, static_cast<u64>(milliseconds) * kNsPerMillisecond);
  }
  return poll_all(call);
}

i64 VfsServer::sys_ppoll(Call& call) {
  call.if_interrupted = kRestartNoHandler;
  if (i64 error = get_timeout(call, call[2]); error != 0) return error;
  const i64 result = poll_all(call);
  if (result != kWithheld) put_remaining(call, call[2], TimeForm::kTimespec);
  return result;
}

}  // namespace tine::vfs
