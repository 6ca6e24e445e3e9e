// Handlers run, see who sent what, and their flags and masks act.
// feature-map: 29, 72, 81
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr int kResetHand = static_cast<int>(SA_RESETHAND);

class SignalHandler : public testing::Test {
 protected:
  void SetUp() override { noted = {}; }
  void TearDown() override {
    for (const int signal : {SIGUSR1, SIGUSR2, SIGCHLD, SIGRTMIN}) {
      set_action(signal, SIG_DFL);
    }
  }
};

TEST_F(SignalHandler, RunsBeforeKillReturns) {
  ASSERT_EQ(handle(SIGUSR1, note), 0);
  for (int i = 1; i <= 1000; ++i) {
    ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
    ASSERT_EQ(noted.count, i);
  }
  EXPECT_EQ(noted.signal, SIGUSR1);
}

TEST_F(SignalHandler, TakesOneArgumentWithoutSigInfo) {
  static volatile int seen;
  seen = 0;
  ASSERT_EQ(set_action(SIGUSR1, [](int signal) { seen = signal; }), 0);
  raise(SIGUSR1);
  EXPECT_EQ(seen, SIGUSR1);
}

TEST_F(SignalHandler, SeesWhoCalledKill) {
  ASSERT_EQ(handle(SIGUSR1, note), 0);
  ASSERT_EQ(kill(getpid(), SIGUSR1), 0);
  EXPECT_EQ(noted.info.si_signo, SIGUSR1);
  EXPECT_EQ(noted.info.si_errno, 0);
  EXPECT_EQ(noted.info.si_code, SI_USER);
  EXPECT_EQ(noted.info.si_pid, getpid());
  EXPECT_EQ(noted.info.si_uid, getuid());
  raise(SIGUSR1);
  EXPECT_EQ(noted.info.si_code, SI_TKILL);
  EXPECT_EQ(noted.info.si_pid, getpid());
  EXPECT_EQ(noted.info.si_uid, getuid());
}

TEST_F(SignalHandler, SeesAChildThatSends) {
  ASSERT_EQ(handle(SIGUSR1, note), 0);
  const pid_t child =
      start_child([] { return kill(getppid(), SIGUSR1) == 0 ? 0 : 1; });
  ASSERT_EQ(wait_for(child), 0);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.info.si_pid, child);
  EXPECT_EQ(noted.info.si_code, SI_USER);
}

TEST_F(SignalHandler, SeesHowAChildEnded) {
  ASSERT_EQ(handle(SIGCHLD, note, SA_RESTART), 0);
  const pid_t child = start_child([] { return 7; });
  ASSERT_EQ(wait_for(child), 7);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.info.si_signo, SIGCHLD);
  EXPECT_EQ(noted.info.si_code, CLD_EXITED);
  EXPECT_EQ(noted.info.si_status, 7);
  EXPECT_EQ(noted.info.si_pid, child);
  EXPECT_EQ(noted.info.si_uid, getuid());
  const pid_t killed = start_child([] {
    kill(getpid(), SIGKILL);
    return 0;
  });
  ASSERT_EQ(wait_for(killed), -SIGKILL);
  EXPECT_EQ(noted.count, 2);
  EXPECT_EQ(noted.info.si_code, CLD_KILLED);
  EXPECT_EQ(noted.info.si_status, SIGKILL);
  EXPECT_EQ(noted.info.si_pid, killed);
}

// The signal itself and sa_mask are blocked while the handler runs, unless
// SA_NODEFER says otherwise; afterwards the mask is as before.
TEST_F(SignalHandler, BlocksItselfAndItsMask) {
  static bool self, other, third;
  ASSERT_EQ(handle(SIGUSR1,
                   [](int, siginfo_t*, void*) {
                     self = is_blocked(SIGUSR1);
                     other = is_blocked(SIGUSR2);
                     third = is_blocked(SIGHUP);
                   },
                   0, {SIGUSR2, SIGKILL}),
            0);
  raise(SIGUSR1);
  EXPECT_TRUE(self);
  EXPECT_TRUE(other);
  EXPECT_FALSE(third);
  EXPECT_FALSE(is_blocked(SIGUSR1));
  EXPECT_FALSE(is_blocked(SIGUSR2));
}

