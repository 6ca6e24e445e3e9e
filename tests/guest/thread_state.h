// What a thread is doing, as /proc tells it.
#ifndef TINE_TESTS_GUEST_THREAD_STATE_H_
#define TINE_TESTS_GUEST_THREAD_STATE_H_

#include <sys/types.h>

#include <cstdio>

namespace tine::guest {

// The letter of its state, 'S' for asleep; 0: there is no such thread.
inline char thread_state(pid_t process, pid_t tid) {
  char path[64];
  std::snprintf(path, sizeof(path), "/proc/%d/task/%d/stat", process, tid);
  std::FILE* const file = std::fopen(path, "r");
  if (file == nullptr) return 0;
  char state = 0;
  // pid (name) state: no name here has a parenthesis.
  if (std::fscanf(file, "%*d (%*[^)]) %c", &state) != 1) state = 0;
  std::fclose(file);
  return state;
}

// Whether the main thread of the process is asleep in a call.
inline bool is_asleep(pid_t process) {
  return thread_state(process, process) == 'S';
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_THREAD_STATE_H_
