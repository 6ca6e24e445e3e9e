// Hardware breakpoints and watchpoints: where they stop a thread, and that they
// are nobody else's. feature-map: 40
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include <array>
#include <map>

#include "tests/guest/arch/breakpoints.h"
#include "tests/guest/arch/traced_registers.h"
#include "tests/guest/own_path.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

alignas(16) volatile uint8_t bytes[32];
volatile uint64_t first_word;
volatile uint64_t second_word;

template <typename T>
uint64_t address_of(T* object) {
  return reinterpret_cast<uint64_t>(object);
}

[[gnu::noinline]] int marked(int value) {
  asm volatile("" : "+r"(value));
  return value + 1;
}

siginfo_t stop_information(pid_t child) {
  siginfo_t info{};
  EXPECT_EQ(ptrace(PTRACE_GETSIGINFO, child, nullptr, &info), 0);
  return info;
}

uint64_t pc_now(pid_t child) {
  user_regs_struct registers{};
  EXPECT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  return pc_of(registers);
}

uint64_t word_of(pid_t child, const volatile void* address) {
  return static_cast<uint64_t>(
      ptrace(PTRACE_PEEKDATA, child, address, nullptr));
}

// Its breakpoint 0: it writes that word.
int watch_writes(pid_t child, const volatile uint64_t& word) {
  return set_breakpoint(child, 0, Watch::kWrite, address_of(&word), 8);
}
// Its breakpoint 1.
int break_at_marked(pid_t child) {
  return set_breakpoint(child, 1, Watch::kExecute, address_of(&marked), 1);
}

// The child goes on to its breakpoint.
void expect_met(pid_t child, unsigned index, uint64_t address) {
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
  EXPECT_TRUE(is_met(child, index, address, stop_information(child)));
}
void expect_end(pid_t child, int end) {
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), end);
}

class HwBreakpoint : public testing::Test {
 protected:
  // A virtual machine without debug registers, or without room in them.
  void SetUp() override {
    const pid_t child = start_traced([] { return 0; });
    const int error = watch_writes(child, first_word);
    expect_end(child, 0);
    const bool may_be_missing = access("/proc/sys/kernel/osrelease", F_OK) == 0;
    if (error != 0 && may_be_missing) {
      GTEST_SKIP() << "no debug registers here: errno " << error;
    }
    ASSERT_EQ(error, 0);
  }
};

TEST_F(HwBreakpoint, StopsBeforeAnInstruction) {
  const pid_t child = start_traced([] { return marked(1) + marked(10); });
  const uint64_t at = address_of(&marked);
  ASSERT_EQ(set_breakpoint(child, 1, Watch::kExecute, at, 1), 0);
  for (int calls = 0; calls < 2; ++calls) {
    expect_met(child, 1, at);
    EXPECT_EQ(pc_now(child), at);
    const siginfo_t info = stop_information(child);
    EXPECT_EQ(info.si_signo, SIGTRAP);
    EXPECT_EQ(address_of(info.si_addr), at);
    ASSERT_TRUE(pass_breakpoint(child, 1));
  }
  expect_end(child, 13);
}

TEST_F(HwBreakpoint, WatchesSoManyBytes) {
  for (const unsigned length : {1u, 2u, 4u, 8u}) {
    for (const unsigned at : {0u, 8u, 16 - length}) {
      const pid_t child = start_traced([&] {
        // What lies around it is written and it is read.
        for (unsigned i = 0; i < sizeof(bytes); ++i) {
          if (i < at || i >= at + length) bytes[i] = 1;
        }
        uint8_t sum = 0;
        for (unsigned i = 0; i < sizeof(bytes); ++i) {
          sum = static_cast<uint8_t>(sum + bytes[i]);
        }
        bytes[at + length - 1] = 2;
        return sum + bytes[at + length - 1];
      });
      ASSERT_EQ(set_breakpoint(child, 2, Watch::kWrite, address_of(&bytes[at]),
                               length),
                0);
      expect_met(child, 2, address_of(&bytes[at + length - 1]));
      const uint64_t word = word_of(child, &bytes[at + length - 1]);
      EXPECT_EQ(word & 0xff, kStopsBeforeAccess ? 0u : 2u);
      ASSERT_TRUE(pass_breakpoint(child, 2));
      EXPECT_EQ(word_of(child, &bytes[at + length - 1]) & 0xff, 2u);
      expect_end(child, static_cast<int>(sizeof(bytes) - length + 2));
    }
  }
}

