// The end of traced threads: the stop before it, and who hears of it first.
// feature-map: 82
#include <sys/syscall.h>

#include <cerrno>
#include <thread>

#include "tests/guest/shared_memory.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

TEST(PtraceEnd, IsAnEventWithTheStatus) {
  const pid_t child = start_traced(PTRACE_O_TRACEEXIT, [] { return 5; });
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_EXIT));
  EXPECT_EQ(event_message(child), 5ul << 8);
  // Its registers and memory are still there.
  user_regs_struct registers{};
  EXPECT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 5);
}

TEST(PtraceEnd, BySignalIsOneToo) {
  const pid_t child = start_traced(PTRACE_O_TRACEEXIT, [] {
    CHILD_CHECK(raise(SIGTERM) == 0);
    return 5;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTERM);
  ASSERT_EQ(go_on(child, SIGTERM), 0);
  EXPECT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_EXIT));
  EXPECT_EQ(event_message(child), static_cast<unsigned long>(SIGTERM));
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), -SIGTERM);
}

TEST(PtraceEnd, KillComesTooLateThere) {
  const pid_t child = start_traced(PTRACE_O_TRACEEXIT, [] { return 5; });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_EXIT));
  EXPECT_EQ(kill(child, SIGKILL), 0);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, WNOHANG), 0);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 5);
}

TEST(PtraceEnd, DetachedThereItEnds) {
  const pid_t child = start_traced(PTRACE_O_TRACEEXIT, [] { return 6; });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_EXIT));
  EXPECT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(wait_for(child), 6);
}

// The tracer is the parent's other child. The parent's wait is not over before
// the tracer's is.
TEST(PtraceEnd, TracersHearBeforeParents) {
  Shared<int> seen;
  const pid_t child = start_child([]() -> int {
    for (;;) pause();
  });
  const pid_t tracer = start_child([&] {
    CHILD_CHECK(ptrace(PTRACE_SEIZE, child, nullptr, nullptr) == 0);
    CHILD_CHECK(kill(child, SIGTERM) == 0);
    int status = 0;
    CHILD_CHECK(waitpid(child, &status, __WALL) == child);
    CHILD_CHECK(stop_of(status) == SIGTERM);
    CHILD_CHECK(ptrace(PTRACE_CONT, child, nullptr, SIGTERM) == 0);
    siginfo_t info{};
    CHILD_CHECK(
        waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
    CHILD_CHECK(info.si_pid == child && info.si_code == CLD_KILLED &&
                info.si_status == SIGTERM);
    usleep(20'000);
    *seen = 1;
    CHILD_CHECK(waitpid(child, &status, __WALL) == child);
    CHILD_CHECK(end_of(status) == -SIGTERM);
    CHILD_CHECK(waitpid(child, &status, __WALL) == -1 && errno == ECHILD);
    return 0;
  });
  EXPECT_EQ(wait_for(child), -SIGTERM);
  EXPECT_EQ(*seen, 1);
  EXPECT_EQ(wait_for(tracer), 0);
}

// A tracer that never waits, and ends: then the parent hears.
TEST(PtraceEnd, ParentsHearWhenTheTracerEnds) {
  Shared<int> traced;
  const pid_t child = start_child([&] {
    while (__atomic_load_n(&*traced, __ATOMIC_ACQUIRE) == 0) usleep(1000);
    return 8;
  });
  const pid_t tracer = start_child([&] {
    CHILD_CHECK(ptrace(PTRACE_SEIZE, child, nullptr, nullptr) == 0);
    __atomic_store_n(&*traced, 1, __ATOMIC_RELEASE);
    siginfo_t info{};
    CHILD_CHECK(
        waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT) == 0);
    return 0;
  });
  EXPECT_EQ(wait_for(tracer), 0);
  EXPECT_EQ(wait_for(child), 8);
}

TEST(PtraceEnd, ExitKillTakesTheTraceesAlong) {
  const pid_t child = start_child([]() -> int {
    for (;;) pause();
  });
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(ptrace(PTRACE_SEIZE, child, nullptr,
                                 number(PTRACE_O_EXITKILL)) == 0);
              return 0;
            }),
            0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

// Threads that end are waited for by their ids, and before their process.
TEST(PtraceEnd, ThreadsAreWaitedForToo) {
  const pid_t child = start_traced(PTRACE_O_TRACECLONE, [] {
    std::thread([] {}).join();
    return 3;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_CLONE));
  const auto thread = static_cast<pid_t>(event_message(child));
  ASSERT_EQ(stop_of(next_status(thread)), SIGSTOP);
  ASSERT_EQ(go_on(thread), 0);
  const int end = next_status(thread);
  EXPECT_TRUE(WIFEXITED(end)) << end;
  EXPECT_EQ(WEXITSTATUS(end), 0);
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 3);
}

// The tracer waits already when they end: each is told once, and its number is
// free again.
TEST(PtraceEnd, ThreadsEndWhileTheTracerWaits) {
  constexpr int kRounds = 30;
  constexpr int kThreads = 4;
  for (int round = 0; round < kRounds; ++round) {
    const pid_t child = start_traced(PTRACE_O_TRACECLONE, [round] {
      for (int i = 0; i < kThreads; ++i) {
        std::thread([] { usleep(100); }).detach();
      }
      usleep(round % 2 == 0 ? 2000 : 0);
      return round;
    });
    ASSERT_EQ(go_on(child), 0);
    int ended = 0;
    int status = 0;
    for (;;) {
      const pid_t tid = waitpid(-1, &status, __WALL);
      ASSERT_GT(tid, 0);
      if (WIFSTOPPED(status)) {
        const int signal = stop_of(status);
        go_on(tid, signal <= 0xff && signal != SIGSTOP ? signal : 0);
      } else if (tid == child) {
        break;
      } else {
        ++ended;
      }
    }
    EXPECT_EQ(ended, kThreads);
    EXPECT_EQ(end_of(status), round);
  }
}

TEST(PtraceEnd, SeizedThreadsListenWhileTheirProcessIsStopped) {
  const pid_t child = start_child([]() -> int {
    for (;;) pause();
  });
  ASSERT_EQ(ptrace(PTRACE_SEIZE, child, nullptr, nullptr), 0);
  EXPECT_EQ(ptrace(PTRACE_LISTEN, child, nullptr, nullptr), -1);
  EXPECT_EQ(errno, ESRCH) << "it runs";
  ASSERT_EQ(kill(child, SIGSTOP), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGSTOP);
  ASSERT_EQ(go_on(child, SIGSTOP), 0);
  ASSERT_EQ(stop_of(next_status(child)),
            event_stop(PTRACE_EVENT_STOP, SIGSTOP));
  ASSERT_EQ(ptrace(PTRACE_LISTEN, child, nullptr, nullptr), 0);
  int status = 0;
  usleep(10'000);
  EXPECT_EQ(waitpid(child, &status, __WALL | WNOHANG), 0) << "still stopped";
  ASSERT_EQ(kill(child, SIGCONT), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_STOP));
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGCONT);
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

}  // namespace
}  // namespace tine::guest