TEST_F(SignalHandler, NestsWithNoDefer) {
  static int depth, deepest;
  depth = deepest = 0;
  ASSERT_EQ(handle(
                SIGUSR1,
                [](int, siginfo_t*, void*) {
                  if (++depth > deepest) deepest = depth;
                  if (depth < 20) raise(SIGUSR1);
                  --depth;
                },
                SA_NODEFER),
            0);
  raise(SIGUSR1);
  EXPECT_EQ(depth, 0);
  EXPECT_EQ(deepest, 20);
}

// Without it the second comes after the first handler has returned, once.
TEST_F(SignalHandler, IsDeferredOtherwise) {
  static int depth, deepest, runs;
  depth = deepest = runs = 0;
  ASSERT_EQ(handle(SIGUSR1,
                   [](int, siginfo_t*, void*) {
                     ++runs;
                     if (++depth > deepest) deepest = depth;
                     if (runs == 1) {
                       for (int i = 0; i < 5; ++i) raise(SIGUSR1);
                     }
                     --depth;
                   }),
            0);
  raise(SIGUSR1);
  EXPECT_EQ(deepest, 1);
  EXPECT_EQ(runs, 2);
}

TEST_F(SignalHandler, OfAnotherSignalNests) {
  static int trace[4], count;
  count = 0;
  handle(SIGUSR1, [](int, siginfo_t*, void*) {
    trace[count++] = 1;
    raise(SIGUSR2);
    trace[count++] = 3;
  });
  handle(SIGUSR2, [](int, siginfo_t*, void*) { trace[count++] = 2; });
  raise(SIGUSR1);
  ASSERT_EQ(count, 3);
  EXPECT_EQ(trace[0], 1);
  EXPECT_EQ(trace[1], 2);
  EXPECT_EQ(trace[2], 3);
}

TEST_F(SignalHandler, ResetHandIsForOneTime) {
  EXPECT_EQ(run_child([] {
              handle(SIGUSR1, note, kResetHand);
              raise(SIGUSR1);
              CHILD_CHECK(noted.count == 1);
              struct sigaction now;
              CHILD_CHECK(sigaction(SIGUSR1, nullptr, &now) == 0);
              CHILD_CHECK(now.sa_handler == SIG_DFL);
              CHILD_CHECK((now.sa_flags & kResetHand) != 0);
              raise(SIGUSR1);
              return 0;
            }),
            -SIGUSR1);
}

TEST_F(SignalHandler, SeveralPendingAllRun) {
  handle(SIGUSR1, note);
  handle(SIGUSR2, note);
  handle(SIGRTMIN, note);
  const sigset_t old = block({SIGUSR1, SIGUSR2, SIGRTMIN});
  for (const int signal : {SIGRTMIN, SIGUSR2, SIGUSR1, SIGUSR2}) raise(signal);
  EXPECT_EQ(noted.count, 0);
  sigprocmask(SIG_SETMASK, &old, nullptr);
  EXPECT_EQ(noted.count, 3);
}

// ---- actions over fork and exec

TEST_F(SignalHandler, OfAChildIsItsOwn) {
  handle(SIGUSR1, note);
  EXPECT_EQ(run_child([] {
              raise(SIGUSR1);
              CHILD_CHECK(noted.count == 1);
              set_action(SIGUSR1, SIG_IGN);
              return 0;
            }),
            0);
  raise(SIGUSR1);
  EXPECT_EQ(noted.count, 1);
}

// ---- alternate stacks

constexpr size_t kStackBytes = 64 * 1024;

struct AltStack {
  AltStack() {
    memory = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    const stack_t stack{memory, 0, kStackBytes};
    result = sigaltstack(&stack, &old);
  }
  ~AltStack() {
    const stack_t none{nullptr, SS_DISABLE, 0};
    sigaltstack(&none, nullptr);
    munmap(memory, kStackBytes);
  }
  bool has(const void* address) const {
    const auto at = reinterpret_cast<uintptr_t>(address);
    const auto start = reinterpret_cast<uintptr_t>(memory);
    return at >= start && at < start + kStackBytes;
  }
  void* memory;
  stack_t old;
  int result;
};
AltStack* alt;
bool ran_on_alt, was_refused, said_on_stack, nested_on_alt;