TEST_F(HwBreakpoint, WatchesLoads) {
  const pid_t child = start_traced([] {
    uint64_t read = first_word;
    asm volatile("" : "+r"(read));  // an instruction for each access
    first_word = read + 5;
    return static_cast<int>(first_word);
  });
  ASSERT_EQ(
      set_breakpoint(child, 3, Watch::kAccess, address_of(&first_word), 8), 0);
  for (int accesses = 0; accesses < 3; ++accesses) {
    expect_met(child, 3, address_of(&first_word));
    ASSERT_TRUE(pass_breakpoint(child, 3));
  }
  expect_end(child, 5);
}

TEST_F(HwBreakpoint, SeveralAtOnce) {
  const pid_t child = start_traced([] {
    first_word = 1;
    second_word = 2;
    first_word = 3;
    return marked(4);
  });
  ASSERT_EQ(watch_writes(child, first_word), 0);
  ASSERT_EQ(
      set_breakpoint(child, 1, Watch::kWrite, address_of(&second_word), 4), 0);
  ASSERT_EQ(set_breakpoint(child, 2, Watch::kExecute, address_of(&marked), 1),
            0);
  expect_met(child, 0, address_of(&first_word));
  ASSERT_TRUE(pass_breakpoint(child, 0));
  expect_met(child, 1, address_of(&second_word));
  ASSERT_TRUE(pass_breakpoint(child, 1));
  ASSERT_EQ(clear_breakpoint(child, 0), 0);
  expect_met(child, 2, address_of(&marked));
  ASSERT_TRUE(pass_breakpoint(child, 2));
  expect_end(child, 5);
}

// What the kernel writes for the thread is not the thread's doing.
TEST_F(HwBreakpoint, CallsDoNotMeetThem) {
  const pid_t child = start_traced([] {
    int ends[2];
    CHILD_CHECK(pipe(ends) == 0);
    const uint64_t sent = 77;
    CHILD_CHECK(write(ends[1], &sent, sizeof(sent)) == sizeof(sent));
    CHILD_CHECK(syscall(SYS_read, ends[0], &first_word, sizeof(sent)) ==
                sizeof(sent));
    second_word = 1;
    return static_cast<int>(first_word);
  });
  ASSERT_EQ(watch_writes(child, first_word), 0);
  ASSERT_EQ(
      set_breakpoint(child, 1, Watch::kWrite, address_of(&second_word), 8), 0);
  expect_met(child, 1, address_of(&second_word));
  ASSERT_TRUE(pass_breakpoint(child, 1));
  expect_end(child, 77);
}

// What would end an untraced process.
TEST_F(HwBreakpoint, ForksDoNotInheritThem) {
  const pid_t child = start_traced([] {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGCHLD);
    CHILD_CHECK(sigprocmask(SIG_BLOCK, &ends, nullptr) == 0);
    for (const bool vforks : {false, true}) {
      const pid_t grandchild = vforks ? vfork() : fork();
      if (grandchild == 0) {
        second_word = 1;
        _exit(marked(2));
      }
      CHILD_CHECK(wait_for(grandchild) == 3);
    }
    second_word = 5;
    return 6;
  });
  ASSERT_EQ(watch_writes(child, second_word), 0);
  ASSERT_EQ(break_at_marked(child), 0);
  expect_met(child, 0, address_of(&second_word));
  ASSERT_TRUE(pass_breakpoint(child, 0));
  expect_end(child, 6);
}

TEST_F(HwBreakpoint, TracedForksDoNotInheritThem) {
  const pid_t child = start_traced(PTRACE_O_TRACEFORK, [] {
    const pid_t grandchild = fork();
    if (grandchild == 0) {
      second_word = 1;
      _exit(3);
    }
    return wait_for(grandchild);
  });
  ASSERT_EQ(watch_writes(child, second_word), 0);
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_FORK));
  const auto grandchild = static_cast<pid_t>(event_message(child));
  ASSERT_EQ(stop_of(next_status(grandchild)), SIGSTOP);
  EXPECT_TRUE(has_breakpoint(child, 0));
  EXPECT_FALSE(has_breakpoint(grandchild, 0));
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(go_on(grandchild), 0);
  EXPECT_EQ(end_of(next_status(grandchild)), 3);
  ASSERT_EQ(stop_of(next_status(child)), SIGCHLD);
  expect_end(child, 3);
}

