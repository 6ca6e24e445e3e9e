// pidfds: descriptors that name processes.
// feature-map: 101
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/sched.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>
#include <string>

#include "tests/guest/pid_namespaces.h"
#include "tests/guest/poll/pidfds.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

TEST(PidFd, OpensNamesAndCloses) {
  const int fd = pidfd_open(getpid());
  ASSERT_GE(fd, 0);
  EXPECT_EQ(fcntl(fd, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDWR);
  char byte = 0;
  EXPECT_EQ(read(fd, &byte, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(write(fd, &byte, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_FALSE(is_readable(fd, 0));
  char name[64] = {};
  const std::string link = "/proc/self/fd/" + std::to_string(fd);
  ASSERT_GT(readlink(link.c_str(), name, sizeof(name) - 1), 0);
  const std::string said = name;
  // Later kernels have a file system of them.
  EXPECT_TRUE(said == "anon_inode:[pidfd]" || said.starts_with("pidfd:["));
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
  bool has_pid = false;
  for (std::string line; std::getline(info, line);) {
    has_pid |= line == "Pid:\t" + std::to_string(getpid());
  }
  EXPECT_TRUE(has_pid);
  EXPECT_EQ(close(fd), 0);
}

TEST(PidFd, OpenRefuses) {
  EXPECT_EQ(pidfd_open(0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(pidfd_open(-1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(pidfd_open(getpid(), 1), -1);
  EXPECT_EQ(errno, EINVAL);
  const pid_t gone = start_child([] { return 0; });
  EXPECT_EQ(wait_for(gone), 0);
  EXPECT_EQ(pidfd_open(gone), -1);
  EXPECT_EQ(errno, ESRCH);
  const int fd = pidfd_open(getpid(), O_NONBLOCK);
  ASSERT_GE(fd, 0);
  EXPECT_NE(fcntl(fd, F_GETFL) & O_NONBLOCK, 0);
  close(fd);
}

// A number that is a thread's alone.
TEST(PidFd, ThreadsHaveNone) {
  int error = 0;
  pthread_t thread;
  ASSERT_EQ(pthread_create(
                &thread, nullptr,
                [](void* to) -> void* {
                  const long tid = syscall(SYS_gettid);
                  if (pidfd_open(static_cast<pid_t>(tid)) == -1) {
                    *static_cast<int*>(to) = errno;
                  }
                  return nullptr;
                },
                &error),
            0);
  pthread_join(thread, nullptr);
  EXPECT_TRUE(error == EINVAL || error == ENOENT) << error;  // ENOENT: newer
}

TEST(PidFd, NoMoreThanAllowed) {
  EXPECT_EQ(run_child([] {
              const rlimit few{3, 3};
              CHILD_CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
              for (int fd = 3; fd < 256; ++fd) close(fd);
              CHILD_CHECK(pidfd_open(getpid()) == -1 && errno == EMFILE);
              const Cloned cloned = fork_with_pidfd();
              if (cloned.pid == 0) _exit(0);
              CHILD_CHECK(cloned.pid == -1 && errno == EMFILE);
              CHILD_CHECK(wait(nullptr) == -1 && errno == ECHILD);
              return 0;
            }),
            0);
}

TEST(PidFd, IsReadableWhenTheProcessHasEnded) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    char byte;
    return read(ends[0], &byte, 1) == 1 ? 3 : 4;
  });
  const int fd = pidfd_open(child);
  ASSERT_GE(fd, 0);
  EXPECT_FALSE(is_readable(fd, 0));
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_TRUE(is_readable(fd, 20'000));
  // Of a zombie, too.
  const int late = pidfd_open(child);
  ASSERT_GE(late, 0);
  EXPECT_TRUE(is_readable(late, 0));
  EXPECT_EQ(pidfd_send(fd, 0), 0);
  EXPECT_EQ(wait_for(child), 3);
  EXPECT_TRUE(is_readable(fd, 0));
  EXPECT_EQ(pidfd_send(fd, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  std::ifstream info("/proc/self/fdinfo/" + std::to_string(fd));
  bool is_gone = false;
  for (std::string line; std::getline(info, line);) {
    is_gone |= line == "Pid:\t-1";
  }
  EXPECT_TRUE(is_gone);
  for (const int one : {fd, late, ends[0], ends[1]}) close(one);
}

// Not before the last thread, whatever the first does.
TEST(PidFd, IsReadableWhenAllThreadsHaveEnded) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void* end) -> void* {
          char byte;
          _exit(read(*static_cast<int*>(end), &byte, 1) == 1 ? 5 : 6);
        },
        &ends[0]);
    syscall(SYS_exit, 0);
    return 0;
  });
  const int fd = pidfd_open(child);
  ASSERT_GE(fd, 0);
  EXPECT_FALSE(is_readable(fd, 50));
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_TRUE(is_readable(fd, 20'000));
  EXPECT_EQ(wait_for(child), 5);
  for (const int one : {fd, ends[0], ends[1]}) close(one);
}

// The process is the same after an exec by another thread than the first.
TEST(PidFd, StaysThroughExec) {
  const pid_t child = start_child([] {
    pthread_t thread;
    pthread_create(
        &thread, nullptr,
        [](void*) -> void* {
          execl("/bin/sh", "sh", "-c", "kill -STOP $$; exit 9", nullptr);
          execl("/bin/busybox", "sh", "-c", "kill -STOP $$; exit 9", nullptr);
          _exit(99);
        },
        nullptr);
    return sleep_on();
  });
  const int fd = pidfd_open(child);
  ASSERT_GE(fd, 0);
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  if (!WIFSTOPPED(status)) {
    close(fd);
    GTEST_SKIP() << "no shell here";
  }
  EXPECT_FALSE(is_readable(fd, 0));
  EXPECT_EQ(pidfd_send(fd, SIGCONT), 0);
  EXPECT_TRUE(is_readable(fd, 20'000));
  EXPECT_EQ(wait_for(child), 9);
  close(fd);
}

TEST(PidFd, Waits) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t other = start_child([] { return 1; });
  const pid_t child = start_child([&] {
    char byte;
    return read(ends[0], &byte, 1) == 1 ? 7 : 8;
  });
  const int fd = pidfd_open(child);
  const int not_waiting = pidfd_open(child, O_NONBLOCK);
  ASSERT_GE(fd, 0);
  ASSERT_GE(not_waiting, 0);
  siginfo_t info{};
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(fd), &info, WEXITED | WNOHANG),
            0);
  EXPECT_EQ(info.si_pid, 0);
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(not_waiting), &info, WEXITED),
            -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(not_waiting), &info,
                   WEXITED | WNOHANG),
            0);
  ASSERT_EQ(write(ends[1], "x", 1), 1);
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(fd), &info, WEXITED), 0);
  EXPECT_EQ(info.si_pid, child);
  EXPECT_EQ(info.si_status, 7);
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(fd), &info, WEXITED), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(ends[0]), &info, WEXITED), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(waitid(kIdPidFd, 255, &info, WEXITED), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(-1), &info, WEXITED), -1);
  EXPECT_EQ(errno, EINVAL);
  const int self = pidfd_open(getpid());
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(self), &info, WEXITED), -1);
  EXPECT_EQ(errno, ECHILD);
  EXPECT_EQ(wait_for(other), 1);
  for (const int one : {fd, not_waiting, self, ends[0], ends[1]}) close(one);
}

