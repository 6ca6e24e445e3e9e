// Pid namespaces: which numbers processes have, and who sees which.
// feature-map: 74, 76, 101
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include "tests/guest/pid_namespaces.h"
#include "tests/guest/pseudo_terminal.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

class PidNamespace : public testing::Test {
 protected:
  void SetUp() override {
    if (!may_make_pid_namespaces()) GTEST_SKIP() << "not allowed here";
  }
};

// A line of /proc/self/status, after its name.
std::string status_line(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":")) return line.substr(name.size() + 1);
  }
  return "none";
}

pid_t own_thread() { return static_cast<pid_t>(syscall(SYS_gettid)); }

TEST_F(PidNamespace, FirstChildIsProcessOne) {
  EXPECT_EQ(run_process_one([] {
              CHILD_CHECK(getpid() == 1 && own_thread() == 1);
              // What is outside has no number.
              CHILD_CHECK(getppid() == 0);
              CHILD_CHECK(getpgrp() == 0 && getpgid(0) == 0 && getsid(0) == 0);
              const pid_t second = start_child([] {
                CHILD_CHECK(getpid() == 2 && getppid() == 1);
                return 7;
              });
              CHILD_CHECK(second == 2);
              int status = 0;
              CHILD_CHECK(wait(&status) == 2 && end_of(status) == 7);
              return 0;
            }),
            0);
}

TEST_F(PidNamespace, OuterNumberIsTheParents) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_process_one([&] {
    char byte;
    CHILD_CHECK(read(ends[0], &byte, 1) == 1);
    return getpid() == 1 ? 0 : 1;
  });
  ASSERT_GT(child, 1);
  EXPECT_EQ(kill(child, 0), 0);
  EXPECT_EQ(getpgid(child), getpgrp());
  EXPECT_EQ(getsid(child), getsid(0));
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  siginfo_t info{};
  EXPECT_EQ(waitid(P_PID, static_cast<id_t>(child), &info, WEXITED), 0);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(info.si_status, 0);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(PidNamespace, ANumberInEachLevel) {
  EXPECT_EQ(run_process_one([] {
              CHILD_CHECK(run_child([] { return 0; }) == 0);  // was 2
              const pid_t inner = start_process_one([] {
                CHILD_CHECK(getpid() == 1 && getppid() == 0);
                for (const char* name : {"NSpid", "NStgid"}) {
                  CHILD_CHECK(status_line(name).ends_with("\t3\t1"));
                }
                return 5;
              });
              CHILD_CHECK(inner == 3);
              CHILD_CHECK(wait_for(inner) == 5);
              return 0;
            }),
            0);
}

TEST_F(PidNamespace, UnshareIsForChildren) {
  EXPECT_EQ(run_child([] {
              const pid_t before = getpid();
              CHILD_CHECK(unshare(CLONE_NEWPID) == 0);
              CHILD_CHECK(getpid() == before);
              // Not again, as this process is not in that namespace.
              CHILD_CHECK(unshare(CLONE_NEWPID) == -1 && errno == EINVAL);
              // Nor threads, which would be in it.
              pthread_t thread;
              CHILD_CHECK(pthread_create(
                              &thread, nullptr, [](void* p) { return p; },
                              nullptr) == EINVAL);
              int ends[2];
              CHILD_CHECK(pipe(ends) == 0);
              const pid_t first = start_child([&] {
                char byte;
                CHILD_CHECK(read(ends[0], &byte, 1) == 1);
                return getpid() == 1 && getppid() == 0 ? 0 : 1;
              });
              const pid_t second = start_child(
                  [] { return getpid() == 2 && getppid() == 0 ? 0 : 1; });
              CHILD_CHECK(first > 2 && second > 2 && first != second);
              CHILD_CHECK(wait_for(second) == 0);
              CHILD_CHECK(write(ends[1], "x", 1) == 1);
              CHILD_CHECK(wait_for(first) == 0);
              // Without its process 1 nobody is born there.
              CHILD_CHECK(fork() == -1 && errno == ENOMEM);
              return 0;
            }),
            0);
}

