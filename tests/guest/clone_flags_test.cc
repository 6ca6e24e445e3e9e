// Which clones there are and which are refused: flags of clone and clone3,
// threads without a library, exit signals.
// feature-map: 33, 36, 52, 72, 76, 78, 79, 83, 84, 85, 87, 90, 97, 101, 104
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

constexpr uint64_t kThread =
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
constexpr uint64_t kClearSighand = 0x1'0000'0000;
constexpr uint64_t kIntoCgroup = 0x2'0000'0000;

struct alignas(16) Stack {
  std::array<unsigned char, size_t{64} * 1024> bytes;
  void* top() { return bytes.data() + bytes.size(); }
};

struct Clone3Arguments {
  uint64_t flags = 0;
  uint64_t pidfd = 0;
  uint64_t child_tid = 0;
  uint64_t parent_tid = 0;
  uint64_t exit_signal = 0;
  uint64_t stack = 0;
  uint64_t stack_size = 0;
  uint64_t tls = 0;
  uint64_t set_tid = 0;
  uint64_t set_tid_size = 0;
  uint64_t cgroup = 0;
};

// The child's pid in the parent; the child ends with `status` at once. As a
// number: negated errno.
long clone3(const Clone3Arguments& arguments, int status = 0,
            size_t size = sizeof(Clone3Arguments)) {
  const long pid = raw_syscall(SYS_clone3, reinterpret_cast<long>(&arguments),
                               static_cast<long>(size));
  if (pid == 0) {
    for (;;) raw_syscall(SYS_exit_group, status);
  }
  return pid;
}

// What a clone with these flags says; if it makes something, that ends at once.
long try_clone(uint64_t flags) {
  static Stack stack;
  const bool needs_stack =
      (flags & CLONE_VM) != 0 && (flags & CLONE_VFORK) == 0;
  if (!needs_stack) {
    const long pid = raw_clone(flags);
    if (pid == 0) {
      for (;;) raw_syscall(SYS_exit_group, 0);
    }
    return pid;
  }
  const int pid = clone([](void*) { return 0; }, stack.top(),
                        static_cast<int>(flags), nullptr);
  return pid < 0 ? -errno : pid;
}

const char* own_path() {
  static const std::string path = testing::internal::GetArgvs().front();
  return path.c_str();
}

int wait_all_kinds(long pid) {
  int status = 0;
  const long got = wait4(static_cast<pid_t>(pid), &status, __WALL, nullptr);
  return got == pid ? end_of(status) : kNoChild;
}

TEST(CloneFlags, ContradictionsAreRefused) {
  const uint64_t refused[] = {
      CLONE_THREAD | SIGCHLD,
      CLONE_THREAD | CLONE_VM | SIGCHLD,
      CLONE_SIGHAND | SIGCHLD,
      CLONE_SIGHAND | CLONE_FILES | SIGCHLD,
      CLONE_THREAD | CLONE_SIGHAND | SIGCHLD,
      CLONE_NEWNS | CLONE_FS | SIGCHLD,
      CLONE_NEWUSER | CLONE_FS | SIGCHLD,
      CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD,
      CLONE_PIDFD | CLONE_DETACHED | SIGCHLD,
      kThread | CLONE_NEWUSER,
      kThread | CLONE_NEWPID,
  };
  for (const uint64_t flags : refused) {
    EXPECT_EQ(try_clone(flags), -EINVAL) << std::hex << flags;
  }
}

TEST(CloneFlags, WhatIsAllowedWorks) {
  const uint64_t allowed[] = {
      SIGCHLD,
      CLONE_FILES | SIGCHLD,
      CLONE_FS | SIGCHLD,
      CLONE_FS | CLONE_FILES | SIGCHLD,
      CLONE_SYSVSEM | SIGCHLD,
      CLONE_IO | SIGCHLD,
      CLONE_UNTRACED | SIGCHLD,
      CLONE_PTRACE | SIGCHLD,
      CLONE_DETACHED | SIGCHLD,
      CLONE_VFORK | SIGCHLD,
      CLONE_VM | SIGCHLD,
      CLONE_VM | CLONE_SIGHAND | SIGCHLD,
      CLONE_VM | CLONE_SIGHAND | CLONE_FILES | CLONE_FS | SIGCHLD,
  };
  for (const uint64_t flags : allowed) {
    const long pid = try_clone(flags);
    EXPECT_GT(pid, 0) << std::hex << flags;
    EXPECT_EQ(wait_all_kinds(pid), 0) << std::hex << flags;
  }
}

