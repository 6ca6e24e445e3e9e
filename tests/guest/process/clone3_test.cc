// clone3: its structure, what it refuses, tids that the caller chooses.
// feature-map: 76, 101
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <thread>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/clone_calls.h"

namespace tine::guest {
namespace {

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

}  // namespace
}  // namespace tine::guest
