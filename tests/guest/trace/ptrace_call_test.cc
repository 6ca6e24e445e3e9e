// What tracers see and make of calls and of the state around them: what a stop
// is about, filters that ask them, calls that they carry out themselves, masks,
// queued signals and FP registers. feature-map: 9, 91
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "tests/guest/arch/traced_registers.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

using CallInfo = __ptrace_syscall_info;

long call_info(pid_t child, CallInfo& info) {
  return ptrace(static_cast<__ptrace_request>(0x420e), child,
                number(sizeof(info)), &info);
}

TEST(PtraceCall, StopsSayWhatTheyAreAbout) {
  const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [] {
    return syscall(SYS_lseek, -7l, 0x1234'5678'9abcl, 99l) == -1 ? 0 : 1;
  });
  CallInfo info{};
  EXPECT_EQ(call_info(child, info), 24);
  EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_NONE);
  do {
    ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
    info = {};
    ASSERT_GT(call_info(child, info), 24);
  } while (info.op != PTRACE_SYSCALL_INFO_ENTRY || info.entry.nr != SYS_lseek);
  EXPECT_EQ(call_info(child, info), 80);
  EXPECT_EQ(info.entry.args[0], static_cast<uint64_t>(-7l));
  EXPECT_EQ(info.entry.args[1], 0x1234'5678'9abcul);
  EXPECT_EQ(info.entry.args[2], 99u);
  user_regs_struct seen{};
  ASSERT_GT(get_set(child, NT_PRSTATUS, seen), 0);
  EXPECT_EQ(info.instruction_pointer, pc_of(seen));
  EXPECT_EQ(info.stack_pointer, stack_pointer(seen));
  ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
  info = {};
  EXPECT_EQ(call_info(child, info), 33);
  EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_EXIT);
  EXPECT_EQ(info.exit.rval, -EBADF);
  EXPECT_EQ(info.exit.is_error, 1);
  // Less room gets less, and is told of all there is.
  char little[8] = {};
  EXPECT_EQ(ptrace(static_cast<__ptrace_request>(0x420e), child,
                   number(sizeof(little)), little),
            33);
  EXPECT_EQ(little[0], PTRACE_SYSCALL_INFO_EXIT);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 0);
}

// Lets everything through but getppid, of which the tracer is asked.
void ask_of_getppid(unsigned data) {
  sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | data),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog program{4, code};
  CHILD_CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
  CHILD_CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

TEST(PtraceCall, FiltersAskTheTracer) {
  constexpr auto kOptions = PTRACE_O_TRACESECCOMP | PTRACE_O_TRACESYSGOOD;
  const pid_t child = start_traced(kOptions, [] {
    const pid_t parent = getppid();
    ask_of_getppid(0x4321);
    return getppid() == parent && getppid() == parent ? 2 : 1;
  });
  ASSERT_EQ(go_on(child), 0);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_SECCOMP));
    EXPECT_EQ(event_message(child), 0x4321u);
    CallInfo info{};
    EXPECT_EQ(call_info(child, info), 84);
    EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_SECCOMP);
    EXPECT_EQ(info.seccomp.nr, static_cast<uint64_t>(SYS_getppid));
    EXPECT_EQ(info.seccomp.ret_data, 0x4321u);
    // Its end is a stop if that is what the tracer wants.
    const auto how = i == 0 ? PTRACE_SYSCALL : PTRACE_CONT;
    ASSERT_EQ(ptrace(how, child, nullptr, nullptr), 0);
    if (i == 0) {
      ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
      info = {};
      EXPECT_EQ(call_info(child, info), 33);
      EXPECT_EQ(info.exit.rval, getpid());
      ASSERT_EQ(go_on(child), 0);
    }
  }
  EXPECT_EQ(wait_for(child), 2);
}

TEST(PtraceCall, WithoutATracerSuchCallsAreNotThere) {
  EXPECT_EQ(run_child([] {
              ask_of_getppid(0);
              return syscall(SYS_getppid) == -1 && errno == ENOSYS ? 0 : 1;
            }),
            0);
  // The tracer must want it, too.
  const pid_t child = start_traced(0, [] {
    ask_of_getppid(0);
    return syscall(SYS_getppid) == -1 && errno == ENOSYS ? 0 : 1;
  });
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 0);
}

// The number of the call, and what a call that is left out comes to.
void leave_out(pid_t child, long result) {
#if defined(NT_ARM_SYSTEM_CALL)
  int none = -1;
  if (put_set(child, NT_ARM_SYSTEM_CALL, none) == 0) {
    user_regs_struct registers{};
    ASSERT_GT(get_set(child, NT_PRSTATUS, registers), 0);
    set_result(registers, result);
    ASSERT_EQ(put_set(child, NT_PRSTATUS, registers), 0);
    return;
  }
#endif
  user_regs_struct registers{};
  ASSERT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  set_no_call(registers);
  set_result(registers, result);
  ASSERT_EQ(put_set(child, NT_PRSTATUS, registers), 0);
}