TEST_F(PidNamespace, WordsOfTids) {
  pid_t* const at = static_cast<pid_t*>(std::malloc(2 * sizeof(pid_t)));
  at[0] = at[1] = 0;
  clone_args arguments{};
  arguments.flags = CLONE_NEWPID | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID;
  arguments.parent_tid = reinterpret_cast<uintptr_t>(&at[0]);
  arguments.child_tid = reinterpret_cast<uintptr_t>(&at[1]);
  arguments.exit_signal = SIGCHLD;
  const long child = syscall(SYS_clone3, &arguments, sizeof(arguments));
  if (child == 0) _exit(at[1] == 1 ? 0 : 1);
  ASSERT_GT(child, 0);
  EXPECT_EQ(at[0], child);
  EXPECT_EQ(at[1], 0);
  EXPECT_EQ(wait_for(static_cast<pid_t>(child)), 0);
  std::free(at);
}

// clone3 with chosen numbers, from the innermost namespace outwards.
long clone_with_tids(unsigned long flags, std::initializer_list<pid_t> tids) {
  clone_args arguments{};
  arguments.flags = flags;
  arguments.exit_signal = SIGCHLD;
  arguments.set_tid = reinterpret_cast<uintptr_t>(tids.begin());
  arguments.set_tid_size = tids.size();
  return syscall(SYS_clone3, &arguments, sizeof(arguments));
}

TEST_F(PidNamespace, ChosenNumbers) {
  constexpr pid_t kOuter = 31'234;
  long child = clone_with_tids(CLONE_NEWPID, {1, kOuter});
  if (child == 0) _exit(getpid() == 1 ? 0 : 1);
  EXPECT_EQ(child, kOuter);
  EXPECT_EQ(wait_for(kOuter), 0);
  errno = 0;
  child = clone_with_tids(CLONE_NEWPID, {2});
  if (child == 0) _exit(1);
  EXPECT_EQ(child, -1);
  EXPECT_EQ(errno, EINVAL) << "a first process that is not 1";
  errno = 0;
  child = clone_with_tids(CLONE_NEWPID, {1, 0});
  if (child == 0) _exit(1);
  EXPECT_EQ(child, -1);
  EXPECT_EQ(errno, EINVAL);
  errno = 0;
  child = clone_with_tids(CLONE_NEWPID, {1, getpid()});
  if (child == 0) _exit(1);
  EXPECT_EQ(child, -1);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(run_process_one([] {
              long one = clone_with_tids(0, {77});
              if (one == 0) _exit(getpid() == 77 ? 0 : 1);
              CHILD_CHECK(one == 77 && wait_for(77) == 0);
              one = clone_with_tids(0, {78, kOuter});
              if (one == 0) _exit(getpid() == 78 ? 0 : 1);
              CHILD_CHECK(one == 78 && wait_for(78) == 0);
              one = clone_with_tids(0, {1});
              if (one == 0) _exit(1);
              CHILD_CHECK(one == -1 && errno == EEXIST);
              return 0;
            }),
            0);
}

TEST_F(PidNamespace, OthersAreOutOfReach) {
  const pid_t outside = getpid();
  ASSERT_GT(outside, 1);
  EXPECT_EQ(
      run_process_one([&] {
        CHILD_CHECK(kill(outside, 0) == -1 && errno == ESRCH);
        CHILD_CHECK(getpgid(outside) == -1 && errno == ESRCH);
        CHILD_CHECK(getsid(outside) == -1 && errno == ESRCH);
        CHILD_CHECK(setpgid(outside, 0) == -1 && errno == ESRCH);
        errno = 0;
        CHILD_CHECK(getpriority(PRIO_PROCESS, static_cast<id_t>(outside)) ==
                        -1 &&
                    errno == ESRCH);
        CHILD_CHECK(sched_getscheduler(outside) == -1 && errno == ESRCH);
        CHILD_CHECK(prlimit(outside, RLIMIT_CORE, nullptr, nullptr) == -1 &&
                    errno == ESRCH);
        CHILD_CHECK(waitpid(outside, nullptr, 0) == -1 && errno == ECHILD);
        clockid_t clock;
        CHILD_CHECK(clock_getcpuclockid(outside, &clock) == ESRCH);
        return 0;
      }),
      0);
}

