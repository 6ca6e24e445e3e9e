// Clocks and sleeping, in plain numbers.
#ifndef TINE_TESTS_GUEST_TIME_H_
#define TINE_TESTS_GUEST_TIME_H_

#include <sched.h>
#include <time.h>

#include <cstdint>

namespace tine::guest {

inline int64_t now_ns(clockid_t clock = CLOCK_MONOTONIC) {
  timespec time{};
  clock_gettime(clock, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}
// All of it, whatever signals come.
inline void sleep_ms(int64_t ms) {
  timespec time{ms / 1000, ms % 1000 * 1'000'000};
  while (nanosleep(&time, &time) != 0) {
  }
}
// Until `done()` or for ten seconds: whether it came true.
template <typename Done>
bool wait_until(Done&& done) {
  const int64_t end = now_ns() + 10'000'000'000;
  while (!done()) {
    if (now_ns() > end) return false;
    sched_yield();
  }
  return true;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_TIME_H_
