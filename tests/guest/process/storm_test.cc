// Programs that take all they can get, each beside a bystander that works on
// unharmed: a fork bomb, a thread bomb, a storm of signals. What they took is
// there again when they are gone. (Memory: out_of_memory_test.)
// feature-map: 52, 64, 92, 97, 133
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <vector>

#include "gtest/gtest.h"
#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace {

using tine::guest::run_child;
using tine::guest::Shared;
using tine::guest::start_child;
using tine::guest::wait_for;

constexpr uid_t kNobody = 47'110;
constexpr rlim_t kMostProcesses = 48;

struct Board {
  volatile int stop;
  volatile int attempts;
  volatile int refused;
  volatile int handled;
  volatile int ready;
};

// Computes, writes pages, forks and talks through a pipe until it is told to
// stop, and a last time then; ends with 0 if all was as it should be.
int stand_by(Board& board) {
  std::vector<uint32_t> pages(64 * 1024 / sizeof(uint32_t));
  uint32_t turn = 0;
  bool last = false;
  do {
    last = board.stop != 0;
    ++turn;
    for (size_t i = 0; i < pages.size(); ++i) {
      pages[i] = static_cast<uint32_t>(i) * turn;
    }
    int ends[2];
    CHILD_CHECK(pipe(ends) == 0);
    const pid_t child = start_child([&] {
      uint32_t sum = 0;
      for (const uint32_t word : pages) sum += word;
      return write(ends[1], &sum, sizeof(sum)) == sizeof(sum) ? 7 : 8;
    });
    CHILD_CHECK(child > 0);
    uint32_t expected = 0;
    for (size_t i = 0; i < pages.size(); ++i) {
      expected += static_cast<uint32_t>(i) * turn;
    }
    uint32_t sum = 0;
    CHILD_CHECK(read(ends[0], &sum, sizeof(sum)) == sizeof(sum));
    CHILD_CHECK(sum == expected);
    CHILD_CHECK(wait_for(child) == 7);
    close(ends[0]);
    close(ends[1]);
  } while (!last);
  return 0;
}

// A user whose processes are counted apart from everyone else's.
bool become_nobody() {
  const rlimit limit = {kMostProcesses, kMostProcesses};
  return setrlimit(RLIMIT_NPROC, &limit) == 0 &&
         setresgid(kNobody, kNobody, kNobody) == 0 &&
         setresuid(kNobody, kNobody, kNobody) == 0;
}

void pause_briefly() {
  const timespec moment = {.tv_sec = 0, .tv_nsec = 20'000'000};
  nanosleep(&moment, nullptr);
}

class StormTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "changes the user: needs root";
    const int status = run_child([] { return become_nobody() ? 0 : 1; });
    if (status != 0) GTEST_SKIP() << "this sandbox has no other users";
    bystander_ = start_child([this] { return stand_by(board_); });
    ASSERT_GT(bystander_, 0);
  }

  void TearDown() override {
    board_.stop = 1;
    if (bystander_ > 0) {
      EXPECT_EQ(wait_for(bystander_), 0);
    }
  }

  Shared<Board> shared_;
  Board& board_ = *shared_;
  pid_t bystander_ = 0;
};

TEST_F(StormTest, AForkBombEndsAtItsLimit) {
  const pid_t bomb = start_child([this] {
    CHILD_CHECK(setpgid(0, 0) == 0);
    CHILD_CHECK(become_nobody());
    for (int i = 0; i < 2000; ++i) {  // and so does every child from here on
      board_.attempts = board_.attempts + 1;
      if (fork() < 0) {
        if (errno != EAGAIN) return 1;
        board_.refused = board_.refused + 1;
        sched_yield();
      }
    }
    for (;;) pause();
    return 0;
  });
  ASSERT_GT(bomb, 0);
  while (board_.refused < 500) pause_briefly();
  EXPECT_EQ(kill(-bomb, SIGKILL), 0);
  EXPECT_EQ(wait_for(bomb), -SIGKILL);
  // All are gone: as many processes can be had again.
  int status = 1;
  for (int i = 0; i < 100 && status != 0; ++i) {
    pause_briefly();
    status = run_child([] {
      if (!become_nobody()) return 2;
      const pid_t child = start_child([] { return 3; });
      return wait_for(child) == 3 ? 0 : 1;
    });
  }
  EXPECT_EQ(status, 0);
}

void* wait_for_ever(void*) {
  for (;;) pause();
}

TEST_F(StormTest, AThreadBombEndsAtItsLimit) {
  for (int round = 0; round < 3; ++round) {
    const int status = run_child([] {
      if (!become_nobody()) return 2;
      pthread_attr_t attributes;
      pthread_attr_init(&attributes);
      pthread_attr_setstacksize(&attributes, 64 * 1024);
      rlim_t made = 1;
      for (;;) {
        pthread_t thread;
        const int error =
            pthread_create(&thread, &attributes, wait_for_ever, nullptr);
        if (error == EAGAIN) break;
        if (error != 0) return 3;
        ++made;
      }
      return made == kMostProcesses ? 0 : 4;
    });
    EXPECT_EQ(status, 0) << "round " << round;
  }
}

Board* handler_board;

void count_signal(int) { handler_board->handled = handler_board->handled + 1; }

TEST_F(StormTest, AStormOfSignalsIsHandled) {
  constexpr int kSignals = 3000;
  handler_board = &board_;
  const pid_t target = start_child([this] {
    struct sigaction action = {};
    action.sa_handler = count_signal;
    CHILD_CHECK(sigaction(SIGRTMIN, &action, nullptr) == 0);
    CHILD_CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
    board_.ready = 1;
    while (board_.stop == 0) {
      // Among signals, forks go on.
      if (run_child([] { return 5; }) != 5) return 1;
    }
    return 0;
  });
  ASSERT_GT(target, 0);
  while (board_.ready == 0) sched_yield();
  int sent = 0;
  for (int i = 0; i < kSignals; ++i) {
    ASSERT_EQ(kill(target, SIGUSR1), 0);  // may merge
    const sigval value = {.sival_int = i};
    while (sigqueue(target, SIGRTMIN, value) != 0) {
      ASSERT_EQ(errno, EAGAIN);
      sched_yield();
    }
    ++sent;
  }
  // Each realtime signal has come; the others as often as they did not merge.
  for (int i = 0; i < 500 && board_.handled < sent + 1; ++i) pause_briefly();
  EXPECT_GE(board_.handled, sent + 1);
  EXPECT_LE(board_.handled, 2 * sent);
  board_.stop = 1;
  EXPECT_EQ(wait_for(target), 0);
}

}  // namespace
