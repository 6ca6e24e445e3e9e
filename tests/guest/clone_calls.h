// clone and clone3 as the kernel has them, for tests of their flags.
#ifndef TINE_TESTS_GUEST_CLONE_CALLS_H_
#define TINE_TESTS_GUEST_CLONE_CALLS_H_

#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"

namespace tine::guest {

inline constexpr uint64_t kThread =
    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
inline constexpr uint64_t kClearSighand = 0x1'0000'0000;
inline constexpr uint64_t kIntoCgroup = 0x2'0000'0000;

struct alignas(16) Stack {
  std::array<unsigned char, size_t{64} * 1024> bytes;
  void* top() { return bytes.data() + bytes.size(); }
};

struct Clone3Arguments {
  uint64_t flags = 0;
  uint64_t pidfd = 0;
  uint64_t child_tid = 0;
  uint64_t parent_tid = 0;
  uint64_t exit_signal = 0;
  uint64_t stack = 0;
  uint64_t stack_size = 0;
  uint64_t tls = 0;
  uint64_t set_tid = 0;
  uint64_t set_tid_size = 0;
  uint64_t cgroup = 0;
};

// The child's pid in the parent; the child ends with `status` at once. As a
// number: negated errno.
inline long clone3(const Clone3Arguments& arguments, int status = 0,
                   size_t size = sizeof(Clone3Arguments)) {
  const long pid = raw_syscall(SYS_clone3, reinterpret_cast<long>(&arguments),
                               static_cast<long>(size));
  if (pid == 0) {
    for (;;) raw_syscall(SYS_exit_group, status);
  }
  return pid;
}

// What a clone with these flags says; if it makes something, that ends at once.
inline long try_clone(uint64_t flags) {
  static Stack stack;
  const bool needs_stack =
      (flags & CLONE_VM) != 0 && (flags & CLONE_VFORK) == 0;
  if (!needs_stack) {
    const long pid = raw_clone(flags);
    if (pid == 0) {
      for (;;) raw_syscall(SYS_exit_group, 0);
    }
    return pid;
  }
  const int pid = clone([](void*) { return 0; }, stack.top(),
                        static_cast<int>(flags), nullptr);
  return pid < 0 ? -errno : pid;
}

inline int wait_all_kinds(long pid) {
  int status = 0;
  const long got = wait4(static_cast<pid_t>(pid), &status, __WALL, nullptr);
  return got == pid ? end_of(status) : kNoChild;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_CLONE_CALLS_H_
