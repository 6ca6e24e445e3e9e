// The debug registers of x86-64 as words of struct user: what they say, and
// what they refuse.
#include <elf.h>
#include <sys/syscall.h>

#include "tests/guest/arch/breakpoints.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

constexpr uint64_t kNoStatus = 0xffff'0ff0;
constexpr uint64_t kStatusStep = 1 << 14;
alignas(8) volatile uint64_t word;
const uint64_t kWord = reinterpret_cast<uint64_t>(&word);

class DebugRegisters : public testing::Test {
 protected:
  void SetUp() override {
    child_ = start_traced([] {
      word = 1;
      return 2;
    });
    if (const int error = set_debug_register(child_, 7, 0); error != 0) {
      GTEST_SKIP() << "no debug registers here: errno " << error;
    }
  }
  void TearDown() override {
    EXPECT_EQ(kill(child_, SIGKILL), 0);
    EXPECT_EQ(wait_for(child_), -SIGKILL);
  }

  int set(unsigned index, uint64_t value) {
    return set_debug_register(child_, index, value);
  }
  uint64_t get(unsigned index) { return debug_register(child_, index); }

  pid_t child_ = -1;
};

TEST_F(DebugRegisters, BeginEmpty) {
  for (const unsigned index : {0u, 1u, 2u, 3u, 4u, 5u, 7u}) {
    EXPECT_EQ(get(index), 0u) << index;
  }
  EXPECT_EQ(get(6), kNoStatus);
}

TEST_F(DebugRegisters, KeepWhatTheyAreGiven) {
  for (unsigned index = 0; index < 4; ++index) {
    EXPECT_EQ(set(index, kWord + index), 0);
    EXPECT_EQ(get(index), kWord + index);
  }
  EXPECT_EQ(set(6, 0x1234), 0);
  EXPECT_EQ(get(6), 0x1234u);
  // Bits that turn nothing on are kept, too, and have no effect.
  const uint64_t control = 0xffff'ffff'0000'2700;
  EXPECT_EQ(set(7, control), 0);
  EXPECT_EQ(get(7), control);
}

TEST_F(DebugRegisters, HaveNoFourAndFive) {
  for (const unsigned index : {4u, 5u}) {
    EXPECT_EQ(set(index, 0), EIO);
    EXPECT_EQ(set(index, kWord), EIO);
    EXPECT_EQ(get(index), 0u);
  }
}

TEST_F(DebugRegisters, AreWordsOfTheUserArea) {
  const auto poke = [&](long offset) {
    return ptrace(PTRACE_POKEUSER, child_, offset, 0) == 0 ? 0 : errno;
  };
  const auto peek = [&](long offset) {
    errno = 0;
    (void)ptrace(PTRACE_PEEKUSER, child_, offset, nullptr);
    return errno;
  };
  const long at = debug_register_at(0);
  for (const long offset : {at + 1, at + 4, at + 80, at + 88, -8l}) {
    EXPECT_EQ(poke(offset), EIO) << offset;
    EXPECT_EQ(peek(offset), EIO) << offset;
  }
  // Around them lies what can only be read.
  for (const long offset : {at - 8, at + 64, at + 72}) {
    EXPECT_EQ(poke(offset), EIO) << offset;
    EXPECT_EQ(peek(offset), 0) << offset;
  }
  // They are no register set.
  for (const int type : {0x200, 0x402, 0x403, -1}) {
    uint64_t set[40] = {};
    EXPECT_EQ(get_set(child_, type, set), -1);
    EXPECT_EQ(errno, EINVAL) << type;
  }
}

