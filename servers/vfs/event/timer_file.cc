#include "servers/vfs/event/timer_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/tree/clock.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

i64 since_boot() { return static_cast<i64>(sys::clock_ns()); }

Timespec timespec_of(i64 ns) { return to_timespec(static_cast<u64>(ns)); }

}  // namespace

TimerFile::TimerFile(TimerFiles& home, bool is_realtime)
    : AnonymousFile("anon_inode:[timerfd]"),
      home_(home),
      readers_(home.wakeups),
      next_(home.first),
      is_realtime_(is_realtime) {
  alarm_.queue = &readers_;
  if (next_ != nullptr) next_->previous_ = this;
  home.first = this;
}

void TimerFile::arm() {
  // 0 would be never.
  home_.wakeups.set_alarm(
      alarm_, !is_set_ ? 0 : static_cast<u64>(deadline_ > 1 ? deadline_ : 1));
}

u64 TimerFile::expirations() const {
  const i64 time = since_boot();
  if (!is_set_ || time < deadline_) return 0;
  return interval_ == 0 ? 1
                        : 1 + static_cast<u64>((time - deadline_) / interval_);
}

void TimerFile::set(const Itimerspec& time, bool is_absolute,
                    bool cancels_on_set) {
  const i64 value = static_cast<i64>(to_ns(time.value));
  interval_ = static_cast<i64>(to_ns(time.interval));
  is_set_ = value != 0;
  follows_clock_ = is_absolute && is_realtime_;
  cancels_on_set_ = follows_clock_ && cancels_on_set;
  is_canceled_ = false;
  wall_ = value;
  deadline_ = value;
  if (follows_clock_) {
    deadline_ -= realtime_ahead();
  } else if (!is_absolute &&
             __builtin_add_overflow(since_boot(), value, &deadline_)) {
    deadline_ = INT64_MAX;
  }
  arm();
  readers_.wake();
}

Itimerspec TimerFile::left() const {
  Itimerspec time{timespec_of(interval_), {0, 0}};
  const i64 now = since_boot();
  if (!is_set_) return time;
  if (now < deadline_) {
    time.value = timespec_of(deadline_ - now);
  } else if (interval_ != 0) {
    time.value = timespec_of(interval_ - (now - deadline_) % interval_);
  }
  return time;
}

i64 TimerFile::read(Call&, OpenFile&, Transfer& to, u64&) {
  if (to.left() < sizeof(u64)) return -EINVAL;
  if (is_canceled_) {
    is_canceled_ = false;
    return -ECANCELED;
  }
  const u64 count = expirations();
  if (count == 0) return -EAGAIN;
  if (to.put(&count, sizeof(count)) != sizeof(count)) return -EFAULT;
  if (interval_ == 0) {
    is_set_ = false;
  } else {
    deadline_ += static_cast<i64>(count) * interval_;
    wall_ += static_cast<i64>(count) * interval_;
  }
  arm();
  return sizeof(count);
}

u32 TimerFile::poll(OpenFile&) {
  return is_canceled_ || expirations() != 0 ? kPollIn | kPollReadNormal : 0;
}

void TimerFile::release(OpenFile&) {
  is_set_ = false;
  arm();
  (previous_ == nullptr ? home_.first : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  readers_.wake();
  home_.timers.free(this);
}

void TimerFiles::clock_was_set() {
  for (TimerFile* timer = first; timer != nullptr; timer = timer->next_) {
    if (!timer->follows_clock_) continue;
    timer->deadline_ = timer->wall_ - realtime_ahead();
    timer->is_canceled_ = timer->cancels_on_set_;
    timer->arm();
    timer->readers_.wake();
  }
}

}  // namespace tine::vfs
