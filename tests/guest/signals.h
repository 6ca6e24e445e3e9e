// Handlers of signals for tests: installing one, and noting what it saw.
#ifndef TINE_TESTS_GUEST_SIGNALS_H_
#define TINE_TESTS_GUEST_SIGNALS_H_

#include <signal.h>
#include <unistd.h>

#include <initializer_list>

#include "tests/guest/time.h"

namespace tine::guest {

using Handler = void (*)(int, siginfo_t*, void*);

inline sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

inline int handle(int signal, Handler handler, int flags = 0,
                  std::initializer_list<int> mask = {}) {
  struct sigaction action{};
  action.sa_sigaction = handler;
  action.sa_flags = flags | SA_SIGINFO;
  action.sa_mask = set_of(mask);
  return sigaction(signal, &action, nullptr);
}

inline int set_action(int signal, void (*handler)(int), int flags = 0) {
  struct sigaction action{};
  action.sa_handler = handler;
  action.sa_flags = flags;
  return sigaction(signal, &action, nullptr);
}

// What note() saw: how often it ran, and with what the last time.
struct Noted {
  volatile sig_atomic_t count = 0;
  int signal = 0;
  siginfo_t info = {};
  int order[64] = {};   // signals, in order of their handlers
  int values[64] = {};  // and what sigqueue() gave them
};
inline Noted noted;

inline void note(int signal, siginfo_t* info, void*) {
  if (noted.count < 64) {
    noted.order[noted.count] = signal;
    noted.values[noted.count] = info->si_value.sival_int;
  }
  noted.signal = signal;
  noted.info = *info;
  noted.count = noted.count + 1;
}

inline sigset_t block(std::initializer_list<int> signals) {
  const sigset_t set = set_of(signals);
  sigset_t old;
  sigprocmask(SIG_BLOCK, &set, &old);
  return old;
}
inline void unblock(std::initializer_list<int> signals) {
  const sigset_t set = set_of(signals);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}
inline bool is_blocked(int signal) {
  sigset_t now;
  sigprocmask(SIG_SETMASK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}
inline bool is_pending(int signal) {
  sigset_t now;
  sigpending(&now);
  return sigismember(&now, signal) == 1;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_SIGNALS_H_