TEST_F(HwBreakpoint, ThreadsDoNotInheritThem) {
  const pid_t child = start_traced([] {
    pthread_t thread;
    CHILD_CHECK(pthread_create(
                    &thread, nullptr,
                    +[](void*) -> void* {
                      second_word = 1;
                      (void)marked(1);
                      return nullptr;
                    },
                    nullptr) == 0);
    CHILD_CHECK(pthread_join(thread, nullptr) == 0);
    second_word = second_word + 1;
    return static_cast<int>(second_word);
  });
  ASSERT_EQ(watch_writes(child, second_word), 0);
  ASSERT_EQ(break_at_marked(child), 0);
  expect_met(child, 0, address_of(&second_word));
  ASSERT_TRUE(pass_breakpoint(child, 0));
  expect_end(child, 2);
}

// The program is the same, so that it would meet them.
TEST_F(HwBreakpoint, ExecDropsThem) {
  const pid_t child = start_traced([] {
    execl(own_path().c_str(), own_path().c_str(), "--gtest_filter=*WritesAWord",
          nullptr);
    return 1;
  });
  ASSERT_EQ(watch_writes(child, second_word), 0);
  ASSERT_EQ(break_at_marked(child), 0);
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
  EXPECT_NE(stop_information(child).si_code, TRAP_HWBKPT);
  EXPECT_FALSE(has_breakpoint(child, 0));
  EXPECT_FALSE(has_breakpoint(child, 1));
  expect_end(child, 0);
}
TEST(HwBreakpointProgram, WritesAWord) {
  second_word = 8;
  EXPECT_EQ(marked(static_cast<int>(second_word)), 9);
}

TEST_F(HwBreakpoint, SurviveHandlersAndSetRegisters) {
  const pid_t child = start_traced([] {
    CHILD_CHECK(signal(SIGUSR1, [](int) { first_word = 1; }) != SIG_ERR);
    CHILD_CHECK(raise(SIGUSR1) == 0);
    first_word = first_word + 1;
    return static_cast<int>(first_word);
  });
  ASSERT_EQ(watch_writes(child, first_word), 0);
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGUSR1);
  user_regs_struct registers{};
  ASSERT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  ASSERT_EQ(put_set(child, NT_PRSTATUS, registers), 0);
  ASSERT_EQ(go_on(child, SIGUSR1), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
  EXPECT_TRUE(
      is_met(child, 0, address_of(&first_word), stop_information(child)));
  ASSERT_TRUE(pass_breakpoint(child, 0));
  expect_met(child, 0, address_of(&first_word));
  ASSERT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  ASSERT_EQ(put_set(child, NT_PRSTATUS, registers), 0);
  ASSERT_TRUE(pass_breakpoint(child, 0));
  expect_end(child, 2);
}

// Steps go on to be steps, and a thread that steps over what is watched stops
// for it.
TEST_F(HwBreakpoint, StepsMeetThem) {
  const pid_t child = start_traced([] {
    first_word = 1;
    return 2;
  });
  ASSERT_EQ(watch_writes(child, first_word), 0);
  bool met = false;
  int status = 0;
  for (int steps = 0; !met && steps < 10'000; ++steps) {
    ASSERT_EQ(ptrace(PTRACE_SINGLESTEP, child, nullptr, nullptr), 0);
    status = next_status(child);
    ASSERT_EQ(stop_of(status), SIGTRAP);
    const bool is_written = word_of(child, &first_word) != 0;
    met = kStopsBeforeAccess ? stop_information(child).si_code == TRAP_HWBKPT
                             : is_written;
    if (!met) EXPECT_FALSE(is_written);
  }
  EXPECT_TRUE(met);
  ASSERT_TRUE(pass_breakpoint(child, 0));
  expect_end(child, 2);
}

TEST_F(HwBreakpoint, StayWhenTheTracerGoes) {
  const pid_t child = start_traced([] {
    first_word = 1;
    return 2;
  });
  ASSERT_EQ(watch_writes(child, first_word), 0);
  ASSERT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(wait_for(child), -SIGTRAP);
}