TEST_F(DebugRegisters, AddressesAreTheUsers) {
  for (const uint64_t address :
       {uint64_t{0x7fff'ffff'f000}, uint64_t{0x8000'0000'0000},
        uint64_t{0xffff'8000'0000'0000}, ~uint64_t{0}}) {
    EXPECT_EQ(set(0, address), EINVAL) << std::hex << address;
    EXPECT_EQ(get(0), 0u);
  }
  EXPECT_EQ(set(0, 0x7fff'ffff'efff), 0);
  EXPECT_EQ(set(7, control_of(0, Watch::kWrite, 1)), 0);
  EXPECT_EQ(set(7, control_of(0, Watch::kWrite, 2)), EINVAL);
  EXPECT_EQ(get(7), control_of(0, Watch::kWrite, 1));
}

TEST_F(DebugRegisters, AddressesAreAligned) {
  for (const unsigned bytes : {2u, 4u, 8u}) {
    EXPECT_EQ(set(7, 0), 0);
    EXPECT_EQ(set(1, kWord + bytes / 2), 0);
    const uint64_t control = control_of(1, Watch::kAccess, bytes);
    EXPECT_EQ(set(7, control), EINVAL);
    EXPECT_EQ(get(7), 0u);
    EXPECT_EQ(set(1, kWord), 0);
    EXPECT_EQ(set(7, control), 0);
    // And stay so while they are watched.
    EXPECT_EQ(set(1, kWord + 1), EINVAL);
    EXPECT_EQ(get(1), kWord);
  }
}

TEST_F(DebugRegisters, RefuseWhatNoBreakpointIs) {
  constexpr uint64_t kPort = 2 << 16;
  EXPECT_EQ(set(0, kWord), 0);
  EXPECT_EQ(set(7, kPort | 1), EINVAL);
  for (const unsigned bytes : {2u, 4u, 8u}) {
    EXPECT_EQ(set(7, control_of(0, Watch::kExecute, bytes)), EINVAL) << bytes;
  }
  // Even if it is not turned on; of those that nobody has asked for it may be
  // said.
  EXPECT_EQ(set(7, kPort), EINVAL);
  EXPECT_EQ(set(7, kPort << 12), 0);
  // One mistake, and none of them is changed.
  EXPECT_EQ(set(7, 0), 0);
  EXPECT_EQ(set(7, control_of(0, Watch::kWrite, 8) | kPort << 4 | 4), EINVAL);
  EXPECT_EQ(get(7), 0u);
  EXPECT_EQ(go_on(child_), 0);
  EXPECT_EQ(end_of(next_status(child_)), 2);
  child_ = start_traced([] { return 0; });
}

// The control may come first: what it watches then is address 0.
TEST_F(DebugRegisters, InEitherOrder) {
  ASSERT_EQ(set(7, control_of(2, Watch::kWrite, 8)), 0);
  ASSERT_EQ(set(2, kWord), 0);
  ASSERT_EQ(go_on(child_), 0);
  ASSERT_EQ(stop_of(next_status(child_)), SIGTRAP);
  EXPECT_EQ(get(6), kNoStatus | 4);
  siginfo_t info{};
  ASSERT_EQ(ptrace(PTRACE_GETSIGINFO, child_, nullptr, &info), 0);
  EXPECT_EQ(info.si_code, TRAP_HWBKPT);
  EXPECT_EQ(reinterpret_cast<long>(info.si_addr),
            ptrace(PTRACE_PEEKUSER, child_, offsetof(user, regs.rip), nullptr));
}

// Each exception has a status of its own.
TEST_F(DebugRegisters, TellStepsFromBreakpoints) {
  ASSERT_EQ(set(3, kWord), 0);
  ASSERT_EQ(set(7, control_of(3, Watch::kWrite, 1)), 0);
  siginfo_t info{};
  for (int steps = 0; steps < 10'000; ++steps) {
    ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, child_, nullptr, nullptr), 0);
    ASSERT_EQ(stop_of(next_status(child_)), SIGTRAP);
    ASSERT_EQ(ptrace(PTRACE_GETSIGINFO, child_, nullptr, &info), 0);
    if ((get(6) & 15) != 0) break;
    // Steps over a call end by other means.
    if (info.si_code == TRAP_TRACE) {
      EXPECT_EQ(get(6), kNoStatus | kStatusStep);
    }
  }
  EXPECT_EQ(get(6), kNoStatus | kStatusStep | 8);
  EXPECT_EQ(info.si_code, TRAP_TRACE);
  ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, child_, nullptr, nullptr), 0);
  ASSERT_EQ(stop_of(next_status(child_)), SIGTRAP);
  EXPECT_EQ(get(6), kNoStatus | kStatusStep);
}

