// Single steps: one instruction at a time, through calls and into handlers, and
// without an effect on children. feature-map: 27
#include <sys/syscall.h>

#include "tests/guest/arch/traced_registers.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

uint64_t pc_now(pid_t child) {
  user_regs_struct registers{};
  EXPECT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  return pc_of(registers);
}

// To the end of the next instruction.
void step(pid_t child) {
  ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
}

TEST(Step, IsOneInstruction) {
  const pid_t child = start_traced(0, [] {
    static volatile int sum = 0;
    for (int i = 0; i < 1000; ++i) sum = sum + i;
    return 7;
  });
  uint64_t before = pc_now(child);
  int moved = 0;
  for (int i = 0; i < 500; ++i) {
    step(child);
    siginfo_t info{};
    ASSERT_EQ(ptrace(PTRACE_GETSIGINFO, child, nullptr, &info), 0);
    EXPECT_EQ(info.si_signo, SIGTRAP);
    // The first are about the end of a call.
    if (i > 400) EXPECT_EQ(info.si_code, TRAP_TRACE);
    const uint64_t now = pc_now(child);
    moved += now != before;
    before = now;
  }
  // Only an instruction that jumps to itself would stay.
  EXPECT_EQ(moved, 500);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 7);
}

// Among them are system calls, page faults, and steps while others run.
TEST(Step, WholeProgramsGiveTheSameResult) {
  const auto compute = [] {
    unsigned sum = 0;
    static volatile unsigned char page[3 * 4096];
    for (unsigned i = 0; i < 40; ++i) {
      page[i * 300] = static_cast<unsigned char>(i);
      sum = sum * 31 + page[i * 300] + (getppid() > 0 ? 1 : 0);
    }
    return static_cast<int>(sum % 90);
  };
  const int expected = compute();
  const pid_t spinner = start_child([]() -> int {
    for (;;) {
    }
  });
  const pid_t child = start_traced(0, compute);
  long steps = 0;
  for (;;) {
    ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr), 0);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, __WALL), child);
    if (!WIFSTOPPED(status)) {
      EXPECT_EQ(end_of(status), expected);
      break;
    }
    ASSERT_EQ(WSTOPSIG(status), SIGTRAP);
    ++steps;
  }
  EXPECT_GT(steps, 40 * 5);
  EXPECT_EQ(kill(spinner, SIGKILL), 0);
  EXPECT_EQ(wait_for(spinner), -SIGKILL);
}

TEST(Step, ACallIsOneInstruction) {
  const Registers in = make_pattern(3, SYS_getppid);
  static Registers out;
  const pid_t child = start_traced(0, [&] {
    tine_syscall_registers(&in, &out);
    return changed_by_syscall(in, out).empty() ? 0 : 1;
  });
  user_regs_struct seen{};
  do {
    ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
    ASSERT_GT(get_set(child, NT_PRSTATUS, seen), 0);
  } while (number_at_entry(seen) != SYS_getppid);
  // From its entry over the call.
  step(child);
  EXPECT_EQ(pc_now(child), pc_of(seen));
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 0);
}

// The first of them is nobody's tracee, the second was.
TEST(Step, ChildrenRunFree) {
  Shared<int> ran;
  const pid_t child = start_traced(0, [&] {
    const pid_t grandchild = fork();
    if (grandchild == 0) {
      for (int i = 0; i < 1000; ++i) *ran = i;
      _exit(3);
    }
    return wait_for(grandchild);
  });
  for (;;) {
    ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr), 0);
    int status = -1;
    ASSERT_EQ(waitpid(child, &status, __WALL), child);
    if (!WIFSTOPPED(status)) {
      EXPECT_EQ(end_of(status), 3);
      break;
    }
    ASSERT_TRUE(WSTOPSIG(status) == SIGTRAP || WSTOPSIG(status) == SIGCHLD);
  }
  EXPECT_EQ(*ran, 999);
}

TEST(Step, StopsAtAHandlersFirstInstruction) {
  static const auto handler = +[](int) {};
  const pid_t child = start_traced(0, [] {
    (void)signal(SIGUSR1, handler);
    CHILD_CHECK(raise(SIGUSR1) == 0);
    return 4;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGUSR1);
  ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, child, nullptr, SIGUSR1), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
  EXPECT_EQ(pc_now(child), reinterpret_cast<uint64_t>(handler));
  // What the handler returns to is not stepped.
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 4);
}

TEST(Step, EndsWithTheTracersInterest) {
  const pid_t child = start_traced(0, [] { return 9; });
  step(child);
  step(child);
  EXPECT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(wait_for(child), 9);
}

}  // namespace
}  // namespace tine::guest