TEST(PidFd, SendsSignals) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(handle(SIGUSR1, note) == 0);
        const int self = pidfd_open(getpid());
        CHILD_CHECK(pidfd_send(self, SIGUSR1) == 0);
        CHILD_CHECK(noted.count == 1);
        CHILD_CHECK(noted.info.si_code == SI_USER &&
                    noted.info.si_pid == getpid());
        siginfo_t info{};
        info.si_signo = SIGUSR1;
        info.si_code = SI_QUEUE;
        info.si_value.sival_int = 41;
        CHILD_CHECK(pidfd_send(self, SIGUSR1, &info) == 0);
        CHILD_CHECK(noted.count == 2 && noted.values[1] == 41);
        CHILD_CHECK(pidfd_send(self, SIGUSR2, &info) == -1 && errno == EINVAL);
        CHILD_CHECK(pidfd_send(self, 65) == -1 && errno == EINVAL);
        CHILD_CHECK(pidfd_send(self, SIGUSR1, nullptr, 0x100) == -1 &&
                    errno == EINVAL);
        CHILD_CHECK(pidfd_send(0, SIGUSR1) == -1 && errno == EBADF);
        CHILD_CHECK(pidfd_send(255, SIGUSR1) == -1 && errno == EBADF);
        auto* const nowhere = reinterpret_cast<siginfo_t*>(8);
        CHILD_CHECK(pidfd_send(self, SIGUSR1, nowhere) == -1 &&
                    errno == EFAULT);
        const pid_t child = start_child([] { return sleep_on(); });
        const int fd = pidfd_open(child);
        info.si_code = SI_USER;
        CHILD_CHECK(pidfd_send(fd, SIGUSR1, &info) == -1 && errno == EPERM);
        CHILD_CHECK(pidfd_send(fd, SIGTERM) == 0);
        CHILD_CHECK(wait_for(child) == -SIGTERM);
        return 0;
      }),
      0);
}