int poke_register(pid_t child, size_t offset, uint64_t value) {
  return ptrace(PTRACE_POKEUSER, child, offset, value) == 0 ? 0 : errno;
}
uint64_t peek_register(pid_t child, size_t offset) {
  return static_cast<uint64_t>(ptrace(PTRACE_PEEKUSER, child, offset, nullptr));
}

TEST(UserArea, RegistersAreWhatAThreadCanHave) {
  const pid_t child = start_traced([] { return 4; });
  constexpr size_t kCs = offsetof(user_regs_struct, cs);
  constexpr size_t kSs = offsetof(user_regs_struct, ss);
  constexpr size_t kDs = offsetof(user_regs_struct, ds);
  constexpr size_t kFsBase = offsetof(user_regs_struct, fs_base);
  constexpr size_t kGsBase = offsetof(user_regs_struct, gs_base);
  constexpr size_t kFlags = offsetof(user_regs_struct, eflags);
  // No selector of ring 3, and for code and stack not null.
  for (const size_t offset : {kCs, kSs}) {
    EXPECT_EQ(poke_register(child, offset, 0), EIO);
    EXPECT_EQ(poke_register(child, offset, 0x10), EIO);
    EXPECT_EQ(poke_register(child, offset, peek_register(child, offset)), 0);
  }
  EXPECT_EQ(poke_register(child, kDs, 1), EIO);
  EXPECT_EQ(poke_register(child, kDs, 0x10), EIO);
  EXPECT_EQ(poke_register(child, kDs, 0), 0);
  for (const size_t offset : {kFsBase, kGsBase}) {
    const uint64_t base = peek_register(child, offset);
    EXPECT_EQ(poke_register(child, offset, 0x7fff'ffff'f000), EIO);
    EXPECT_EQ(poke_register(child, offset, ~uint64_t{0}), EIO);
    EXPECT_EQ(peek_register(child, offset), base);
    EXPECT_EQ(poke_register(child, offset, 0x7fff'ffff'e000), 0);
    EXPECT_EQ(peek_register(child, offset), 0x7fff'ffff'e000u);
    EXPECT_EQ(poke_register(child, offset, base), 0);
  }
  const uint64_t flags = peek_register(child, kFlags);
  EXPECT_EQ(poke_register(child, kFlags, 0xffff'ffff), 0);
  EXPECT_EQ(peek_register(child, kFlags) & ~uint64_t{0x202}, 0x5'4dd5u);
  EXPECT_EQ(poke_register(child, kFlags, flags), 0);
  // All at once.
  user_regs_struct registers{};
  ASSERT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  registers.ss = 0x18;
  EXPECT_EQ(put_set(child, NT_PRSTATUS, registers), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 4);
}

TEST(UserArea, RequestsOfThisArchitecture) {
  const pid_t child = start_traced([] {
    static volatile int sum = 0;
    for (int i = 0; i < 100; ++i) sum = sum + i;
    return 4;
  });
  const auto request = [&](int number, uint64_t address, uint64_t data) {
    return ptrace(static_cast<__ptrace_request>(number), child, address,
                  data) == 0
               ? 0
               : errno;
  };
  constexpr int kArchPrctl = 30;
  constexpr uint64_t kSetGs = 0x1001, kSetFs = 0x1002, kGetFs = 0x1003,
                     kGetGs = 0x1004;
  constexpr size_t kFsBase = offsetof(user_regs_struct, fs_base);
  constexpr size_t kGsBase = offsetof(user_regs_struct, gs_base);
  uint64_t base = 0;
  const auto at = reinterpret_cast<uint64_t>(&base);
  EXPECT_EQ(request(kArchPrctl, at, kGetFs), 0);
  EXPECT_EQ(base, peek_register(child, kFsBase));
  EXPECT_EQ(request(kArchPrctl, 0x1000, kSetGs), 0);
  EXPECT_EQ(peek_register(child, kGsBase), 0x1000u);
  EXPECT_EQ(request(kArchPrctl, at, kGetGs), 0);
  EXPECT_EQ(base, 0x1000u);
  EXPECT_EQ(request(kArchPrctl, 0x7fff'ffff'f000, kSetFs), EPERM);
  EXPECT_EQ(request(kArchPrctl, 1, kGetFs), EFAULT);
  EXPECT_EQ(request(kArchPrctl, 0, 5), EINVAL);
  constexpr int kOldSetOptions = 21;
  EXPECT_EQ(request(kOldSetOptions, 0, PTRACE_O_TRACEEXIT), 0);
  EXPECT_EQ(request(kOldSetOptions, 0, 0x8000'0000), EINVAL);
  constexpr int kSingleBlock = 33;
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(request(kSingleBlock, 0, 0), 0);
    ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
  }
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_EXIT));
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 4);
}

// Neither a step nor a breakpoint: the instruction that debuggers of hardware
// use.
TEST(DebugException, OfNothing) {
  const pid_t child = start_traced([] {
    asm volatile(".byte 0xf1");
    return 3;
  });
  ASSERT_EQ(go_on(child), 0);
  const int stop = stop_of(next_status(child));
  if (stop == SIGILL) {
    EXPECT_EQ(go_on(child, SIGILL), 0);
    EXPECT_EQ(wait_for(child), -SIGILL);
    GTEST_SKIP() << "this CPU, an emulator, does not have it";
  }
  ASSERT_EQ(stop, SIGTRAP);
  siginfo_t info{};
  ASSERT_EQ(ptrace(PTRACE_GETSIGINFO, child, nullptr, &info), 0);
  EXPECT_EQ(info.si_code, TRAP_BRKPT);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 3);
}

