// Between a stop at a call's entry and the call itself: what its tracer
// changes, and the signals that come meanwhile. feature-map: 9, 91
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/syscall.h>

#include <cerrno>
#include <csignal>

#include "tests/guest/arch/traced_registers.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

void run_to_next_end(pid_t child) {
  ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
}

void run_to_entry(pid_t child, int number) {
  do {
    ASSERT_NO_FATAL_FAILURE(run_to_next_end(child));
  } while (call_number(child) != number);
}

long shown_result(pid_t child) {
  __ptrace_syscall_info info{};
  EXPECT_EQ(ptrace(static_cast<__ptrace_request>(0x420e), child,
                   number(sizeof(info)), &info),
            33);
  return static_cast<long>(info.exit.rval);
}

TEST(PtraceEntry, NumbersThatAreSetAreReadBack) {
  const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [] {
    return syscall(SYS_getppid) == getpid() ? 7 : 1;
  });
  ASSERT_NO_FATAL_FAILURE(run_to_entry(child, SYS_getppid));
  ASSERT_EQ(set_call_number(child, SYS_getpid), 0);
  EXPECT_EQ(call_number(child), SYS_getpid);
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 7);
}

// The result comes from registers that were read before the number was set.
TEST(PtraceEntry, CallsAreLeftOutWithAResult) {
  const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [] {
    return static_cast<int>(syscall(SYS_getppid));
  });
  ASSERT_NO_FATAL_FAILURE(run_to_entry(child, SYS_getppid));
  user_regs_struct registers{};
  ASSERT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  ASSERT_EQ(set_call_number(child, -1), 0);
  EXPECT_EQ(call_number(child), -1);
  set_no_call(registers);
  set_result(registers, 91);
  ASSERT_EQ(put_set(child, NT_PRSTATUS, registers), 0);
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 91);
}

TEST(PtraceEntry, NumbersOfNoCallComeToNothing) {
  const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [] {
    for (const long none : {-1l, -101l, 0xffffl}) {
      errno = 0;
      if (syscall(none) != -1 || errno != ENOSYS) return 1;
    }
    return 8;
  });
  int status = 0;
  do {
    ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    status = next_status(child);
  } while (WIFSTOPPED(status));
  EXPECT_EQ(WEXITSTATUS(status), 8);
}

// A call that waits finds a signal there, one that does not gives its result.
TEST(PtraceEntry, SignalsWaitForTheCall) {
  constexpr long kRestartSys = 512;
  constexpr long kRestartNoHand = 514;
  const struct {
    int number;
    long result;
    long (*call)(int fd);
  } kCases[] = {
      {SYS_getpgid, 0,
       [](int) { return syscall(SYS_getpgid, 0) > 0 ? 0l : -1; }},
      {SYS_ppoll, -kRestartNoHand,
       [](int) { return syscall(SYS_ppoll, nullptr, 0, nullptr, nullptr); }},
      {SYS_read, -kRestartSys,
       [](int fd) {
         char byte;
         return syscall(SYS_read, fd, &byte, 1);
       }},
      {SYS_wait4, -kRestartSys,
       [](int) { return syscall(SYS_wait4, -1, nullptr, 0, nullptr); }},
  };
  for (const auto& each : kCases) {
    const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [&] {
      struct sigaction action{};
      action.sa_handler = [](int) {};
      CHILD_CHECK(sigaction(SIGUSR1, &action, nullptr) == 0);
      int ends[2];
      CHILD_CHECK(pipe(ends) == 0);
      const pid_t own = fork();
      if (own == 0) {
        for (;;) pause();
      }
      const long result = each.call(ends[0]);
      const int error = errno;
      CHILD_CHECK(kill(own, SIGKILL) == 0);
      if (result == 0) return 5;
      return error == EINTR ? 6 : 7;
    });
    ASSERT_NO_FATAL_FAILURE(run_to_entry(child, each.number));
    ASSERT_EQ(kill(child, SIGUSR1), 0);
    ASSERT_NO_FATAL_FAILURE(run_to_next_end(child));
    const long result = shown_result(child);
    if (each.result != 0) {
      EXPECT_EQ(result, each.result) << each.number;
    } else {
      EXPECT_GT(result, 0);
    }
    ASSERT_EQ(go_on(child), 0);
    ASSERT_EQ(stop_of(next_status(child)), SIGUSR1);
    ASSERT_EQ(go_on(child, SIGUSR1), 0);
    // The end of the grandchild is one more signal.
    int status = next_status(child);
    if (stop_of(status) == SIGCHLD) {
      ASSERT_EQ(go_on(child, SIGCHLD), 0);
      status = next_status(child);
    }
    EXPECT_EQ(WEXITSTATUS(status), each.result == 0 ? 5 : 6) << each.number;
  }
}

}  // namespace
}  // namespace tine::guest