TEST(CloneFlags, ProcessesWithSharedActionsSeeEachOthersChanges) {
  static Stack stack;
  struct sigaction before{};
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &before), 0);
  const int pid = clone(
      [](void*) {
        std::signal(SIGUSR2, SIG_IGN);
        return getpid() == getppid() ? 1 : 0;
      },
      stack.top(), CLONE_VM | CLONE_SIGHAND | SIGCHLD, nullptr);
  EXPECT_EQ(wait_for(pid), 0);
  struct sigaction after{};
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
  // A fork has its own again.
  EXPECT_EQ(run_child([&] { return std::signal(SIGUSR2, SIG_DFL) == SIG_IGN; }),
            1);
  ASSERT_EQ(sigaction(SIGUSR2, nullptr, &after), 0);
  EXPECT_EQ(after.sa_handler, SIG_IGN);
  ASSERT_EQ(sigaction(SIGUSR2, &before, nullptr), 0);
}

// ---- threads without a library ---------------------------------------------

struct ThreadWords {
  std::atomic<int> parent_tid = 0;
  std::atomic<int> child_tid = 0;
  std::atomic<int> seen_tid = 0;
  std::atomic<int> seen_pid = 0;
  std::atomic<int> seen_words = 0;
};
ThreadWords words;

int raw_thread(void*) {
  words.seen_tid = static_cast<int>(raw_syscall(SYS_gettid));
  words.seen_pid = static_cast<int>(raw_syscall(SYS_getpid));
  words.seen_words =
      words.parent_tid == words.child_tid ? words.child_tid + 0 : -1;
  for (;;) raw_syscall(SYS_exit, 0);
}

TEST(CloneFlags, AThreadsTidIsInBothWordsBeforeItRunsAndClearedAtItsEnd) {
  static Stack stack;
  words.child_tid = words.parent_tid = -1;
  words.seen_pid = 0;
  const int tid = clone(
      raw_thread, stack.top(),
      static_cast<int>(kThread | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                       CLONE_CHILD_CLEARTID | CLONE_SYSVSEM),
      nullptr, &words.parent_tid, nullptr, &words.child_tid);
  ASSERT_GT(tid, 0);
  EXPECT_EQ(words.parent_tid, tid);
  // Which of the two runs first is nobody's promise.
  while (words.seen_pid == 0) sched_yield();
  while (words.child_tid == tid) {
    syscall(SYS_futex, &words.child_tid, 0 /* FUTEX_WAIT, shared */, tid,
            nullptr, nullptr, 0);
  }
  EXPECT_EQ(words.child_tid, 0);
  EXPECT_EQ(words.seen_tid, tid);
  EXPECT_EQ(words.seen_pid, getpid());
  EXPECT_EQ(words.seen_words, tid);
  EXPECT_EQ(wait4(tid, nullptr, __WALL, nullptr), -1);
  EXPECT_EQ(errno, ECHILD);
}

TEST(CloneFlags, BadTidWordsDoNotKeepAThreadFromRunning) {
  static Stack stack;
  words.seen_tid = 0;
  void* const nowhere = reinterpret_cast<void*>(64);
  const int tid =
      clone(raw_thread, stack.top(),
            static_cast<int>(kThread | CLONE_PARENT_SETTID |
                             CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID),
            nullptr, nowhere, nullptr, nowhere);
  ASSERT_GT(tid, 0);
  while (words.seen_tid != tid) sched_yield();
}

TEST(CloneFlags, VforkOfAThreadWaitsForItsEnd) {
  static Stack stack;
  words.seen_tid = 0;
  const int tid = clone(raw_thread, stack.top(),
                        static_cast<int>(kThread | CLONE_VFORK), nullptr);
  EXPECT_EQ(words.seen_tid, tid);
}