// A load of ss holds exceptions back for one instruction, and if that one
// enters the kernel, what comes then is the kernel's to bear.
TEST(DebugException, HeldBackIntoTheKernel) {
  static volatile uint64_t selector;
  const pid_t child = start_traced([] {
    uint64_t here = 0;
    asm volatile("mov %%ss, %0" : "=r"(here));
    selector = here;
    CHILD_CHECK(raise(SIGSTOP) == 0);
    for (int i = 0; i < 50; ++i) {
      long result = SYS_getppid;
      asm volatile("mov %1, %%ss\n\tsyscall"
                   : "+a"(result)
                   : "m"(selector)
                   : "rcx", "r11", "memory");
      CHILD_CHECK(result == getppid());
    }
    for (int i = 0; i < 50; ++i) {
      asm volatile("mov %0, %%ss\n\tint3" : : "m"(selector) : "memory");
    }
    return 5;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGSTOP);
  ASSERT_EQ(set_breakpoint(child, 0, Watch::kAccess,
                           reinterpret_cast<uint64_t>(&selector), 8),
            0);
  // CPUs differ in what they tell of the breakpoint; the rest is the same.
  int stops = 0;
  for (;;) {
    ASSERT_EQ(go_on(child), 0);
    const int status = next_status(child);
    if (!WIFSTOPPED(status)) {
      EXPECT_EQ(end_of(status), 5);
      break;
    }
    ASSERT_EQ(stop_of(status), SIGTRAP);
    siginfo_t info{};
    ASSERT_EQ(ptrace(PTRACE_GETSIGINFO, child, nullptr, &info), 0);
    stops += info.si_code == SI_KERNEL;
  }
  EXPECT_EQ(stops, 50);
}

}  // namespace
}  // namespace tine::guest
