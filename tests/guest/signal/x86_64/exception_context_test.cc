// What a handler is told of an exception: its vector, its error code and why
// floating point failed.
#include <gtest/gtest.h>
#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

#include <cstdint>

#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

enum Vector { kOverflow = 4, kGeneralProtection = 13, kPageFault = 14 };
constexpr greg_t kOfUser = 4, kOfFetch = 16, kOfPresent = 1;

sigjmp_buf place;
ucontext_t context;
char stack[65536];

class ExceptionContext : public testing::Test {
 protected:
  void SetUp() override {
    noted = {};
    const stack_t own{stack, 0, sizeof(stack)};
    sigaltstack(&own, nullptr);
    for (const int signal : {SIGSEGV, SIGFPE, SIGBUS}) {
      handle(signal, leave, SA_ONSTACK);
    }
  }
  static void leave(int signal, siginfo_t* info, void* from) {
    note(signal, info, nullptr);
    context = *static_cast<ucontext_t*>(from);
    siglongjmp(place, 1);
  }
  static greg_t vector() { return context.uc_mcontext.gregs[REG_TRAPNO]; }
  static greg_t error() { return context.uc_mcontext.gregs[REG_ERR]; }
  template <typename Cause>
  static void fault(Cause&& cause) {
    if (sigsetjmp(place, 1) == 0) {
      cause();
      ADD_FAILURE() << "nothing happened";
    }
  }
  // A handler of SIGUSR1 that returns to this address.
  static void return_to(uint64_t address) {
    static uint64_t to;
    to = address;
    handle(SIGUSR1, [](int, siginfo_t*, void* from) {
      static_cast<ucontext_t*>(from)->uc_mcontext.gregs[REG_RIP] =
          static_cast<greg_t>(to);
    });
    fault([] { raise(SIGUSR1); });
  }
};

TEST_F(ExceptionContext, AReturnToNoAddress) {
  for (const uint64_t address :
       {uint64_t{1} << 47, uint64_t{0x1234'5678'9012'3456}}) {
    return_to(address);
    EXPECT_EQ(noted.signal, SIGSEGV);
    EXPECT_EQ(noted.info.si_code, SI_KERNEL);
    EXPECT_EQ(noted.info.si_addr, nullptr);
    EXPECT_EQ(vector(), kGeneralProtection);
    EXPECT_EQ(error(), 0);
  }
}

TEST_F(ExceptionContext, AReturnIntoTheKernel) {
  for (const uint64_t address :
       {uint64_t{0xffff'ffff'8100'0000}, uint64_t{0xffff'8000'0000'0000}}) {
    return_to(address);
    EXPECT_EQ(noted.signal, SIGSEGV);
    EXPECT_EQ(noted.info.si_code, SEGV_MAPERR);
    EXPECT_EQ(noted.info.si_addr, reinterpret_cast<void*>(address));
    EXPECT_EQ(vector(), kPageFault);
    EXPECT_EQ(error(), kOfUser | kOfFetch | kOfPresent);
  }
}

// Of the kernel's pages it is not told which there are.
TEST_F(ExceptionContext, ALoadFromTheKernel) {
  fault([] { (void)*reinterpret_cast<volatile char*>(0xffff'ffff'8100'0000); });
  EXPECT_EQ(vector(), kPageFault);
  EXPECT_EQ(error(), kOfUser | kOfPresent);
  fault([] { (void)*reinterpret_cast<volatile char*>(8); });
  EXPECT_EQ(error(), kOfUser);
}

TEST_F(ExceptionContext, TheInstructionForOverflow) {
  fault([] { __asm__ volatile("int $4"); });
  EXPECT_EQ(noted.signal, SIGSEGV);
  EXPECT_EQ(noted.info.si_code, SI_KERNEL);
  EXPECT_EQ(vector(), kOverflow);
}

// There is no table of local descriptors.
TEST_F(ExceptionContext, ASelectorOfNoTable) {
  for (const uint16_t selector :
       {uint16_t{0x0f}, uint16_t{0xfff4}, uint16_t{0xffff}}) {
    fault([=] { __asm__ volatile("movw %w0, %%es" ::"r"(selector)); });
    EXPECT_EQ(noted.signal, SIGSEGV);
    EXPECT_EQ(noted.info.si_code, SI_KERNEL);
    EXPECT_EQ(vector(), kGeneralProtection);
    EXPECT_EQ(error(), selector & 0xfffc);
  }
}

struct FloatFault {
  uint16_t masked;  // by the control word
  void (*cause)();
  int code;
};

TEST_F(ExceptionContext, WhyFloatingPointFailed) {
  const FloatFault faults[] = {
      {0x37e, [] { __asm__ volatile("fldz; fldz; fdivrp; fwait"); },
       FPE_FLTINV},
      {0x37b, [] { __asm__ volatile("fld1; fldz; fdivrp; fwait"); },
       FPE_FLTDIV},
      {0x35f, [] { __asm__ volatile("fldpi; fsqrt; fwait"); }, FPE_FLTRES},
  };
  for (const FloatFault& each : faults) {
    static const FloatFault* now;
    now = &each;
    fault([] {
      __asm__ volatile("fninit; fldcw %0" ::"m"(now->masked));
      now->cause();
    });
    __asm__ volatile("fninit");
    EXPECT_EQ(noted.signal, SIGFPE);
    EXPECT_EQ(noted.info.si_code, each.code);
    EXPECT_NE(noted.info.si_addr, nullptr);
  }
}

}  // namespace
}  // namespace tine::guest
