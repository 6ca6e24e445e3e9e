// Pid namespaces for tests: whether there may be any, and children in them.
#ifndef TINE_TESTS_GUEST_PID_NAMESPACES_H_
#define TINE_TESTS_GUEST_PID_NAMESPACES_H_

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/guest/child.h"

namespace tine::guest {

// As fork with `flags`, which say nothing of stacks and places.
inline pid_t fork_with(unsigned long flags) {
  return static_cast<pid_t>(
      syscall(SYS_clone, flags | SIGCHLD, nullptr, nullptr, nullptr, 0));
}

// The build's own machine may forbid it.
inline bool may_make_pid_namespaces() {
  return run_child([] { return unshare(CLONE_NEWPID) == 0 ? 0 : 1; }) == 0;
}

// Process 1 of a new namespace, which ends with the result of `body`.
template <typename Body>
pid_t start_process_one(Body&& body) {
  const pid_t child = fork_with(CLONE_NEWPID);
  if (child == 0) _exit(body());
  return child;
}

template <typename Body>
int run_process_one(Body&& body) {
  return wait_for(start_process_one(body));
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_PID_NAMESPACES_H_
