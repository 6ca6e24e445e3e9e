// Polls that are stopped and continued wait for the rest of their time; a
// handler ends them, and the next one has all of its own.
// feature-map: 6
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/select.h>

#include <cerrno>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr int64_t kMs = 1'000'000;
constexpr int kWait = 600;  // milliseconds

int poll_ms() { return poll(nullptr, 0, kWait); }
int poll_time() {
  const timespec time{0, kWait * kMs};
  return ppoll(nullptr, 0, &time, nullptr);
}
int select_time() {
  timeval time{0, kWait * 1000};
  return select(0, nullptr, nullptr, nullptr, &time);
}
int pselect_time() {
  const timespec time{0, kWait * kMs};
  return pselect(0, nullptr, nullptr, nullptr, &time, nullptr);
}
constexpr struct {
  const char* name;
  int (*wait)();
} kWaits[] = {{"poll", poll_ms},
              {"ppoll", poll_time},
              {"select", select_time},
              {"pselect", pselect_time}};

TEST(PollRestart, StoppedAndContinued) {
  for (const auto& each : kWaits) {
    const int64_t begin = now_ns();
    const pid_t child = start_child([&] { return each.wait() == 0 ? 0 : 1; });
    for (int i = 0; i < 3; ++i) {
      sleep_ms(100);
      int status;
      ASSERT_EQ(kill(child, SIGSTOP), 0);
      ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
      sleep_ms(20);
      ASSERT_EQ(kill(child, SIGCONT), 0);
    }
    EXPECT_EQ(wait_for(child), 0) << each.name;
    const int64_t took = (now_ns() - begin) / kMs;
    EXPECT_GE(took, kWait) << each.name;
    EXPECT_LT(took, kWait + 250) << each.name;
  }
}

TEST(PollRestart, AHandlerEndsIt) {
  for (const auto& each : kWaits) {
    const pid_t child = start_child([&] {
      struct sigaction action = {};
      action.sa_handler = [](int) {};
      action.sa_flags = SA_RESTART;
      sigaction(SIGUSR1, &action, nullptr);
      CHILD_CHECK(each.wait() == -1 && errno == EINTR);
      const int64_t begin = now_ns();
      CHILD_CHECK(each.wait() == 0);
      CHILD_CHECK(now_ns() - begin >= kWait * kMs);
      return 0;
    });
    sleep_ms(150);
    ASSERT_EQ(kill(child, SIGUSR1), 0);
    EXPECT_EQ(wait_for(child), 0) << each.name;
  }
}

}  // namespace
}  // namespace tine::guest
