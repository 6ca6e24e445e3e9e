// poll, select and their kin as far as they only wait: without descriptors.
// That is what pause and sleeping are in many C libraries.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u64 kForever = ~u64{0};

}  // namespace

Outcome ProcessServer::wait_for_nothing(const Call& call, u64 ns) {
  if (ns == 0) return call.result(0);
  if (ns == kForever) return withhold_for(call, Wait::kPause);
  set_timer(call.task, sys::clock_ns() + ns);
  return withhold_for(call, Wait::kSleep);
}

// The time at `from`, null being for ever. 0 or a negated errno.
i64 ProcessServer::read_timeout(const Call& call, u64 from, u64* ns) {
  *ns = kForever;
  if (from == 0) return 0;
  Timespec time;
  if (read_user(*call.task.mm, from, time) != 0) return -EFAULT;
  if (!is_valid(time)) return -EINVAL;
  *ns = to_ns(time);
  return 0;
}

Outcome ProcessServer::sys_poll(const Call& call) {
  if (call.uint_argument(1) != 0) return call.result(-ENOSYS);
  constexpr u64 kNsPerMillisecond = 1'000'000;
  const i32 milliseconds = call.int_argument(2);
  return wait_for_nothing(
      call, milliseconds < 0
                ? kForever
                : static_cast<u64>(milliseconds) * kNsPerMillisecond);
}

Outcome ProcessServer::sys_ppoll(const Call& call) {
  // A mask for the time of the wait needs signals that end it.
  if (call.uint_argument(1) != 0 || call.argument(3) != 0) {
    return call.result(-ENOSYS);
  }
  u64 ns;
  const i64 error = read_timeout(call, call.argument(2), &ns);
  return error != 0 ? call.result(error) : wait_for_nothing(call, ns);
}

Outcome ProcessServer::sys_select(const Call& call) {
  if (call.int_argument(0) < 0) return call.result(-EINVAL);
  if ((call.argument(1) | call.argument(2) | call.argument(3)) != 0) {
    return call.result(-ENOSYS);
  }
  if (call.argument(4) == 0) return wait_for_nothing(call, kForever);
  Timeval time;
  if (read_user(*call.task.mm, call.argument(4), time) != 0) {
    return call.result(-EFAULT);
  }
  // Microseconds beyond a second are carried over.
  constexpr i64 kMicroseconds = 1'000'000;
  if (time.seconds < 0 || time.microseconds < 0) return call.result(-EINVAL);
  const i64 carried = time.microseconds / kMicroseconds;
  if (time.seconds > INT64_MAX - carried) return call.result(-EINVAL);
  return wait_for_nothing(call,
                          to_ns({time.seconds + carried,
                                 time.microseconds % kMicroseconds * 1000}));
}

Outcome ProcessServer::sys_pselect6(const Call& call) {
  if (call.int_argument(0) < 0) return call.result(-EINVAL);
  if ((call.argument(1) | call.argument(2) | call.argument(3)) != 0) {
    return call.result(-ENOSYS);
  }
  // The sixth argument points at a mask's address and size.
  u64 mask = 0;
  if (call.argument(5) != 0 &&
      read_user(*call.task.mm, call.argument(5), mask) != 0) {
    return call.result(-EFAULT);
  }
  if (mask != 0) return call.result(-ENOSYS);
  u64 ns;
  const i64 error = read_timeout(call, call.argument(4), &ns);
  return error != 0 ? call.result(error) : wait_for_nothing(call, ns);
}

}  // namespace tine::process
