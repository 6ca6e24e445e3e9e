// A tracer's side: children that are traced, and what waits say of them.
#ifndef TINE_TESTS_GUEST_TRACER_H_
#define TINE_TESTS_GUEST_TRACER_H_

#include <elf.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "tests/guest/child.h"

namespace tine::guest {

inline int next_status(pid_t child) {
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, __WALL), child);
  return status;
}

// Of a thread that stands still: signal and, above it, event.
inline int stop_of(int status) { return WIFSTOPPED(status) ? status >> 8 : -1; }
constexpr int event_stop(int event, int signal = SIGTRAP) {
  return signal | event << 8;
}

inline void* number(unsigned long value) {
  return reinterpret_cast<void*>(value);
}

inline long go_on(pid_t child, long signal = 0) {
  return ptrace(PTRACE_CONT, child, nullptr, signal);
}

// A child that is traced with these options and has stopped itself.
template <typename Body>
pid_t start_traced(unsigned long options, Body body) {
  const pid_t child = start_child([&] {
    CHILD_CHECK(ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0);
    CHILD_CHECK(raise(SIGSTOP) == 0);
    return body();
  });
  EXPECT_EQ(stop_of(next_status(child)), SIGSTOP);
  EXPECT_EQ(ptrace(PTRACE_SETOPTIONS, child, nullptr, number(options)), 0);
  return child;
}

template <typename Body>
pid_t start_traced(Body body) {
  return start_traced(0, body);
}

inline unsigned long event_message(pid_t child) {
  unsigned long message = ~0ul;
  EXPECT_EQ(ptrace(PTRACE_GETEVENTMSG, child, nullptr, &message), 0);
  return message;
}

template <typename Set>
long get_set(pid_t child, int type, Set& set) {
  iovec vector{&set, sizeof(set)};
  const long result = ptrace(PTRACE_GETREGSET, child, type, &vector);
  return result == 0 ? static_cast<long>(vector.iov_len) : -1;
}
template <typename Set>
long put_set(pid_t child, int type, Set& set) {
  iovec vector{&set, sizeof(set)};
  return ptrace(PTRACE_SETREGSET, child, type, &vector);
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_TRACER_H_
