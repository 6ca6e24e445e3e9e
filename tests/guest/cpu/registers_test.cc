// Every register that a program can see survives system calls, forks (in the
// parent and in the child) and the runs of other processes.
// feature-map: 1, 2, 3, 5, 8, 16, 20, 25, 26, 31, 32, 35, 39, 41, 43
#include "tests/guest/arch/registers.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"

namespace tine::guest {
namespace {

using Names = std::vector<std::string>;

constexpr uint32_t kPatterns = 50;

TEST(Registers, SurviveSystemCalls) {
  for (uint32_t seed = 0; seed < kPatterns; ++seed) {
    const Registers in = make_pattern(seed, SYS_getppid);
    Registers out;
    tine_syscall_registers(&in, &out);
    EXPECT_EQ(changed_by_syscall(in, out), Names{});
    EXPECT_EQ(out.general[kResultRegister], static_cast<uint64_t>(getppid()));
  }
}

TEST(Registers, SurviveManySystemCalls) {
  const Registers in = make_pattern(1234, SYS_getppid);
  const auto parent = static_cast<uint64_t>(getppid());
  for (int i = 0; i < 200'000; ++i) {
    Registers out;
    tine_syscall_registers(&in, &out);
    // Each comparison is slow, and a wrong register stays wrong in `out`.
    if (out.general[kResultRegister] != parent || i % 1000 == 0) {
      ASSERT_EQ(changed_by_syscall(in, out), Names{});
      ASSERT_EQ(out.general[kResultRegister], parent);
    }
  }
}

TEST(Registers, SurviveUnknownSystemCalls) {
  const Registers in = make_pattern(7, 9999);
  Registers out;
  tine_syscall_registers(&in, &out);
  EXPECT_EQ(changed_by_syscall(in, out), Names{});
  EXPECT_EQ(static_cast<int64_t>(out.general[kResultRegister]), -ENOSYS);
}

TEST(Registers, AreTheSameInParentAndChildOfFork) {
  for (uint32_t seed = 100; seed < 100 + kPatterns; ++seed) {
    const Registers in = make_fork_pattern(seed);
    Registers out;
    tine_syscall_registers(&in, &out);
    const Names changed = changed_by_syscall(in, out);
    if (out.general[kResultRegister] == 0) {
      for (const std::string& name : changed) {
        dprintf(STDERR_FILENO, "in the child: %s\n", name.c_str());
      }
      _exit(changed.empty() ? 0 : kCheckFailed);
    }
    EXPECT_EQ(changed, Names{});
    EXPECT_EQ(wait_for(static_cast<pid_t>(out.general[kResultRegister])), 0);
  }
}

// The child's later changes are its own: the parent's patterns, loaded before
// the fork, are compared after the child has run with others.
TEST(Registers, OfTheChildArePrivate) {
  const Registers in = make_fork_pattern(500);
  const Registers mine = make_spin_pattern(501, 1'000'000);
  Registers out;
  tine_syscall_registers(&in, &out);
  if (out.general[kResultRegister] == 0) {
    Registers spun;
    tine_spin_registers(&mine, &spun);
    _exit(changed_by_spin(mine, spun).empty() ? 0 : kCheckFailed);
  }
  EXPECT_EQ(changed_by_syscall(in, out), Names{});
  EXPECT_EQ(wait_for(static_cast<pid_t>(out.general[kResultRegister])), 0);
}

// Several processes compute with patterns of their own in all registers until
// each has been preempted many times.
TEST(Registers, SurvivePreemption) {
  constexpr uint32_t kProcesses = 4;
  constexpr int kSpins = 24;
  constexpr uint64_t kRounds = 4'000'000;
  std::array<pid_t, kProcesses> children;
  for (uint32_t i = 0; i < kProcesses; ++i) {
    children[i] = start_child([i] {
      for (int spin = 0; spin < kSpins; ++spin) {
        const Registers in = make_spin_pattern(1000 + i, kRounds);
        Registers out;
        tine_spin_registers(&in, &out);
        CHILD_CHECK(changed_by_spin(in, out).empty());
      }
      return 0;
    });
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
}

// The same with system calls between: each process is switched inside them.
TEST(Registers, SurviveYields) {
  constexpr uint32_t kProcesses = 4;
  std::array<pid_t, kProcesses> children;
  for (uint32_t i = 0; i < kProcesses; ++i) {
    children[i] = start_child([i] {
      const Registers in = make_pattern(2000 + i, SYS_sched_yield);
      for (int round = 0; round < 1000; ++round) {
        Registers out;
        tine_syscall_registers(&in, &out);
        CHILD_CHECK(out.general[kResultRegister] == 0);
        CHILD_CHECK(changed_by_syscall(in, out).empty());
      }
      return 0;
    });
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
}

// The kernel never uses the program's stack, whatever its pointer says.
TEST(Registers, AnyStackPointerServesASystemCall) {
  const long pid = getpid();
  for (const uint64_t stack : kOddStacks) {
    SCOPED_TRACE(stack);
    for (int i = 0; i < 100; ++i) {
      ASSERT_EQ(tine_syscall_on_stack(SYS_getpid, stack, 0, 0), pid);
    }
  }
}

TEST(Registers, AnyStackPointerServesAFork) {
  for (const uint64_t stack : kOddStacks) {
    SCOPED_TRACE(stack);
    const long pid = tine_syscall_on_stack(SYS_clone, stack, SIGCHLD, 0);
    if (pid == 0) _exit(17);
    EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 17);
  }
}

TEST(Registers, ThreadPointerIsTheSameInTheChild) {
  const uintptr_t mine = thread_pointer();
  EXPECT_EQ(run_child([mine] { return thread_pointer() == mine ? 0 : 1; }), 0);
  EXPECT_EQ(thread_pointer(), mine);
}

// The value just written counts, not one that the kernel saved earlier.
TEST(Registers, ThreadPointerWrittenBeforeAForkIsTheChilds) {
  alignas(64) std::array<uintptr_t, 8> block = {};
  block[0] = reinterpret_cast<uintptr_t>(block.data());
  const uintptr_t mine = thread_pointer();
  const long pid = fork_with_thread_pointer(block.data());
  EXPECT_EQ(thread_pointer(), mine);
  EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 0);
}

}  // namespace
}  // namespace tine::guest
