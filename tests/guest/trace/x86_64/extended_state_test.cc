// NT_X86_XSTATE: the state that XSAVE saves, where programs have it.
#include <elf.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

// With it the FP registers come first; without it there is no such device.
TEST(ExtendedState, BeginsWithTheFpRegistersOrIsNotThere) {
  const pid_t child = start_traced([] { return 0; });
  user_fpregs_struct registers;
  ASSERT_EQ(ptrace(PTRACE_GETFPREGS, child, nullptr, &registers), 0);
  alignas(64) std::array<uint8_t, 16'384> state{};
  iovec vector{state.data(), state.size()};
  const long result = ptrace(PTRACE_GETREGSET, child, NT_X86_XSTATE, &vector);
  if (result == 0) {
    EXPECT_GE(vector.iov_len, sizeof(registers));
    // Up to what the system puts behind the registers for itself.
    constexpr size_t kSystemAt = 464;
    EXPECT_EQ(memcmp(state.data(), &registers, kSystemAt), 0);
    EXPECT_EQ(ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &vector), 0);
  } else {
    EXPECT_EQ(errno, ENODEV);
    EXPECT_EQ(ptrace(PTRACE_SETREGSET, child, NT_X86_XSTATE, &vector), -1);
    EXPECT_EQ(errno, ENODEV);
  }
  vector = {state.data(), 100};
  EXPECT_EQ(ptrace(PTRACE_GETREGSET, child, NT_X86_XSTATE, &vector), -1);
  EXPECT_EQ(errno, EINVAL);
  go_on(child);
  EXPECT_EQ(wait_for(child), 0);
}

}  // namespace
}  // namespace tine::guest
