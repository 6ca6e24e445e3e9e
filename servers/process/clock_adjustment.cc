// adjtimex and clock_adjtime.
#include "servers/process/clock_adjustment.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"
#include "servers/runtime/sys.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr i64 kMostFrequency = i64{500} << 16;  // ppm
constexpr i64 kMostConstant = 10;
constexpr i64 kMostTai = 100'000;

i64 clamp(i64 value, i64 least, i64 most) {
  return value < least ? least : value > most ? most : value;
}

}  // namespace

i64 ClockAdjustment::check(const Timex& wanted, bool may_set) {
  const u32 modes = wanted.modes;
  if ((modes & kAdjSingleShot) != 0) {
    // Nothing else together with it.
    if ((modes & kAdjOffset) == 0) return -EINVAL;
    if ((modes & kAdjReadOnly) == 0 && !may_set) return -EPERM;
    return 0;
  }
  if (modes != 0 && !may_set) return -EPERM;
  if ((modes & kAdjTick) != 0 && (wanted.tick < kTimexTick * 9 / 10 ||
                                  wanted.tick > kTimexTick * 11 / 10)) {
    return -EINVAL;
  }
  if ((modes & kAdjSetOffset) != 0) {
    const i64 most = (modes & kAdjNano) != 0 ? kNsPerSecond : 1'000'000;
    if (wanted.fraction < 0 || wanted.fraction >= most) return -EINVAL;
  }
  constexpr i64 kScale = i64{1000} << 16;
  if ((modes & kAdjFrequency) != 0 && (wanted.frequency < INT64_MIN / kScale ||
                                       wanted.frequency > INT64_MAX / kScale)) {
    return -EINVAL;
  }
  return 0;
}

i64 ClockAdjustment::step_ns(const Timex& wanted) {
  const bool is_nano = (wanted.modes & kAdjNano) != 0;
  return wanted.seconds * kNsPerSecond + wanted.fraction * (is_nano ? 1 : 1000);
}

// process_adjtimex_modes()
void ClockAdjustment::take(const Timex& wanted) {
  const u32 modes = wanted.modes;
  if ((modes & kAdjStatus) != 0) {
    if ((status_ & kTimexLocked) != 0 && (wanted.status & kTimexLocked) == 0) {
      status_ = kTimexUnsynchronized;
    }
    status_ = (status_ & kTimexReadOnly) | (wanted.status & ~kTimexReadOnly);
  }
  if ((modes & kAdjNano) != 0) status_ |= kTimexNano;
  if ((modes & kAdjMicro) != 0) status_ &= ~kTimexNano;
  if ((modes & kAdjFrequency) != 0) {
    frequency_ = clamp(wanted.frequency, -kMostFrequency, kMostFrequency);
  }
  if ((modes & kAdjMostError) != 0) {
    most_error_ = clamp(wanted.most_error, 0, kTimexMostError);
  }
  if ((modes & kAdjError) != 0) {
    error_ = clamp(wanted.error, 0, kTimexMostError);
  }
  if ((modes & kAdjConstant) != 0) {
    constant_ = clamp(wanted.constant, 0, kMostConstant);
    if ((status_ & kTimexNano) == 0) constant_ += 4;
    constant_ = clamp(constant_, 0, kMostConstant);
  }
  if ((modes & kAdjTai) != 0 && wanted.constant >= 0 &&
      wanted.constant <= kMostTai) {
    tai_ = static_cast<i32>(wanted.constant);
  }
  if ((modes & kAdjOffset) != 0 && (status_ & kTimexLocked) != 0) {
    offset_ = wanted.offset;
  }
  if ((modes & kAdjTick) != 0) tick_ = wanted.tick;
}

i64 ClockAdjustment::change(const Timex& wanted, u64 now_ns, Timex* answer) {
  *answer = wanted;
  if ((wanted.modes & kAdjSingleShot) != 0) {
    answer->offset = single_shot_;
    if ((wanted.modes & kAdjReadOnly) == 0) single_shot_ = wanted.offset;
  } else {
    take(wanted);
    answer->offset = offset_;
  }
  const bool is_nano = (status_ & kTimexNano) != 0;
  const Timespec now = to_timespec(now_ns);
  answer->frequency = frequency_;
  answer->most_error = most_error_;
  answer->error = error_;
  answer->status = status_;
  answer->constant = constant_;
  answer->precision = 1;
  answer->tolerance = kMostFrequency;
  answer->seconds = now.seconds;
  answer->fraction = is_nano ? now.nanoseconds : now.nanoseconds / 1000;
  answer->tick = tick_;
  answer->pulse = {};
  answer->tai = tai_;
  constexpr i64 kOk = 0, kUnsynchronized = 5;
  return (status_ & (kTimexUnsynchronized | kTimexClockError)) != 0
             ? kUnsynchronized
             : kOk;
}

i64 ProcessServer::adjust_clock(const Call& call, u64 address) {
  Timex wanted;
  if (user_.read(*call.task.mm, address, wanted) != 0) return -EFAULT;
  const i64 error = ClockAdjustment::check(
      wanted, is_capable(call.task, Capability::kSysTime));
  if (error != 0) return error;
  const bool steps =
      (wanted.modes & (kAdjSetOffset | kAdjSingleShot)) == kAdjSetOffset;
  if (steps) {
    const u64 ahead =
        clock_.ahead_ns() + static_cast<u64>(ClockAdjustment::step_ns(wanted));
    if (static_cast<i64>(ahead) < 0) return -EINVAL;
    timers_.set_realtime(clock_, ahead);
  }
  u64 now;
  (void)clock_.read(kClockRealtime, &now);
  Timex answer;
  const i64 state = adjustment_.change(wanted, now, &answer);
  const i64 written = user_.write(*call.task.mm, address, answer);
  return written != 0 ? written : state;
}

Outcome ProcessServer::sys_adjtimex(const Call& call) {
  return call.result(adjust_clock(call, call.argument(0)));
}

Outcome ProcessServer::sys_clock_adjtime(const Call& call) {
  const i32 clock = call.int_argument(0);
  if (clock == kClockRealtime) {
    return call.result(adjust_clock(call, call.argument(1)));
  }
  Timex wanted;
  if (user_.read(*call.task.mm, call.argument(1), wanted) != 0) {
    return call.result(-EFAULT);
  }
  u64 ns;
  const bool is_known = clocks_.read(call.task, clock, &ns) ||
                        clock == kClockRealtimeAlarm ||
                        clock == kClockBoottimeAlarm;
  return call.result(is_known ? -EOPNOTSUPP : -EINVAL);
}

}  // namespace tine::process