TEST(CloneFlags, ThreadsMayVforkAndExec) {
  std::vector<std::thread> threads;
  std::array<int, 3> ends{};
  for (int& end : ends) {
    threads.emplace_back([&end] {
      const pid_t pid = vfork();
      if (pid == 0) {
        execl(own_path(), "clone_flags_test", "--gtest_filter=None", nullptr);
        _exit(99);
      }
      end = wait_for(pid);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int end : ends) EXPECT_EQ(end, 0);
}

TEST(CloneFlags, CloneParentOfAThreadGivesItsProcesssParentAChild) {
  EXPECT_EQ(run_child([] {
              Shared<std::atomic<pid_t>> grandchild;
              const pid_t child = start_child([&] {
                std::thread([&] {
                  const long pid = raw_clone(CLONE_PARENT | SIGCHLD);
                  if (pid == 0) {
                    for (;;) raw_syscall(SYS_exit_group, 21);
                  }
                  *grandchild = static_cast<pid_t>(pid);
                }).join();
                return wait_for(*grandchild) == kNoChild ? 0 : 1;
              });
              CHILD_CHECK(wait_for(child) == 0);
              return wait_for(*grandchild);
            }),
            21);
}

// ---- exit signals ----------------------------------------------------------

TEST(ExitSignals, OtherThanSigchldMakeCloneChildren) {
  struct sigaction before{};
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  ASSERT_EQ(sigaction(SIGUSR1, &ignore, &before), 0);
  for (const int signal : {0, SIGUSR1, 100}) {
    const long pid = try_clone(static_cast<uint64_t>(signal));
    ASSERT_GT(pid, 0) << signal;
    EXPECT_EQ(waitpid(static_cast<pid_t>(pid), nullptr, 0), -1);
    EXPECT_EQ(errno, ECHILD);
    int status = 0;
    EXPECT_EQ(wait4(static_cast<pid_t>(pid), &status,
                    static_cast<int>(__WCLONE), nullptr),
              pid);
  }
  const long usual = try_clone(SIGCHLD);
  EXPECT_EQ(wait4(static_cast<pid_t>(usual), nullptr,
                  static_cast<int>(__WCLONE), nullptr),
            -1);
  EXPECT_EQ(wait_all_kinds(usual), 0);
  ASSERT_EQ(sigaction(SIGUSR1, &before, nullptr), 0);
}

TEST(ExitSignals, IgnoringSigchldReapsOnlyThoseWhoSendIt) {
  EXPECT_EQ(run_child([] {
              std::signal(SIGCHLD, SIG_IGN);
              const long quiet = try_clone(0);
              const long usual = try_clone(SIGCHLD);
              CHILD_CHECK(quiet > 0 && usual > 0);
              CHILD_CHECK(waitpid(static_cast<pid_t>(usual), nullptr, 0) == -1);
              CHILD_CHECK(errno == ECHILD);
              return wait_all_kinds(quiet);
            }),
            0);
}

TEST(ExitSignals, KillAParentThatDoesNotExpectThem) {
  const int end = run_child([] {
    (void)try_clone(SIGUSR1);
    for (;;) pause();
    return 1;
  });
  EXPECT_EQ(end, -SIGUSR1);
}

// What was cloned before an exec sends SIGCHLD when it ends, whatever it was
// cloned with.
TEST(ExitSignals, AreSigchldAfterTheParentsExec) {
  Shared<std::atomic<int>> ended;
  const int end = run_child([&] {
    const long pid = raw_clone(SIGKILL);
    if (pid == 0) {
      usleep(60'000);
      for (;;) raw_syscall(SYS_exit_group, 0);
    }
    execl(own_path(), "clone_flags_test", "--gtest_filter=None:Slow.Program",
          nullptr);
    return 99;
  });
  EXPECT_EQ(end, 0);
}

// Runs longer than the child above.
TEST(Slow, Program) { usleep(120'000); }

// ---- parents that end -------------------------------------------------------

TEST(DeathSignal, ComesWhenTheCreatingThreadEnds) {
  EXPECT_EQ(run_child([] {
              Shared<std::atomic<pid_t>> child;
              Shared<std::atomic<bool>> ready;
              std::thread([&] {
                const pid_t pid = fork();
                if (pid == 0) {
                  prctl(PR_SET_PDEATHSIG, SIGKILL);
                  *ready = true;
                  for (;;) pause();
                }
                *child = pid;
                while (!*ready) sched_yield();
              }).join();
              return -wait_for(*child);
            }),
            SIGKILL);
}

TEST(DeathSignal, IsNotInherited) {
  EXPECT_EQ(run_child([] {
              prctl(PR_SET_PDEATHSIG, SIGUSR1);
              return run_child([] {
                int signal = -1;
                prctl(PR_GET_PDEATHSIG, &signal);
                return signal;
              });
            }),
            0);
}

TEST(Subreaper, ThreadsOfItGetOrphans) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
              Shared<std::atomic<pid_t>> orphan;
              std::thread([&] {
                wait_for(start_child([&] {
                  *orphan = start_child([] {
                    usleep(20'000);
                    return 13;
                  });
                  return 0;
                }));
              }).join();
              return wait_for(*orphan);
            }),
            13);
}

// ---- clone3 -----------------------------------------------------------------

TEST(Clone3, IsFork) {
  const long pid = clone3({.exit_signal = SIGCHLD}, 9);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 9);
  EXPECT_EQ(wait_for(static_cast<pid_t>(
                clone3({.flags = kClearSighand, .exit_signal = SIGCHLD}, 8))),
            8);
}

TEST(Clone3, SizesOfTheStructure) {
  const Clone3Arguments good{.exit_signal = SIGCHLD};
  EXPECT_EQ(clone3(good, 0, 63), -EINVAL);
  EXPECT_EQ(clone3(good, 0, 4097), -E2BIG);
  EXPECT_EQ(wait_all_kinds(clone3(good, 5, 64)), 5);
  struct {
    Clone3Arguments known;
    std::array<uint64_t, 20> more;
  } large{good, {}};
  EXPECT_EQ(wait_all_kinds(clone3(large.known, 6, sizeof(large))), 6);
  large.more[11] = 1;
  EXPECT_EQ(clone3(large.known, 6, sizeof(large)), -E2BIG);
  EXPECT_EQ(raw_syscall(SYS_clone3, 64, 88), -EFAULT);
}

TEST(Clone3, RefusesWhatItCannotDo) {
  static Stack stack;
  const auto address = reinterpret_cast<uint64_t>(stack.bytes.data());
  const Clone3Arguments refused[] = {
      {.flags = CLONE_DETACHED, .exit_signal = SIGCHLD},
      {.flags = SIGCHLD},
      {.flags = uint64_t{1} << 40, .exit_signal = SIGCHLD},
      {.exit_signal = 65},
      {.exit_signal = 0x100 | SIGCHLD},
      {.flags = kThread, .exit_signal = SIGCHLD},
      {.flags = CLONE_PARENT, .exit_signal = SIGCHLD},
      {.flags = CLONE_VM | CLONE_SIGHAND | kClearSighand,
       .exit_signal = SIGCHLD},
      {.exit_signal = SIGCHLD, .stack = address},
      {.exit_signal = SIGCHLD, .stack_size = 4096},
      {.exit_signal = SIGCHLD, .stack = ~uint64_t{0} - 64, .stack_size = 4096},
      {.flags = kIntoCgroup, .exit_signal = SIGCHLD, .cgroup = 0x8000'0000},
      {.exit_signal = SIGCHLD, .set_tid = address},
      {.exit_signal = SIGCHLD, .set_tid_size = 1},
      {.exit_signal = SIGCHLD, .set_tid = address, .set_tid_size = 33},
  };
  int number = 0;
  for (const Clone3Arguments& arguments : refused) {
    EXPECT_EQ(clone3(arguments), -EINVAL) << number;
    ++number;
  }
  EXPECT_EQ(
      clone3({.flags = kIntoCgroup, .exit_signal = SIGCHLD, .cgroup = 999}),
      -EBADF);
  EXPECT_EQ(clone3({.exit_signal = SIGCHLD, .set_tid = 64, .set_tid_size = 1}),
            -EFAULT);
}

TEST(Clone3, ChoosesTids) {
  pid_t wanted = 29'000;
  Clone3Arguments arguments{.exit_signal = SIGCHLD,
                            .set_tid = reinterpret_cast<uint64_t>(&wanted),
                            .set_tid_size = 1};
  for (const pid_t bad : {0, -3, 1 << 30}) {
    wanted = bad;
    EXPECT_EQ(clone3(arguments), -EINVAL) << bad;
  }
  wanted = 29'000;
  const long pid = clone3(arguments, 4);
  if (pid == -EPERM) return;  // not as root
  EXPECT_EQ(pid, wanted);
  EXPECT_EQ(clone3(arguments), -EEXIST);
  EXPECT_EQ(wait_all_kinds(pid), 4);
  if (run_child([] { return setuid(1234) == 0 ? 0 : 1; }) != 0) {
    GTEST_SKIP() << "no other users here";
  }
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setuid(1234) == 0);
              return clone3(arguments) == -EPERM ? 0 : 1;
            }),
            0);
}

