// Children of a test: run something in a forked process, read how it ended.
#ifndef TINE_TESTS_GUEST_CHILD_H_
#define TINE_TESTS_GUEST_CHILD_H_

#include <stdio.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

namespace tine::guest {

// The status of a child in which a CHILD_CHECK failed.
inline constexpr int kCheckFailed = 99;

// end_of() of a process that could not be forked or waited for.
inline constexpr int kNoChild = -1000;

// A wait status as one number: the exit status, or minus the signal.
constexpr int end_of(int status) {
  return WIFSIGNALED(status) ? -WTERMSIG(status)
         : WIFEXITED(status) ? WEXITSTATUS(status)
                             : kNoChild;
}

// Waits for that one child.
inline int wait_for(pid_t child) {
  int status = 0;
  pid_t waited;
  do {
    waited = waitpid(child, &status, 0);
  } while (waited < 0 && errno == EINTR);
  return child > 0 && waited == child ? end_of(status) : kNoChild;
}

// Starts a child that ends with the result of `body`; returns its pid.
template <typename Body>
pid_t start_child(Body&& body) {
  const pid_t child = fork();
  if (child == 0) _exit(body());
  return child;
}

// The same, and waits for it.
template <typename Body>
int run_child(Body&& body) {
  return wait_for(start_child(body));
}

// Leaves the superuser for good. False: this process has no other user that it
// could become, as in a container with one.
inline bool become_a_user() {
  constexpr unsigned kUser = 1000;
  return geteuid() != 0 || (setgid(kUser) == 0 && setuid(kUser) == 0);
}
// How a child ends that could not.
inline constexpr int kNoOtherUser = 98;

}  // namespace tine::guest

// A check in a child, where GoogleTest's would not count: says what failed and
// ends the process with kCheckFailed.
#define CHILD_CHECK(condition)                                               \
  do {                                                                       \
    if (!(condition)) {                                                      \
      dprintf(STDERR_FILENO, "%s:%d: in a child: %s (errno %d)\n", __FILE__, \
              __LINE__, #condition, errno);                                  \
      _exit(tine::guest::kCheckFailed);                                      \
    }                                                                        \
  } while (false)

#endif  // TINE_TESTS_GUEST_CHILD_H_