TEST(PtraceCall, FiltersAskOfEveryCall) {
  const pid_t child = start_traced(PTRACE_O_TRACESECCOMP, [] {
    ask_of_getppid(1);
    const pid_t self = getpid();
    return getppid() == self && getppid() == self ? 2 : 1;
  });
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(go_on(child), 0);
    ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_SECCOMP));
    ASSERT_EQ(set_call_number(child, SYS_getpid), 0);
  }
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 2);
}

TEST(PtraceCall, ATracerLeavesACallOut) {
  const pid_t child = start_traced(PTRACE_O_TRACESECCOMP, [] {
    ask_of_getppid(1);
    return static_cast<int>(syscall(SYS_getppid));
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_SECCOMP));
  leave_out(child, 77);
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 77);
}

// PTRACE_SYSEMU: calls stop once, and are not carried out.
TEST(PtraceCall, CallsAreEmulated) {
  constexpr auto kSysEmu = static_cast<__ptrace_request>(31);
  const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [] {
    const long first = syscall(SYS_getppid);
    const long second = syscall(SYS_getppid);
    return static_cast<int>(first + second);
  });
  int emulated = 0;
  for (;;) {
    ASSERT_EQ(ptrace(kSysEmu, child, nullptr, nullptr), 0);
    const int status = next_status(child);
    ASSERT_EQ(stop_of(status), SIGTRAP | 0x80) << status;
    CallInfo info{};
    ASSERT_EQ(call_info(child, info), 80);
    if (info.entry.nr == SYS_getppid) {
      user_regs_struct registers{};
      ASSERT_GT(get_set(child, NT_PRSTATUS, registers), 0);
      set_result(registers, 20 + emulated);
      ASSERT_EQ(put_set(child, NT_PRSTATUS, registers), 0);
      if (++emulated == 2) break;
    }
  }
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 41);
}

TEST(PtraceCall, MasksAreReadAndSet) {
  const pid_t child = start_traced(0, [] {
    sigset_t set;
    CHILD_CHECK(sigprocmask(SIG_BLOCK, nullptr, &set) == 0);
    return sigismember(&set, SIGUSR2) == 1 && sigismember(&set, SIGKILL) == 0
               ? 0
               : 1;
  });
  uint64_t mask = 0;
  constexpr auto kGet = static_cast<__ptrace_request>(0x420a);
  constexpr auto kSet = static_cast<__ptrace_request>(0x420b);
  EXPECT_EQ(ptrace(kGet, child, number(8), &mask), 0);
  EXPECT_EQ(mask, 0u);
  EXPECT_EQ(ptrace(kGet, child, number(4), &mask), -1);
  EXPECT_EQ(errno, EINVAL);
  mask = 1ul << (SIGUSR2 - 1) | 1ul << (SIGKILL - 1);
  EXPECT_EQ(ptrace(kSet, child, number(8), &mask), 0);
  EXPECT_EQ(ptrace(kGet, child, number(8), &mask), 0);
  EXPECT_EQ(mask, 1ul << (SIGUSR2 - 1));
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(PtraceCall, QueuedSignalsAreSeenAndStay) {
  const pid_t child = start_traced(0, [] { return 0; });
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(sigqueue(child, SIGRTMIN + 2, sigval{.sival_int = 100 + i}), 0);
  }
  constexpr auto kPeek = static_cast<__ptrace_request>(0x4209);
  siginfo_t found[5] = {};
  __ptrace_peeksiginfo_args wanted{.off = 1, .flags = 1, .nr = 5};
  EXPECT_EQ(ptrace(kPeek, child, &wanted, found), 2);
  EXPECT_EQ(found[0].si_signo, SIGRTMIN + 2);
  EXPECT_EQ(found[0].si_int, 101);
  EXPECT_EQ(found[1].si_int, 102);
  wanted = {.off = 0, .flags = 1, .nr = 5};
  EXPECT_EQ(ptrace(kPeek, child, &wanted, found), 3);
  wanted = {.off = 0, .flags = 0, .nr = 5};
  EXPECT_EQ(ptrace(kPeek, child, &wanted, found), 0) << "none is the thread's";
  wanted = {.off = 0, .flags = 2, .nr = 5};
  EXPECT_EQ(ptrace(kPeek, child, &wanted, found), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

// The whole pattern lies in FP registers at the call's entry.
TEST(PtraceCall, FpRegistersAreReadAndSet) {
  const Registers in = make_pattern(17, SYS_getppid);
  static Registers out;
  const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [&] {
    tine_syscall_registers(&in, &out);
    Registers expected = in;
    change_vector(expected);
    return changed_by_syscall(expected, out).empty() ? 0 : 1;
  });
  user_regs_struct seen{};
  do {
    ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
    ASSERT_GT(get_set(child, NT_PRSTATUS, seen), 0);
  } while (number_at_entry(seen) != SYS_getppid);
  FpRegisters fp{};
  EXPECT_EQ(get_set(child, NT_PRFPREG, fp), static_cast<long>(sizeof(fp)));
  EXPECT_TRUE(has_vectors(fp, in));
  change_vector(fp);
  EXPECT_EQ(put_set(child, NT_PRFPREG, fp), 0);
  EXPECT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 0);
}

}  // namespace
}  // namespace tine::guest
