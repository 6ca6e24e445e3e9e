// pidfds as the tests of them make and use them.
#ifndef TINE_TESTS_GUEST_POLL_PIDFDS_H_
#define TINE_TESTS_GUEST_POLL_PIDFDS_H_

#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tine::guest {

inline constexpr idtype_t kIdPidFd = static_cast<idtype_t>(3);  // P_PIDFD

inline int pidfd_open(pid_t pid, unsigned flags = 0) {
  return static_cast<int>(syscall(SYS_pidfd_open, pid, flags));
}
inline int pidfd_send(int fd, int signal, siginfo_t* info = nullptr,
                      unsigned flags = 0) {
  return static_cast<int>(
      syscall(SYS_pidfd_send_signal, fd, signal, info, flags));
}
inline int pidfd_getfd(int pidfd, int fd, unsigned flags = 0) {
  return static_cast<int>(syscall(SYS_pidfd_getfd, pidfd, fd, flags));
}

inline int sleep_on() {
  for (;;) pause();
}

// Whether reading would not wait.
inline bool is_readable(int fd, int timeout_ms) {
  pollfd one{fd, POLLIN, 0};
  return poll(&one, 1, timeout_ms) == 1 && (one.revents & POLLIN) != 0;
}

struct Cloned {
  long pid = -1;
  int fd = -1;
};

// As fork, with a pidfd.
inline Cloned fork_with_pidfd(unsigned long flags = 0) {
  Cloned cloned;
  cloned.pid = syscall(SYS_clone, CLONE_PIDFD | flags | SIGCHLD, nullptr,
                       &cloned.fd, nullptr, 0);
  return cloned;
}

inline int count_descriptors() {
  int count = 0;
  for (int fd = 0; fd < 256; ++fd) count += fcntl(fd, F_GETFD) != -1;
  return count;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_POLL_PIDFDS_H_