TEST_F(PidNamespace, GroupsAndSessions) {
  EXPECT_EQ(run_process_one([] {
              CHILD_CHECK(setsid() == 1);
              CHILD_CHECK(getsid(0) == 1 && getpgrp() == 1);
              int ends[2];
              CHILD_CHECK(pipe(ends) == 0);
              const pid_t child = start_child([&] {
                char byte;
                CHILD_CHECK(read(ends[0], &byte, 1) == 1);
                CHILD_CHECK(getpgrp() == 2 && getsid(0) == 1);
                return 0;
              });
              CHILD_CHECK(setpgid(child, child) == 0 && getpgid(child) == 2);
              CHILD_CHECK(setpgid(child, 9) == -1 && errno == EPERM);
              CHILD_CHECK(kill(-child, 0) == 0);
              CHILD_CHECK(kill(-9, 0) == -1 && errno == ESRCH);
              CHILD_CHECK(write(ends[1], "x", 1) == 1);
              int status = 0;
              CHILD_CHECK(waitpid(-2, &status, 0) == 2 && end_of(status) == 0);
              return 0;
            }),
            0);
}

// The pid of a group stays with its members when its leader has gone.
TEST_F(PidNamespace, GroupWithoutLeader) {
  EXPECT_EQ(run_process_one([] {
              int ends[2];
              CHILD_CHECK(pipe(ends) == 0);
              const pid_t leader = start_child([&] {
                CHILD_CHECK(setsid() == 2);
                const pid_t member = start_child([&] {
                  char byte;
                  CHILD_CHECK(read(ends[0], &byte, 1) == 1);
                  CHILD_CHECK(getpgrp() == 2 && getsid(0) == 2);
                  CHILD_CHECK(setpgid(0, 0) == 0 && getpgrp() == 3);
                  CHILD_CHECK(getsid(0) == 2 && getppid() == 1);
                  return 0;
                });
                return member == 3 ? 0 : 1;
              });
              CHILD_CHECK(wait_for(leader) == 0);
              CHILD_CHECK(write(ends[1], "x", 1) == 1);
              CHILD_CHECK(wait_for(3) == 0);
              return 0;
            }),
            0);
}

TEST_F(PidNamespace, ThreadsHaveNumbersToo) {
  EXPECT_EQ(run_process_one([] {
              pid_t tid = 0;
              pthread_t thread;
              CHILD_CHECK(pthread_create(
                              &thread, nullptr,
                              [](void* to) -> void* {
                                *static_cast<pid_t*>(to) = own_thread();
                                return nullptr;
                              },
                              &tid) == 0);
              CHILD_CHECK(pthread_join(thread, nullptr) == 0);
              CHILD_CHECK(tid == 2);
              CHILD_CHECK(run_child([] { return getpid(); }) == 3);
              return 0;
            }),
            0);
}