// A directory of /proc does for sending, and for nothing else.
TEST(PidFd, DirectoriesOfProcesses) {
  const int own = open("/proc/self", O_RDONLY | O_DIRECTORY);
  ASSERT_GE(own, 0);
  EXPECT_EQ(pidfd_send(own, 0), 0);
  siginfo_t info{};
  EXPECT_EQ(waitid(kIdPidFd, static_cast<id_t>(own), &info, WEXITED), -1);
  EXPECT_EQ(errno, EBADF);
  close(own);
  const pid_t child = start_child([]() -> int {
    for (;;) pause();
  });
  const std::string path = "/proc/" + std::to_string(child);
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY);
  const int name_only = open(path.c_str(), O_PATH);
  EXPECT_EQ(pidfd_send(name_only, 0), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(pidfd_send(fd, SIGTERM), 0);
  EXPECT_EQ(wait_for(child), -SIGTERM);
  EXPECT_EQ(pidfd_send(fd, 0), -1);
  EXPECT_EQ(errno, ESRCH);
  for (const char* const other : {"/proc", "/proc/self/task", "/", "/dev"}) {
    const int directory = open(other, O_RDONLY | O_DIRECTORY);
    EXPECT_EQ(pidfd_send(directory, 0), -1);
    EXPECT_EQ(errno, EBADF) << other;
    close(directory);
  }
  close(fd);
  close(name_only);
}

TEST(PidFd, SignalsNeedTheRight) {
  const pid_t target = start_child([] { return sleep_on(); });
  const int fd = pidfd_open(target);
  ASSERT_GE(fd, 0);
  const int end = run_child([&] {
    if (geteuid() != 0 || !become_a_user()) return kNoOtherUser;
    CHILD_CHECK(pidfd_send(fd, SIGTERM) == -1 && errno == EPERM);
    CHILD_CHECK(pidfd_getfd(fd, 0) == -1 && errno == EPERM);
    return 0;
  });
  EXPECT_EQ(kill(target, SIGKILL), 0);
  EXPECT_EQ(wait_for(target), -SIGKILL);
  close(fd);
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user";
  EXPECT_EQ(end, 0);
}

TEST(PidFd, TakesFiles) {
  int ends[2];
  int told[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(pipe(told), 0);
  const pid_t child = start_child([&] {
    char byte;
    CHILD_CHECK(dup2(ends[1], 77) == 77);
    CHILD_CHECK(write(told[1], "x", 1) == 1);
    return read(ends[0], &byte, 1) == 1 && byte == 'y' ? 0 : 1;
  });
  char byte;
  ASSERT_EQ(read(told[0], &byte, 1), 1);
  const int fd = pidfd_open(child);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(fcntl(77, F_GETFD), -1);
  const int taken = pidfd_getfd(fd, 77);
  ASSERT_GE(taken, 0);
  EXPECT_EQ(fcntl(taken, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(pidfd_getfd(fd, 76), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(pidfd_getfd(fd, -1), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(pidfd_getfd(taken, 77), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(pidfd_getfd(fd, 77, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(write(taken, "y", 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(pidfd_getfd(fd, 77), -1);
  EXPECT_EQ(errno, ESRCH);
  for (const int one : {fd, taken, ends[0], ends[1], told[0], told[1]}) {
    close(one);
  }
}

}  // namespace
}  // namespace tine::guest