// The same addresses mean something to all of them: two tracees, each with
// another word watched, and an untraced process.
TEST_F(HwBreakpoint, TakeTurns) {
  constexpr int kRounds = 100;
  const auto write_both = [] {
    first_word = first_word + 1;
    second_word = second_word + 1;
    (void)sched_yield();
    return first_word == second_word;
  };
  const pid_t free = start_child([&]() -> int {
    for (;;) CHILD_CHECK(write_both());
  });
  std::array<pid_t, 2> children{};
  const std::array<uint64_t, 2> watched = {address_of(&first_word),
                                           address_of(&second_word)};
  std::map<pid_t, int> met;
  for (unsigned i = 0; i < 2; ++i) {
    children[i] = start_traced([&] {
      for (int round = 0; round < kRounds; ++round) CHILD_CHECK(write_both());
      return 20;
    });
    ASSERT_EQ(set_breakpoint(children[i], i, Watch::kWrite, watched[i], 8), 0);
    met[children[i]] = 0;
  }
  for (const pid_t child : children) ASSERT_EQ(go_on(child), 0);
  for (int left = 2; left > 0;) {
    int status = 0;
    const pid_t child = waitpid(-1, &status, __WALL);
    ASSERT_TRUE(met.contains(child));
    if (!WIFSTOPPED(status)) {
      EXPECT_EQ(end_of(status), 20);
      --left;
      continue;
    }
    ASSERT_EQ(stop_of(status), SIGTRAP);
    const unsigned i = child == children[1] ? 1 : 0;
    EXPECT_TRUE(is_met(child, i, watched[i], stop_information(child)));
    EXPECT_EQ(word_of(child, i == 0 ? &first_word : &second_word),
              static_cast<uint64_t>(met[child] + !kStopsBeforeAccess));
    ++met[child];
    ASSERT_TRUE(pass_breakpoint(child, i));
    ASSERT_EQ(go_on(child), 0);
  }
  for (const pid_t child : children) EXPECT_EQ(met[child], kRounds);
  EXPECT_EQ(kill(free, SIGKILL), 0);
  EXPECT_EQ(wait_for(free), -SIGKILL);
}

// Addresses that a system may use for purposes of its own.
TEST_F(HwBreakpoint, AtAddressesOfTheSystem) {
  constexpr uint64_t kBase = 0x7000'0000;
  constexpr size_t kLength = 8 * 4096;
  const pid_t child = start_traced([] {
    void* const wanted = reinterpret_cast<void*>(kBase);
    CHILD_CHECK(mmap(wanted, kLength, PROT_READ | PROT_WRITE,
                     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
                     0) == wanted);
    CHILD_CHECK(raise(SIGSTOP) == 0);
    for (uint64_t i = 0; i < kLength; i += 8) {
      *reinterpret_cast<volatile uint64_t*>(kBase + i) = i;
      if (i % 1024 == 0) CHILD_CHECK(getppid() > 0);
    }
    return 9;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGSTOP);
  const std::array<uint64_t, 3> at = {kBase + 8, kBase + 0x48, kBase + 0x4000};
  for (unsigned i = 0; i < at.size(); ++i) {
    ASSERT_EQ(set_breakpoint(child, i, Watch::kAccess, at[i], 8), 0);
  }
  for (unsigned i = 0; i < at.size(); ++i) {
    expect_met(child, i, at[i]);
    ASSERT_TRUE(pass_breakpoint(child, i));
  }
  expect_end(child, 9);
}

TEST_F(HwBreakpoint, NotInTheKernelsMemory) {
  const pid_t child = start_traced([] { return marked(3); });
  for (const uint64_t address :
       {uint64_t{0xffff'8000'0000'0000}, uint64_t{0xffff'ffff'8000'0000},
        ~uint64_t{7}, uint64_t{1} << 48, uint64_t{1} << 63}) {
    for (const Watch watch : {Watch::kExecute, Watch::kWrite, Watch::kAccess}) {
      EXPECT_EQ(set_breakpoint(child, 0, watch, address, 1), EINVAL)
          << std::hex << address;
    }
  }
  EXPECT_EQ(clear_breakpoint(child, 0), 0);
  expect_end(child, 4);
}

}  // namespace
}  // namespace tine::guest