TEST_F(PidNamespace, PeersOfSocketsAndOwnersOfLocks) {
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/locked";
  const int file = open(path.c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_GE(file, 0);
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_len = 1;
  ASSERT_EQ(fcntl(file, F_SETLK, &lock), 0);
  int pair[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
  const pid_t child = start_process_one([&] {
    ucred peer{};
    socklen_t bytes = sizeof(peer);
    CHILD_CHECK(getsockopt(pair[1], SOL_SOCKET, SO_PEERCRED, &peer, &bytes) ==
                0);
    CHILD_CHECK(peer.pid == 0);
    struct flock found{};
    found.l_type = F_WRLCK;
    found.l_len = 1;
    CHILD_CHECK(fcntl(file, F_GETLK, &found) == 0);
    CHILD_CHECK(found.l_type == F_WRLCK && found.l_pid == 0);
    found.l_type = F_WRLCK;
    found.l_start = 8;
    CHILD_CHECK(fcntl(file, F_SETLK, &found) == 0);
    char byte;
    CHILD_CHECK(write(pair[1], "x", 1) == 1 && read(pair[1], &byte, 1) == 1);
    return 0;
  });
  char byte;
  ASSERT_EQ(read(pair[0], &byte, 1), 1);
  struct flock found{};
  found.l_type = F_WRLCK;
  found.l_start = 8;
  found.l_len = 1;
  EXPECT_EQ(fcntl(file, F_GETLK, &found), 0);
  EXPECT_EQ(found.l_pid, child);
  ASSERT_EQ(write(pair[0], "x", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  close(file);
  close(pair[0]);
  close(pair[1]);
}

TEST_F(PidNamespace, GroupsOfTerminals) {
  PseudoTerminal terminal;
  ASSERT_GE(terminal.slave, 0);
  int ends[2];
  int done[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = start_process_one([&] {
    char byte;
    CHILD_CHECK(signal(SIGTTOU, SIG_IGN) != SIG_ERR);
    CHILD_CHECK(setsid() == 1 && ioctl(terminal.slave, TIOCSCTTY, 0) == 0);
    CHILD_CHECK(tcgetpgrp(terminal.slave) == 1);
    CHILD_CHECK(tcgetsid(terminal.slave) == 1);
    const pid_t job =
        start_child([&] { return read(ends[0], &byte, 1) == 1 ? 0 : 1; });
    CHILD_CHECK(setpgid(job, job) == 0);
    CHILD_CHECK(tcsetpgrp(terminal.slave, 9) == -1 && errno == ESRCH);
    CHILD_CHECK(tcsetpgrp(terminal.slave, job) == 0);
    CHILD_CHECK(tcgetpgrp(terminal.slave) == 2 && job == 2);
    CHILD_CHECK(write(ends[1], "x", 1) == 1 && wait_for(job) == 0);
    CHILD_CHECK(tcsetpgrp(terminal.slave, 1) == 0);
    CHILD_CHECK(write(done[1], "x", 1) == 1);
    return read(ends[0], &byte, 1) == 1 ? 0 : 1;
  });
  char byte;
  ASSERT_EQ(read(done[0], &byte, 1), 1);
  EXPECT_EQ(tcgetpgrp(terminal.master), child);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  for (const int end : {ends[0], ends[1], done[0], done[1]}) close(end);
}

// Below one namespace another, until Linux's MAX_PID_NS_LEVEL.
int nest(int depth) {
  const pid_t child = fork_with(CLONE_NEWPID);
  if (child == 0) _exit(getpid() == 1 ? nest(depth + 1) : 200);
  if (child < 0) return errno == ENOSPC ? depth : 201;
  return wait_for(child);
}

TEST_F(PidNamespace, NestOnlySoDeep) {
  // The build's machine may be in some itself.
  const int depth = nest(0);
  EXPECT_GT(depth, 20);
  EXPECT_LE(depth, 32);
}

TEST_F(PidNamespace, OnlyWithTheRight) {
  const int end = run_child([] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(unshare(CLONE_NEWPID) == -1 && errno == EPERM);
    errno = 0;
    const pid_t child = fork_with(CLONE_NEWPID);
    if (child == 0) _exit(1);
    CHILD_CHECK(child == -1 && errno == EPERM);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "cannot leave the superuser";
  EXPECT_EQ(end, 0);
}

TEST_F(PidNamespace, FlagsThatDoNotGoTogether) {
  alignas(16) static char stack[4096];
  errno = 0;
  EXPECT_EQ(
      syscall(SYS_clone, CLONE_NEWPID | CLONE_THREAD | CLONE_SIGHAND | CLONE_VM,
              stack + sizeof(stack), nullptr, nullptr, 0),
      -1);
  EXPECT_EQ(errno, EINVAL);
  // A sibling in a namespace of its own, but none of a process 1.
  EXPECT_EQ(run_child([] {
              const pid_t sibling = fork_with(CLONE_NEWPID | CLONE_PARENT);
              if (sibling == 0) _exit(getpid() == 1 ? 0 : 1);
              return sibling > 0 ? 0 : 1;
            }),
            0);
  int status = 0;
  EXPECT_GT(wait(&status), 0);
  EXPECT_EQ(end_of(status), 0);
  EXPECT_EQ(run_process_one([] {
              errno = 0;
              const pid_t sibling = fork_with(CLONE_PARENT);
              if (sibling == 0) _exit(0);
              return sibling == -1 && errno == EINVAL ? 0 : 1;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
