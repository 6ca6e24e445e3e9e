// Frames of signal handlers: what is restored, what a handler can change in
// them, and what becomes of forged ones.
// feature-map: 29, 30
#include <gtest/gtest.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include <cmath>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/arch/registers.h"
#include "tests/guest/arch/signal_context.h"
#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

using Names = std::vector<std::string>;

class SignalFrame : public testing::Test {
 protected:
  void SetUp() override { noted = {}; }
  void TearDown() override {
    for (const int signal : {SIGUSR1, SIGUSR2, SIGSEGV, SIGALRM}) {
      set_action(signal, SIG_DFL);
    }
  }
};

// Uses and changes general and FP registers, and does system calls.
void clobber(int signal, siginfo_t* info, void*) {
  Registers other =
      make_pattern(static_cast<uint32_t>(noted.count) + 99, SYS_getppid);
  Registers out;
  tine_syscall_registers(&other, &out);
  volatile double sum = 0;
  for (int i = 1; i < 50; ++i) sum = sum + std::sqrt(i * 1.25);
  note(signal, info, nullptr);
}

// The loop of tine_spin_registers is interrupted at no instruction in
// particular.
TEST_F(SignalFrame, RestoresAllRegistersOfAnInterruptedProgram) {
  handle(SIGALRM, clobber, SA_RESTART);
  const itimerval often{{0, 700}, {0, 500}};
  ASSERT_EQ(setitimer(ITIMER_REAL, &often, nullptr), 0);
  // A second, or until enough have come: a busy machine takes longer.
  const int64_t begin = now_ns();
  const auto passed = [&] { return now_ns() - begin; };
  uint32_t seed = 0;
  while (passed() < 1'000'000'000 ||
         (noted.count <= 100 && passed() < 20'000'000'000)) {
    const Registers in = make_spin_pattern(++seed, 300'000);
    Registers out;
    tine_spin_registers(&in, &out);
    ASSERT_EQ(changed_by_spin(in, out), Names{}) << seed;
  }
  const itimerval off{};
  setitimer(ITIMER_REAL, &off, nullptr);
  EXPECT_GT(noted.count, 100);
}

TEST_F(SignalFrame, RestoresAllRegistersAfterASystemCall) {
  handle(SIGUSR1, clobber);
  block({SIGUSR1});
  for (uint32_t seed = 0; seed < 50; ++seed) {
    raise(SIGUSR1);
    // Unblocks the signal by rt_sigprocmask(SIG_SETMASK, &none, nullptr, 8).
    static const uint64_t none = 0;
    Registers in = make_pattern(seed, SYS_rt_sigprocmask);
    set_arguments(in, SIG_SETMASK, reinterpret_cast<uint64_t>(&none), 0, 8);
    Registers out;
    tine_syscall_registers(&in, &out);
    ASSERT_EQ(noted.count, static_cast<int>(seed) + 1);
    ASSERT_EQ(changed_by_syscall(in, out), Names{}) << seed;
    ASSERT_EQ(out.general[kResultRegister], 0u);
    block({SIGUSR1});
  }
  unblock({SIGUSR1});
}

TEST_F(SignalFrame, LeavesTheRedZoneAlone) {
  handle(SIGUSR1, clobber);
  EXPECT_EQ(keep_below_stack(0x1234'5678, SYS_kill, getpid(), SIGUSR1),
            0x1234'5678);
  EXPECT_EQ(noted.count, 1);
}

TEST_F(SignalFrame, StackIsAlignedInHandlers) {
  static uintptr_t frame;
  handle(SIGUSR1, [](int, siginfo_t*, void*) {
    frame = reinterpret_cast<uintptr_t>(__builtin_frame_address(0));
  });
  raise(SIGUSR1);
  EXPECT_EQ(frame % 16, 0u);
}

// ---- what a handler changes

TEST_F(SignalFrame, HandlerSkipsAnInstruction) {
  handle(SIGSEGV, [](int signal, siginfo_t* info, void* context) {
    note(signal, info, nullptr);
    auto& interrupted = *static_cast<ucontext_t*>(context);
    context_pc(interrupted) += kLoadBytes;
    context_result(interrupted) = 0x77;
  });
  for (int i = 1; i <= 100; ++i) {
    EXPECT_EQ(load_byte(reinterpret_cast<void*>(0x10)), 0x77);
    EXPECT_EQ(noted.count, i);
    EXPECT_EQ(noted.info.si_addr, reinterpret_cast<void*>(0x10));
  }
}

TEST_F(SignalFrame, HandlerMapsThePage) {
  static char* page;
  page = static_cast<char*>(
      mmap(nullptr, 4096, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  handle(SIGSEGV, [](int signal, siginfo_t* info, void*) {
    note(signal, info, nullptr);
    mprotect(page, 4096, PROT_READ | PROT_WRITE);
    page[5] = 'x';
  });
  EXPECT_EQ(load_byte(page + 5), 'x');
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.info.si_code, SEGV_ACCERR);
  munmap(page, 4096);
}

TEST_F(SignalFrame, HandlerChangesVectorRegisters) {
  handle(SIGUSR1, [](int, siginfo_t*, void* context) {
    uint32_t* vector = context_vector(*static_cast<ucontext_t*>(context));
    vector[0] += 1;
    vector[1] ^= 0xff;
  });
  EXPECT_EQ(
      vector_through_signal(0x1111'2222'3333'4444, SYS_kill, getpid(), SIGUSR1),
      0x1111'22dd'3333'4445u);
}

TEST_F(SignalFrame, HandlerChangesTheMask) {
  handle(SIGUSR1, [](int, siginfo_t*, void* context) {
    auto& interrupted = *static_cast<ucontext_t*>(context);
    sigaddset(&interrupted.uc_sigmask, SIGUSR2);
    sigaddset(&interrupted.uc_sigmask, SIGKILL);
  });
  raise(SIGUSR1);
  EXPECT_TRUE(is_blocked(SIGUSR2));
  EXPECT_FALSE(is_blocked(SIGKILL));
  unblock({SIGUSR2});
}

TEST_F(SignalFrame, HandlerLeavesByJump) {
  static sigjmp_buf place;
  handle(SIGSEGV, [](int, siginfo_t*, void*) { siglongjmp(place, 1); });
  for (volatile int i = 0; i < 1000; i = i + 1) {
    if (sigsetjmp(place, 1) == 0) {
      store_byte(nullptr);
      FAIL();
    }
    ASSERT_FALSE(is_blocked(SIGSEGV));
  }
}

TEST_F(SignalFrame, HandlerForksAndBothReturn) {
  static pid_t child;
  handle(SIGUSR1, [](int, siginfo_t*, void*) { child = fork(); });
  const pid_t parent = getpid();
  raise(SIGUSR1);
  if (getpid() != parent) _exit(child == 0 && !is_blocked(SIGUSR1) ? 5 : 6);
  EXPECT_EQ(wait_for(child), 5);
}

// ---- forged and torn frames

TEST_F(SignalFrame, Forgeries) {
  for (const Forgery& forgery : kForgeries) {
    static void (*forge)(ucontext_t&);
    forge = forgery.forge;
    EXPECT_EQ(run_child([] {
                handle(SIGUSR1, [](int, siginfo_t*, void* context) {
                  forge(*static_cast<ucontext_t*>(context));
                });
                raise(SIGUSR1);
                return 0;
              }),
              -forgery.end)
        << forgery.name;
  }
}

// The handler of that SIGSEGV is told so, with the mask of the bad frame.
TEST_F(SignalFrame, ABadFrameIsAFault) {
  EXPECT_EQ(run_child([] {
              static sigjmp_buf place;
              static void* expected;
              handle(SIGSEGV, [](int signal, siginfo_t* info, void*) {
                note(signal, info, nullptr);
                siglongjmp(place, 1);
              });
              handle(SIGUSR1, [](int, siginfo_t*, void* context) {
                auto& frame = *static_cast<ucontext_t*>(context);
                sigaddset(&frame.uc_sigmask, SIGUSR2);
                expected = bad_frame_address(frame);
                make_bad(frame);
              });
              if (sigsetjmp(place, 0) == 0) raise(SIGUSR1);
              CHILD_CHECK(noted.signal == SIGSEGV);
              CHILD_CHECK(noted.info.si_code == kBadFrameCode);
              CHILD_CHECK(noted.info.si_addr == expected);
              CHILD_CHECK(is_blocked(SIGUSR2) && !is_blocked(SIGUSR1));
              return 0;
            }),
            0);
}

// And if that mask blocks SIGSEGV nothing helps.
TEST_F(SignalFrame, ABadFrameThatBlocksItsFaultIsTheEnd) {
  EXPECT_EQ(run_child([] {
              handle(SIGSEGV, [](int, siginfo_t*, void*) { _exit(1); });
              handle(SIGUSR1, [](int, siginfo_t*, void* context) {
                auto& frame = *static_cast<ucontext_t*>(context);
                sigfillset(&frame.uc_sigmask);
                make_bad(frame);
              });
              raise(SIGUSR1);
              return 0;
            }),
            -SIGSEGV);
}

TEST_F(SignalFrame, SigreturnWithoutAFrame) {
  for (const uint64_t stack :
       {uint64_t{0}, uint64_t{16}, uint64_t{0x1000}, uint64_t{1} << 40,
        uint64_t{0x7fff'ffff'f000}, uint64_t{0xffff'8000'0000'0000},
        ~uint64_t{15}, ~uint64_t{0}}) {
    EXPECT_EQ(run_child([stack] {
                tine_syscall_on_stack(SYS_rt_sigreturn, stack, 0, 0);
                return 0;
              }),
              -SIGSEGV)
        << stack;
  }
}

TEST_F(SignalFrame, SigreturnOfNoise) {
  auto* memory =
      static_cast<uint8_t*>(mmap(nullptr, 65536, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  std::mt19937_64 random(5);
  for (int round = 0; round < 100; ++round) {
    for (int i = 0; i < 65536; ++i) {
      memory[i] = round < 10 ? 0 : static_cast<uint8_t>(random());
    }
    const auto stack = reinterpret_cast<uint64_t>(memory) + 32768;
    const int end = run_child([stack] {
      tine_syscall_on_stack(SYS_rt_sigreturn, stack, 0, 0);
      return 0;
    });
    EXPECT_LT(end, 0) << round;
  }
  munmap(memory, 65536);
}

TEST_F(SignalFrame, StackIsNotThere) {
  for (const uint64_t stack :
       {uint64_t{0}, uint64_t{0x1000}, uint64_t{0xffff'8000'0000'0000}}) {
    EXPECT_EQ(run_child([stack] {
                handle(SIGUSR1, note);
                tine_syscall_on_stack(SYS_kill, stack, getpid(), SIGUSR1);
                return 0;
              }),
              -SIGSEGV)
        << stack;
  }
}

TEST_F(SignalFrame, StackEndsUnderTheFrame) {
  auto* memory =
      static_cast<uint8_t*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE,
                                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(mprotect(memory, 4096, PROT_NONE), 0);
  const auto stack = reinterpret_cast<uint64_t>(memory) + 4096 + 256;
  EXPECT_EQ(run_child([stack] {
              handle(SIGUSR1, note);
              tine_syscall_on_stack(SYS_kill, stack, getpid(), SIGUSR1);
              return 0;
            }),
            -SIGSEGV);
  // With a stack of its own the handler of that SIGSEGV runs.
  EXPECT_EQ(
      run_child([stack] {
        static char own[65536];
        const stack_t alternate{own, 0, sizeof own};
        sigaltstack(&alternate, nullptr);
        handle(SIGUSR1, note);
        handle(SIGSEGV, [](int, siginfo_t*, void*) { _exit(9); }, SA_ONSTACK);
        tine_syscall_on_stack(SYS_kill, stack, getpid(), SIGUSR1);
        return 0;
      }),
      9);
  munmap(memory, 8192);
}

// A handler that nests without end leaves its stack, and its process dies of
// that: nothing below the stack is written.
TEST_F(SignalFrame, AlternateStackTooSmallForTheFrame) {
  constexpr size_t kBytes = 16384;
  EXPECT_EQ(run_child([] {
              auto* memory = static_cast<uint8_t*>(
                  mmap(nullptr, 2 * kBytes, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
              mprotect(memory + kBytes, kBytes, PROT_READ | PROT_WRITE);
              const stack_t alternate{memory + kBytes, 0, kBytes};
              CHILD_CHECK(sigaltstack(&alternate, nullptr) == 0);
              handle(
                  SIGUSR1, [](int, siginfo_t*, void*) { raise(SIGUSR1); },
                  SA_ONSTACK | SA_NODEFER);
              raise(SIGUSR1);
              return 0;
            }),
            -SIGSEGV);
}

}  // namespace
}  // namespace tine::guest
