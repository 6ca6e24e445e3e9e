// Where traced threads stand still besides at signals and calls, and what their
// tracer may know and do there: stopped processes, events in the middle of a
// call, calls that are interrupted, what /proc says of them.
#include <pthread.h>
#include <sys/syscall.h>

#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>
#include <string>

#include "tests/guest/arch/traced_registers.h"
#include "tests/guest/own_path.h"
#include "tests/guest/tracer.h"

namespace tine::guest {
namespace {

void sleep_ms(long milliseconds) {
  const timespec time{0, milliseconds * 1'000'000};
  EXPECT_EQ(nanosleep(&time, nullptr), 0);
}

pid_t start_stopped() {
  const pid_t child = start_child([] {
    CHILD_CHECK(raise(SIGSTOP) == 0);
    return 3;
  });
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_EQ(stop_of(status), SIGSTOP);
  return child;
}

int information_errno(pid_t child, siginfo_t& info) {
  return ptrace(PTRACE_GETSIGINFO, child, nullptr, &info) == 0 ? 0 : errno;
}

std::string status_line(pid_t process, const std::string& name) {
  std::ifstream file("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(name + ":")) return line.substr(name.size() + 2);
  }
  return "?";
}

TEST(PtraceStop, StoppedProcessesAreTheTracersAtOnce) {
  const pid_t child = start_stopped();
  ASSERT_EQ(ptrace(PTRACE_ATTACH, child, nullptr, nullptr), 0);
  // Nobody has waited yet.
  EXPECT_EQ(ptrace(PTRACE_SETOPTIONS, child, nullptr, nullptr), 0);
  user_regs_struct registers{};
  EXPECT_GT(get_set(child, NT_PRSTATUS, registers), 0);
  EXPECT_EQ(stop_of(next_status(child)), SIGSTOP);
  // That was no signal: there is nothing to know of it.
  siginfo_t info{};
  EXPECT_EQ(information_errno(child, info), EINVAL);
  EXPECT_EQ(ptrace(PTRACE_SETSIGINFO, child, nullptr, &info), -1);
  EXPECT_EQ(errno, EINVAL);
  // The one that attaching has sent is.
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(stop_of(next_status(child)), SIGSTOP);
  EXPECT_EQ(information_errno(child, info), 0);
  EXPECT_EQ(info.si_signo, SIGSTOP);
  EXPECT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(kill(child, SIGCONT), 0);
  EXPECT_EQ(wait_for(child), 3);
}

TEST(PtraceStop, LeftBehindTheyStayStopped) {
  const pid_t child = start_child([] {
    for (;;) pause();
    return 0;
  });
  int status = 0;
  ASSERT_EQ(kill(child, SIGSTOP), 0);
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  ASSERT_EQ(ptrace(PTRACE_ATTACH, child, nullptr, nullptr), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGSTOP);
  ASSERT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  sleep_ms(20);
  EXPECT_EQ(waitpid(child, &status, WUNTRACED | WNOHANG), 0);
  EXPECT_EQ(status_line(child, "State"), "T (stopped)");
  EXPECT_EQ(kill(child, SIGCONT), 0);
  EXPECT_EQ(waitpid(child, &status, WCONTINUED), child);
  EXPECT_TRUE(WIFCONTINUED(status));
  EXPECT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST(PtraceStop, SeizedStoppedProcessesSayWhatStoppedThem) {
  const pid_t child = start_stopped();
  ASSERT_EQ(ptrace(PTRACE_SEIZE, child, nullptr, nullptr), 0);
  EXPECT_EQ(stop_of(next_status(child)),
            event_stop(PTRACE_EVENT_STOP, SIGSTOP));
  siginfo_t info{};
  EXPECT_EQ(information_errno(child, info), 0);
  EXPECT_EQ(info.si_signo, SIGSTOP);
  EXPECT_EQ(info.si_code, SIGSTOP | PTRACE_EVENT_STOP << 8);
  EXPECT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(kill(child, SIGCONT), 0);
  EXPECT_EQ(wait_for(child), 3);
}

// Even if nothing was stopped.
TEST(PtraceStop, SeizedThreadsTellOfSigcont) {
  const pid_t child = start_child([] {
    for (;;) pause();
    return 0;
  });
  ASSERT_EQ(ptrace(PTRACE_SEIZE, child, nullptr, nullptr), 0);
  ASSERT_EQ(kill(child, SIGCONT), 0);
  EXPECT_EQ(stop_of(next_status(child)),
            event_stop(PTRACE_EVENT_STOP, SIGTRAP));
  siginfo_t info{};
  EXPECT_EQ(information_errno(child, info), 0);
  EXPECT_EQ(info.si_signo, SIGTRAP);
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(stop_of(next_status(child)), SIGCONT);
  // It listens, and is no tracee to be asked; signals wait.
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(ptrace(PTRACE_INTERRUPT, child, nullptr, nullptr), 0);
  ASSERT_EQ(stop_of(next_status(child)),
            event_stop(PTRACE_EVENT_STOP, SIGTRAP));
  ASSERT_EQ(ptrace(PTRACE_LISTEN, child, nullptr, nullptr), 0);
  EXPECT_EQ(go_on(child), -1);
  EXPECT_EQ(errno, ESRCH);
  EXPECT_EQ(kill(child, SIGUSR1), 0);
  sleep_ms(20);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, WNOHANG), 0);
  ASSERT_EQ(ptrace(PTRACE_INTERRUPT, child, nullptr, nullptr), 0);
  EXPECT_EQ(stop_of(next_status(child)),
            event_stop(PTRACE_EVENT_STOP, SIGTRAP));
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(stop_of(next_status(child)), SIGUSR1);
  ASSERT_EQ(go_on(child, SIGUSR1), 0);
  EXPECT_EQ(wait_for(child), -SIGUSR1);
}

// The tracer lets the signal act, and hears of what it does.
TEST(PtraceStop, StopSignalsStopTwice) {
  const pid_t child = start_traced([] {
    CHILD_CHECK(raise(SIGTSTP) == 0);
    return 4;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTSTP);
  siginfo_t info{};
  EXPECT_EQ(information_errno(child, info), 0);
  ASSERT_EQ(go_on(child, SIGSTOP), 0);
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, WUNTRACED), child);
  EXPECT_EQ(stop_of(status), SIGSTOP);
  EXPECT_EQ(information_errno(child, info), EINVAL);
  EXPECT_EQ(waitpid(child, &status, WUNTRACED | WNOHANG), 0);
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), 4);
}

