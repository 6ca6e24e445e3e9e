// What a tracer sees of a thread that stands still: each register holds exactly
// what the program had put there; and what becomes of a thread whose tracer
// gives it a state that no program can have.
// feature-map: 4, 17
#include "tests/guest/arch/traced_registers.h"

#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

using Names = std::vector<std::string>;

user_regs_struct registers_of(pid_t child) {
  user_regs_struct registers{};
  EXPECT_EQ(get_set(child, NT_PRSTATUS, registers),
            static_cast<long>(sizeof(registers)));
  return registers;
}

// Goes on to the next stop at a call's entry or end.
void to_next_call_stop(pid_t child) {
  ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
  const int status = next_status(child);
  ASSERT_TRUE(WIFSTOPPED(status) && WSTOPSIG(status) == SIGTRAP) << status;
}

TEST(TracedRegisters, AreThoseOfTheProgramAtBothEndsOfACall) {
  for (uint32_t seed = 0; seed < 8; ++seed) {
    const Registers in = make_pattern(seed, SYS_getppid);
    static Registers out;
    const pid_t child = start_traced([&] {
      tine_syscall_registers(&in, &out);
      return changed_by_syscall(in, out).empty() ? 0 : 1;
    });
    user_regs_struct seen{};
    // raise()'s own calls come first.
    do {
      to_next_call_stop(child);
      seen = registers_of(child);
    } while (!HasFailure() && number_at_entry(seen) != SYS_getppid);
    EXPECT_EQ(wrong_in_call(in, seen, true, getpid()), Names{});
    // Its stack holds where the pattern is to be stored.
    EXPECT_EQ(ptrace(PTRACE_PEEKDATA, child, stack_pointer(seen), nullptr),
              reinterpret_cast<long>(&out));
    EXPECT_TRUE(is_behind_trap(
        seen, ptrace(PTRACE_PEEKTEXT, child, pc_of(seen) - 8, nullptr)));

    to_next_call_stop(child);
    const user_regs_struct after = registers_of(child);
    EXPECT_EQ(wrong_in_call(in, after, false, getpid()), Names{});
    EXPECT_EQ(stack_pointer(after), stack_pointer(seen));
    EXPECT_EQ(pc_of(after), pc_of(seen));
    EXPECT_EQ(ptrace(PTRACE_CONT, child, nullptr, nullptr), 0);
    EXPECT_EQ(wait_for(child), 0);
  }
}

// The program never comes to run there: it gets a signal, and others go on.
TEST(TracedRegisters, APcThatNoProgramHasIsASignal) {
  for (const uint64_t pc : kImpossiblePcs) {
    const pid_t child = start_traced([] { return 0; });
    user_regs_struct registers = registers_of(child);
    pc_of(registers) = pc;
    ASSERT_EQ(put_set(child, NT_PRSTATUS, registers), 0);
    ASSERT_EQ(ptrace(PTRACE_CONT, child, nullptr, nullptr), 0);
    const int status = next_status(child);
    EXPECT_TRUE(WIFSTOPPED(status)) << status;
    EXPECT_EQ(WSTOPSIG(status), SIGSEGV) << std::hex << pc;
    siginfo_t info{};
    EXPECT_EQ(ptrace(PTRACE_GETSIGINFO, child, nullptr, &info), 0);
    EXPECT_EQ(info.si_signo, SIGSEGV);
    EXPECT_EQ(pc_of(registers_of(child)), pc);
    ASSERT_EQ(ptrace(PTRACE_CONT, child, nullptr, SIGSEGV), 0);
    EXPECT_EQ(wait_for(child), -SIGSEGV);
    EXPECT_EQ(run_child([] { return 5; }), 5);
  }
}

// In the flags of a frame: the thread ends up in user mode with interrupts on.
TEST(TracedRegisters, FlagsThatNoProgramHasAreNotTakenOver) {
  const pid_t child = start_traced([] { return 6; });
  user_regs_struct registers = registers_of(child);
  const auto before = flags_of(registers);
  flags_of(registers) = before | kForbiddenFlags;
  const long set = put_set(child, NT_PRSTATUS, registers);
  // arm64 refuses some, x86 drops them.
  EXPECT_TRUE(set == 0 || errno == EINVAL) << errno;
  EXPECT_EQ(flags_of(registers_of(child)), before);
  EXPECT_EQ(ptrace(PTRACE_CONT, child, nullptr, nullptr), 0);
  EXPECT_EQ(wait_for(child), 6);
}

}  // namespace
}  // namespace tine::guest
