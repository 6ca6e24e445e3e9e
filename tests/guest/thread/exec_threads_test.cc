// exec in a process of several threads.
// feature-map: 63, 97
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

const char* own_path() {
  static const std::string path = testing::internal::GetArgvs().front();
  return path.c_str();
}

pid_t own_tid() { return static_cast<pid_t>(syscall(SYS_gettid)); }

// What the new program finds, told by its status: this test runs itself.
TEST(NewProgram, IsTheLeader) {
  if (getenv("TINE_EXPECTED_PID") == nullptr) {
    GTEST_SKIP() << "runs in the program that the tests below exec";
  }
  close(1);
  const int expected = atoi(getenv("TINE_EXPECTED_PID"));
  EXPECT_EQ(getpid(), expected);
  EXPECT_EQ(own_tid(), expected);
  // One thread: it may leave for another process group as a whole.
  EXPECT_EQ(syscall(SYS_tgkill, expected, expected, 0), 0);
  std::thread([&] { EXPECT_EQ(getpid(), expected); }).join();
}

void run_new_program() {
  char pid[32];
  snprintf(pid, sizeof(pid), "TINE_EXPECTED_PID=%d", getpid());
  char* const environment[] = {pid, nullptr};
  char name[] = "exec_threads_test";
  char filter[] = "--gtest_filter=NewProgram.*";
  char* const arguments[] = {name, filter, nullptr};
  execve(own_path(), arguments, environment);
  _exit(98);
}

void idle_threads(int count) {
  static std::atomic<int> begun;
  begun = 0;
  for (int i = 0; i < count; ++i) {
    std::thread([i] {
      ++begun;
      if (i % 3 == 0) sleep(1000);
      if (i % 3 == 1) pause();
      for (;;) sched_yield();
    }).detach();
  }
  while (begun < count) sched_yield();
}

TEST(ExecWithThreads, OfTheLeader) {
  EXPECT_EQ(run_child([] {
              idle_threads(5);
              run_new_program();
              return 1;
            }),
            0);
}

TEST(ExecWithThreads, OfAnotherThreadTakesTheLeadersTid) {
  EXPECT_EQ(run_child([] {
              idle_threads(5);
              std::thread(run_new_program).join();
              return 1;
            }),
            0);
}

TEST(ExecWithThreads, WhenTheLeaderHasEnded) {
  EXPECT_EQ(run_child([] {
              std::thread([] {
                usleep(20'000);
                run_new_program();
              }).detach();
              syscall(SYS_exit, 3);
              return 1;
            }),
            0);
}

TEST(ExecWithThreads, FromManyThreadsAtOnceHappensOnce) {
  EXPECT_EQ(run_child([] {
              std::atomic<bool> go = false;
              std::vector<std::thread> threads;
              for (int i = 0; i < 4; ++i) {
                threads.emplace_back([&] {
                  while (!go) sched_yield();
                  run_new_program();
                });
              }
              go = true;
              threads[0].join();
              return 1;
            }),
            0);
}

TEST(ExecWithThreads, AFailedOneLeavesAllThreadsRunning) {
  EXPECT_EQ(run_child([] {
              std::atomic<int> turns = 0;
              std::atomic<bool> stop = false;
              std::vector<std::thread> threads;
              for (int i = 0; i < 3; ++i) {
                threads.emplace_back([&] {
                  while (!stop) {
                    ++turns;
                    sched_yield();
                  }
                });
              }
              const pid_t leader = own_tid();
              std::thread([&] {
                const pid_t tid = own_tid();
                execl("/no/such/program", "x", nullptr);
                CHILD_CHECK(errno == ENOENT);
                execl("/", "x", nullptr);
                CHILD_CHECK(errno == EACCES);
                char* const bad[] = {reinterpret_cast<char*>(64), nullptr};
                execv(own_path(), bad);
                CHILD_CHECK(errno == EFAULT);
                CHILD_CHECK(own_tid() == tid);
              }).join();
              CHILD_CHECK(own_tid() == leader);
              const int before = turns;
              while (turns < before + 100) sched_yield();
              stop = true;
              for (std::thread& thread : threads) thread.join();
              return 0;
            }),
            0);
}

TEST(ExecWithThreads, ChildrenStay) {
  EXPECT_EQ(run_child([] {
              Shared<std::atomic<pid_t>> child;
              std::thread([&] {
                *child = start_child([] {
                  usleep(10'000);
                  return 0;
                });
              }).join();
              const pid_t leader = getpid();
              const pid_t runner = start_child([&] {
                std::thread(run_new_program).join();
                return 1;
              });
              CHILD_CHECK(wait_for(runner) == 0);
              CHILD_CHECK(getpid() == leader);
              return wait_for(*child);
            }),
            0);
}

// The parent of a vfork waits until the child's thread has become a program.
TEST(ExecWithThreads, EndsAVforkOfAnotherThread) {
  EXPECT_EQ(run_child([] {
              std::atomic<bool> done = false;
              std::thread other([&] {
                while (!done) sched_yield();
              });
              const pid_t pid = vfork();
              if (pid == 0) run_new_program();
              // The environment named this process; the child says so.
              CHILD_CHECK(wait_for(pid) == 0);
              done = true;
              other.join();
              return 0;
            }),
            0);
}

TEST(ExecWithThreads, ARaceOfCloneAndExecLeavesOneThread) {
  for (int round = 0; round < 5; ++round) {
    EXPECT_EQ(run_child([] {
                std::thread([] {
                  for (;;) {
                    // Linux refuses CLONE_FS from an exec's first look at who
                    // shares the directory until it ends (copy_fs()).
                    try {
                      std::thread([] {}).join();
                    } catch (const std::system_error& refused) {
                      CHILD_CHECK(refused.code() ==
                                  std::errc::resource_unavailable_try_again);
                    }
                  }
                }).detach();
                usleep(2000);
                run_new_program();
                return 1;
              }),
              0);
  }
}

}  // namespace
}  // namespace tine::guest