// The end of a call in whose middle an event was is told if the tracer asks for
// it then, whatever it has asked for before.
TEST(PtraceStop, EventsAreInTheMiddleOfACall) {
  constexpr unsigned long kOptions =
      PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEVFORK | PTRACE_O_TRACEVFORKDONE;
  for (const bool asks : {true, false}) {
    const pid_t child = start_traced(kOptions, [] {
      const pid_t grandchild = vfork();
      if (grandchild == 0) _exit(7);
      return 8;
    });
    if (asks) {
      ASSERT_EQ(go_on(child), 0);
    } else {
      do {
        ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
      } while (stop_of(next_status(child)) == (SIGTRAP | 0x80));
    }
    if (asks) {
      ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_VFORK));
    }
    const auto grandchild = static_cast<pid_t>(event_message(child));
    ASSERT_EQ(stop_of(next_status(grandchild)), SIGSTOP);
    ASSERT_EQ(go_on(child), 0);
    ASSERT_EQ(go_on(grandchild), 0);
    ASSERT_EQ(end_of(next_status(grandchild)), 7);
    int stop = stop_of(next_status(child));
    if (stop == SIGCHLD) {
      ASSERT_EQ(go_on(child), 0);
      stop = stop_of(next_status(child));
    }
    ASSERT_EQ(stop, event_stop(PTRACE_EVENT_VFORK_DONE));
    if (asks) {
      ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
      ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
      __ptrace_syscall_info info{};
      EXPECT_EQ(ptrace(static_cast<__ptrace_request>(0x420e), child,
                       number(sizeof(info)), &info),
                33);
      EXPECT_EQ(info.op, PTRACE_SYSCALL_INFO_EXIT);
      EXPECT_EQ(info.exit.rval, grandchild);
    }
    ASSERT_EQ(go_on(child), 0);
    int status = next_status(child);
    if (stop_of(status) == SIGCHLD) {
      ASSERT_EQ(go_on(child), 0);
      status = next_status(child);
    }
    EXPECT_EQ(end_of(status), 8);
  }
}

// A signal ends a call first, and its end is told with what comes of that. The
// tracer may say something else.
TEST(PtraceStop, InterruptedCallsEndBeforeTheSignal) {
  constexpr long kRestartNoHand = 514;
  for (const bool changes : {false, true}) {
    const pid_t child = start_traced(PTRACE_O_TRACESYSGOOD, [] {
      CHILD_CHECK(signal(SIGUSR1, SIG_IGN) != SIG_ERR);
      const long result = syscall(SYS_rt_sigsuspend, nullptr, 0) == -1
                              ? syscall(SYS_ppoll, nullptr, 0, nullptr, nullptr)
                              : 0;
      return result == 0 ? 5 : 6;
    });
    user_regs_struct seen{};
    do {
      ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
      ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
      ASSERT_GT(get_set(child, NT_PRSTATUS, seen), 0);
    } while (number_at_entry(seen) != SYS_ppoll);
    ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
    sleep_ms(20);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, WNOHANG), 0);
    ASSERT_EQ(kill(child, SIGUSR1), 0);
    ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
    ASSERT_GT(get_set(child, NT_PRSTATUS, seen), 0);
    __ptrace_syscall_info info{};
    EXPECT_EQ(ptrace(static_cast<__ptrace_request>(0x420e), child,
                     number(sizeof(info)), &info),
              33);
    EXPECT_EQ(info.exit.rval, -kRestartNoHand);
    if (changes) {
      set_result(seen, 0);
      ASSERT_EQ(put_set(child, NT_PRSTATUS, seen), 0);
    }
    ASSERT_EQ(go_on(child), 0);
    ASSERT_EQ(stop_of(next_status(child)), SIGUSR1);
    ASSERT_EQ(go_on(child), 0);
    if (!changes) {
      // The call is made again, with its arguments.
      sleep_ms(20);
      ASSERT_EQ(waitpid(child, &status, WNOHANG), 0);
      ASSERT_EQ(kill(child, SIGKILL), 0);
      EXPECT_EQ(wait_for(child), -SIGKILL);
    } else {
      EXPECT_EQ(wait_for(child), 5);
    }
  }
}

