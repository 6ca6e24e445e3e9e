// Process 1 is not to be killed: only the signals that it handles reach it.
// feature-map: 95
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

TEST(SignalInit, SurvivesWhatItDoesNotHandle) {
  for (int signal = 1; signal <= 64; ++signal) {
    if (signal == SIGTERM || signal == SIGINT || signal == SIGCHLD ||
        signal == SIGUSR1 || signal == SIGUSR2) {
      continue;  // an init may do what it likes on these
    }
    EXPECT_EQ(kill(1, signal), 0) << signal;
  }
  sleep_ms(20);
  EXPECT_EQ(kill(1, 0), 0);
  EXPECT_EQ(run_child([] { return 3; }), 3);
}

TEST(SignalInit, KillAllSparesIt) {
  EXPECT_EQ(run_child([] {
              // Those of this test run would go, too: only look.
              return kill(-1, 0) == 0 ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
