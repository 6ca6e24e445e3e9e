// select and pselect6.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/time.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kWords = kMaxFds / 64;
// What makes a descriptor readable, writable, exceptional.
constexpr u32 kSetEvents[3] = {
    kPollReadNormal | kPollReadBand | kPollIn | kPollHangUp | kPollError,
    kPollWriteBand | kPollWriteNormal | kPollOut | kPollError,
    kPollPriority,
};

bool has(const u64* set, u32 fd) { return (set[fd / 64] >> fd % 64 & 1) != 0; }

}  // namespace

// The three sets in and out. `answer` null: registers for all instead.
i64 VfsServer::select_pass(Call& call, u32 count, u64 (*sets)[kSetWords],
                           u64 (*answer)[kSetWords]) {
  i64 found = 0;
  for (u32 fd = 0; fd < count; ++fd) {
    u32 asked = 0;
    for (u32 s = 0; s < 3; ++s) {
      if (has(sets[s], fd)) asked |= kSetEvents[s];
    }
    if (asked == 0) continue;
    OpenFile* open = nullptr;
    const u32 events = poll_now(call, fd, open);
    if (open == nullptr) return -EBADF;
    if (answer == nullptr) {
      const i64 error = wait_on_file(call, *open);
      if (error != kWithheld) return error;
      continue;
    }
    for (u32 s = 0; s < 3; ++s) {
      if (!has(sets[s], fd) || (events & kSetEvents[s]) == 0) continue;
      answer[s][fd / 64] |= u64{1} << fd % 64;
      ++found;
    }
  }
  return found;
}

i64 VfsServer::select_all(Call& call) {
  static_assert(kSetWords == kWords);
  if (call.as_int(0) < 0) return -EINVAL;
  u32 count = call.as_u32(0);
  // Descriptors that the table has no place for are none, as in Linux.
  const u32 room = call.task.table->capacity();
  if (count > room) count = room < 64 ? (count < 64 ? count : 64) : room;
  const u64 bytes = (u64{count} + 63) / 64 * 8;
  u64 sets[3][kSetWords] = {};
  u64 answer[3][kSetWords] = {};
  for (u32 s = 0; s < 3; ++s) {
    if (call[1 + s] == 0) continue;
    if (call.user.in(call[1 + s], sets[s], bytes) != bytes) return -EFAULT;
  }
  const i64 found = select_pass(call, count, sets, answer);
  if (found < 0) return found;
  if (found == 0 && !is_over(call)) {
    const i64 error = select_pass(call, count, sets, nullptr);
    return error < 0 ? error : kWithheld;
  }
  for (u32 s = 0; s < 3; ++s) {
    if (call[1 + s] == 0) continue;
    const i64 error = call.user.put_bytes(call[1 + s], answer[s], bytes);
    if (error != 0) return error;
  }
  return found;
}

i64 VfsServer::sys_select(Call& call) {
  call.if_interrupted = kRestartNoHandler;
  if (call[4] != 0 && !call.is_again) {
    // Microseconds beyond a second are carried over.
    constexpr i64 kMicroseconds = 1'000'000;
    Timeval time;
    if (!call.user.get(call[4], time)) return -EFAULT;
    if (time.seconds < 0 || time.microseconds < 0) return -EINVAL;
    const i64 carried = time.microseconds / kMicroseconds;
    if (time.seconds > INT64_MAX - carried) return -EINVAL;
    set_timeout(call, to_ns({time.seconds + carried,
                             time.microseconds % kMicroseconds * 1000}));
  }
  const i64 result = select_all(call);
  if (result != kWithheld) put_remaining(call, call[4], TimeForm::kTimeval);
  return result;
}

i64 VfsServer::sys_pselect6(Call& call) {
  call.if_interrupted = kRestartNoHandler;
  if (i64 error = get_timeout(call, call[4]); error != 0) return error;
  const i64 result = select_all(call);
  if (result != kWithheld) put_remaining(call, call[4], TimeForm::kTimespec);
  return result;
}

}  // namespace tine::vfs