TEST_F(SignalHandler, RunsOnTheAlternateStack) {
  AltStack stack;
  ASSERT_EQ(stack.result, 0);
  EXPECT_EQ(stack.old.ss_flags, SS_DISABLE);
  alt = &stack;
  handle(
      SIGUSR1,
      [](int, siginfo_t*, void*) {
        int local = 0;
        ran_on_alt = alt->has(&local);
        stack_t now;
        sigaltstack(nullptr, &now);
        said_on_stack = now.ss_flags == SS_ONSTACK;
        const stack_t other{alt->memory, 0, kStackBytes / 2};
        was_refused = sigaltstack(&other, nullptr) == -1 && errno == EPERM;
        raise(SIGUSR2);
      },
      SA_ONSTACK);
  handle(
      SIGUSR2,
      [](int, siginfo_t*, void*) {
        int local = 0;
        nested_on_alt = alt->has(&local);
      },
      SA_ONSTACK);
  raise(SIGUSR1);
  EXPECT_TRUE(ran_on_alt);
  EXPECT_TRUE(said_on_stack);
  EXPECT_TRUE(was_refused);
  EXPECT_TRUE(nested_on_alt);
  stack_t now;
  ASSERT_EQ(sigaltstack(nullptr, &now), 0);
  EXPECT_EQ(now.ss_flags, 0);
  EXPECT_EQ(now.ss_sp, stack.memory);
  // Without SA_ONSTACK it does not.
  handle(SIGUSR1, [](int, siginfo_t*, void*) {
    int local = 0;
    ran_on_alt = alt->has(&local);
  });
  raise(SIGUSR1);
  EXPECT_FALSE(ran_on_alt);
}

TEST_F(SignalHandler, AlternateStackIsKeptByForkAndDroppedByExec) {
  AltStack stack;
  alt = &stack;
  handle(
      SIGUSR1,
      [](int, siginfo_t*, void*) {
        int local = 0;
        ran_on_alt = alt->has(&local);
      },
      SA_ONSTACK);
  EXPECT_EQ(run_child([] {
              ran_on_alt = false;
              raise(SIGUSR1);
              return ran_on_alt ? 0 : 1;
            }),
            0);
}

TEST_F(SignalHandler, AutoDisarmFreesTheStackForOthers) {
  constexpr int kAutoDisarm = static_cast<int>(1u << 31);
  static char memory[2][kStackBytes];
  static int inside, inside_change;
  const stack_t stack{memory[0], kAutoDisarm, kStackBytes};
  ASSERT_EQ(sigaltstack(&stack, nullptr), 0);
  handle(
      SIGUSR1,
      [](int, siginfo_t*, void*) {
        stack_t now;
        sigaltstack(nullptr, &now);
        inside = now.ss_flags;
        const stack_t other{memory[1], 0, kStackBytes};
        inside_change = sigaltstack(&other, nullptr);
      },
      SA_ONSTACK);
  raise(SIGUSR1);
  EXPECT_EQ(inside, SS_DISABLE);
  EXPECT_EQ(inside_change, 0);
  stack_t now;
  ASSERT_EQ(sigaltstack(nullptr, &now), 0);
  EXPECT_EQ(now.ss_sp, memory[0]);  // as the frame says
  EXPECT_EQ(now.ss_flags, kAutoDisarm);
  const stack_t none{nullptr, SS_DISABLE, 0};
  EXPECT_EQ(sigaltstack(&none, nullptr), 0);
}

TEST_F(SignalHandler, AlternateStackRefusals) {
  static char memory[kStackBytes];
  stack_t stack{memory, 0x40, kStackBytes};
  EXPECT_EQ(sigaltstack(&stack, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  stack = {memory, 0, 1024};
  EXPECT_EQ(sigaltstack(&stack, nullptr), -1);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(sigaltstack(reinterpret_cast<stack_t*>(8), nullptr), -1);
  EXPECT_EQ(errno, EFAULT);
}

// A stack overflow can be handled, and only so.
TEST_F(SignalHandler, OfAStackOverflowNeedsTheAlternateStack) {
  const auto overflow = [](int flags) {
    static char memory[kStackBytes];
    const stack_t stack{memory, 0, kStackBytes};
    sigaltstack(&stack, nullptr);
    handle(SIGSEGV, [](int, siginfo_t*, void*) { _exit(42); }, flags);
    struct Deep {
      static int sink(int depth) {
        volatile char frame[4096];
        frame[depth & 4095] = 1;
        return depth == -1 ? 0 : sink(depth + 1) + frame[0];
      }
    };
    return Deep::sink(0);
  };
  EXPECT_EQ(run_child([&] { return overflow(SA_ONSTACK); }), 42);
  EXPECT_EQ(run_child([&] { return overflow(0); }), -SIGSEGV);
}

}  // namespace
}  // namespace tine::guest
