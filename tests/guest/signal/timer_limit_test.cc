// Timers have the signals that they will send: they count for
// RLIMIT_SIGPENDING.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr rlim_t kLimit = 5;
constexpr uid_t kUser = 54'322;  // Nobody else's.

// As numbers: 0 or minus the errno.
long make_timer(int* id) {
  return syscall(SYS_timer_create, CLOCK_MONOTONIC, nullptr, id) == 0 ? 0
                                                                      : -errno;
}
long queue_signal(int signal) {
  return sigqueue(getpid(), signal, {.sival_int = 0}) == 0 ? 0 : -errno;
}

// In a child of a user with that limit.
template <typename Body>
void with_limit(Body body) {
  const int end = run_child([&] {
    const rlimit limit = {kLimit, kLimit};
    CHILD_CHECK(setrlimit(RLIMIT_SIGPENDING, &limit) == 0);
    if (getuid() == 0 && setuid(kUser) != 0) return kNoOtherUser;
    sigset_t all;
    sigfillset(&all);
    CHILD_CHECK(sigprocmask(SIG_BLOCK, &all, nullptr) == 0);
    return body();
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "there is no other user here";
  EXPECT_EQ(end, 0);
}

TEST(TimerLimit, NoMoreTimersThanSignals) {
  with_limit([] {
    for (int round = 0; round < 3; ++round) {
      std::vector<int> ids(kLimit);
      for (int& id : ids) CHILD_CHECK(make_timer(&id) == 0);
      int none = -1;
      CHILD_CHECK(make_timer(&none) == -EAGAIN);
      CHILD_CHECK(none == -1);
      for (const int id : ids) CHILD_CHECK(syscall(SYS_timer_delete, id) == 0);
    }
    return 0;
  });
}

TEST(TimerLimit, TimersAndSignalsAreCountedTogether) {
  with_limit([] {
    int ids[2];
    for (int& id : ids) CHILD_CHECK(make_timer(&id) == 0);
    for (int i = 0; i < 3; ++i) CHILD_CHECK(queue_signal(SIGRTMIN) == 0);
    CHILD_CHECK(queue_signal(SIGRTMIN) == -EAGAIN);
    int none;
    CHILD_CHECK(make_timer(&none) == -EAGAIN);
    CHILD_CHECK(syscall(SYS_timer_delete, ids[0]) == 0);
    CHILD_CHECK(queue_signal(SIGRTMIN) == 0);
    CHILD_CHECK(make_timer(&none) == -EAGAIN);
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN);
    CHILD_CHECK(sigwaitinfo(&one, nullptr) == SIGRTMIN);
    CHILD_CHECK(make_timer(&none) == 0);
    return 0;
  });
}

// The signal of a timer needs no further room, and gives none back.
TEST(TimerLimit, ATimerThatRunsOutStaysWithinIt) {
  with_limit([] {
    std::vector<int> ids(kLimit);
    for (int& id : ids) {
      sigevent event{};
      event.sigev_notify = SIGEV_SIGNAL;
      event.sigev_signo = SIGRTMIN + 1;
      CHILD_CHECK(syscall(SYS_timer_create, CLOCK_MONOTONIC, &event, &id) == 0);
      const itimerspec soon = {.it_interval = {}, .it_value = {0, 1}};
      CHILD_CHECK(syscall(SYS_timer_settime, id, 0, &soon, nullptr) == 0);
    }
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGRTMIN + 1);
    for (rlim_t i = 0; i < kLimit; ++i) {
      siginfo_t info{};
      CHILD_CHECK(sigwaitinfo(&one, &info) == SIGRTMIN + 1);
      CHILD_CHECK(info.si_code == SI_TIMER);
      CHILD_CHECK(queue_signal(SIGRTMIN) == -EAGAIN);
    }
    return 0;
  });
}

}  // namespace
}  // namespace tine::guest