// A tracer that leaves at the entry of a call that it was to carry out has done
// so.
TEST(PtraceStop, EmulatedCallsAreNotMadeWhenTheTracerLeaves) {
  const pid_t child = start_traced([] {
    (void)syscall(SYS_exit_group, 126);
    return 2;
  });
  ASSERT_EQ(ptrace(static_cast<__ptrace_request>(31), child, nullptr, nullptr),
            0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
  user_regs_struct seen{};
  ASSERT_GT(get_set(child, NT_PRSTATUS, seen), 0);
  EXPECT_EQ(number_at_entry(seen), SYS_exit_group);
  EXPECT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(wait_for(child), 2);
}

TEST(PtraceStop, ExecSaysWhichThreadMadeIt) {
  static const auto exec_self = +[](void*) -> void* {
    execl(own_path().c_str(), own_path().c_str(), "--gtest_filter=NONE",
          nullptr);
    return nullptr;
  };
  constexpr unsigned long kOptions = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
  const pid_t child = start_traced(kOptions, [] {
    pthread_t thread;
    CHILD_CHECK(pthread_create(&thread, nullptr, exec_self, nullptr) == 0);
    (void)pthread_join(thread, nullptr);
    return 1;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_CLONE));
  const auto thread = static_cast<pid_t>(event_message(child));
  ASSERT_EQ(stop_of(next_status(thread)), SIGSTOP);
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(go_on(thread), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_EXEC));
  EXPECT_EQ(event_message(child), static_cast<unsigned long>(thread));
  EXPECT_EQ(go_on(thread), -1);
  EXPECT_EQ(errno, ESRCH);
  // Asked for there, the end of the call is told.
  ASSERT_EQ(ptrace(PTRACE_SETOPTIONS, child, nullptr,
                   number(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXIT)),
            0);
  ASSERT_EQ(ptrace(PTRACE_SYSCALL, child, nullptr, nullptr), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP | 0x80);
  // Killed where it stands still, it says so before it ends.
  ASSERT_EQ(kill(child, SIGKILL), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_EXIT));
  EXPECT_EQ(event_message(child), static_cast<unsigned long>(SIGKILL));
  ASSERT_EQ(go_on(child), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST(PtraceStop, ExecsSignalIsAUsers) {
  const pid_t child = start_traced([] {
    execl(own_path().c_str(), own_path().c_str(), "--gtest_filter=NONE",
          nullptr);
    return 1;
  });
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGTRAP);
  siginfo_t info{};
  ASSERT_EQ(information_errno(child, info), 0);
  EXPECT_EQ(info.si_code, SI_USER);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

TEST(PtraceStop, StatusFilesTell) {
  const pid_t child = start_traced([] {
    pthread_t thread;
    CHILD_CHECK(pthread_create(
                    &thread, nullptr, +[](void*) -> void* { return nullptr; },
                    nullptr) == 0);
    for (;;) pause();
    return 0;
  });
  EXPECT_EQ(status_line(child, "State"), "t (tracing stop)");
  EXPECT_EQ(status_line(child, "TracerPid"), std::to_string(getpid()));
  ASSERT_EQ(
      ptrace(PTRACE_SETOPTIONS, child, nullptr, number(PTRACE_O_TRACECLONE)),
      0);
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(stop_of(next_status(child)), event_stop(PTRACE_EVENT_CLONE));
  const auto thread = static_cast<pid_t>(event_message(child));
  ASSERT_EQ(stop_of(next_status(thread)), SIGSTOP);
  EXPECT_EQ(status_line(thread, "TracerPid"), std::to_string(getpid()));
  ASSERT_EQ(go_on(child), 0);
  ASSERT_EQ(go_on(thread), 0);
  sleep_ms(50);
  // Its tracer has not waited for its end.
  EXPECT_EQ(status_line(child, "Threads"), "2");
  EXPECT_EQ(status_line(thread, "State"), "Z (zombie)");
  EXPECT_EQ(status_line(child, "State"), "S (sleeping)");
  EXPECT_EQ(end_of(next_status(thread)), 0);
  EXPECT_EQ(status_line(child, "Threads"), "1");
  EXPECT_EQ(ptrace(PTRACE_INTERRUPT, child, nullptr, nullptr), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(kill(child, SIGSTOP), 0);
  ASSERT_EQ(stop_of(next_status(child)), SIGSTOP);
  EXPECT_EQ(ptrace(PTRACE_DETACH, child, nullptr, nullptr), 0);
  EXPECT_EQ(status_line(child, "TracerPid"), "0");
  EXPECT_EQ(kill(child, SIGKILL), 0);
  EXPECT_EQ(wait_for(child), -SIGKILL);
}

}  // namespace
}  // namespace tine::guest