TEST(Clone3, MakesThreads) {
  // The library does, if its thread works.
  std::atomic<int> seen = 0;
  std::thread([&] { seen = getpid(); }).join();
  EXPECT_EQ(seen, getpid());
}

// ---- limits -----------------------------------------------------------------

TEST(Limits, ThreadsCountAsProcesses) {
  EXPECT_EQ(
      run_child([] {
        const rlimit limit{6, 6};
        CHILD_CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
        if (setuid(54'321) != 0) return 0;  // not as root
        std::atomic<bool> stop = false;
        std::vector<std::thread> threads;
        for (int i = 0; i < 5; ++i) {
          threads.emplace_back([&] {
            while (!stop) usleep(1000);
          });
        }
        errno = 0;
        CHILD_CHECK(fork() == -1 && errno == EAGAIN);
        pthread_t extra;
        CHILD_CHECK(pthread_create(
                        &extra, nullptr, [](void*) -> void* { return nullptr; },
                        nullptr) == EAGAIN);
        stop = true;
        for (std::thread& thread : threads) thread.join();
        for (int i = 0; i < 100; ++i) {
          const pid_t pid = fork();
          if (pid == 0) _exit(0);
          if (pid > 0) return wait_for(pid);
          usleep(1000);  // the last thread is still on its way out
        }
        return 1;
      }),
      0);
}

}  // namespace
}  // namespace tine::guest
