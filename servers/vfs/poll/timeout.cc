// How long poll, select and their kin wait.
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/time.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

void set_timeout(Call& call, u64 ns) {
  const u64 now = sys::clock_ns();
  call.deadline = ns > ~u64{0} - now ? ~u64{0} : now + ns;
  call.does_not_wait = ns == 0;
}

bool is_over(const Call& call) {
  return call.does_not_wait || (call.deadline != 0 && call.is_again &&
                                sys::clock_ns() >= call.deadline);
}

// The timespec at `address`; null: waits for ever. 0 or a negated errno.
i64 VfsServer::get_timeout(Call& call, u64 address) {
  if (address == 0) return 0;
  if (call.is_again) return 0;
  Timespec time;
  if (!call.user.get(address, time)) return -EFAULT;
  if (!is_valid(time)) return -EINVAL;
  set_timeout(call, to_ns(time));
  return 0;
}

// What is left of the time is the program's to read. That it cannot be written
// is no error.
void VfsServer::put_remaining(Call& call, u64 address, TimeForm form) {
  if (address == 0 || call.does_not_wait || call.deadline == 0) return;
  const u64 now = sys::clock_ns();
  const u64 left = call.deadline > now ? call.deadline - now : 0;
  const i64 seconds = static_cast<i64>(left / u64{kNsPerSecond});
  const i64 rest = static_cast<i64>(left % u64{kNsPerSecond});
  if (form == TimeForm::kTimespec) {
    (void)call.user.put(address, Timespec{seconds, rest});
  } else {
    (void)call.user.put(address, Timeval{seconds, rest / 1000});
  }
}

void VfsServer::put_remaining_of(Task& task) {
  const Waiting& wait = task.wait;
  Call call{task, UserMemory(wait.token, wait.badge), wait.arguments,
            wait.token, wait.badge};
  call.deadline = wait.deadline;
  switch (static_cast<Nr>(wait.number)) {
    case Nr::kPpoll:
      return put_remaining(call, call[2], TimeForm::kTimespec);
    case Nr::kPselect6:
      return put_remaining(call, call[4], TimeForm::kTimespec);
    case Nr::kSelect:
      return put_remaining(call, call[4], TimeForm::kTimeval);
    default:
      return;
  }
}

}  // namespace tine::vfs
