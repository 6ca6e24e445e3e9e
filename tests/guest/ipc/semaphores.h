// System V semaphores as the tests of them call them.
#ifndef TINE_TESTS_GUEST_IPC_SEMAPHORES_H_
#define TINE_TESTS_GUEST_IPC_SEMAPHORES_H_

#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {

inline constexpr key_t kKey = 0x7469'6e02;

union Argument {
  int value;
  semid_ds* status;
  unsigned short* values;
  seminfo* info;
  void* any;
};

inline int control(int id, int number, int command, Argument argument = {}) {
  return semctl(id, number, command, argument);
}
inline int value_of(int id, int number) { return control(id, number, GETVAL); }
inline int set_value(int id, int number, int value) {
  return control(id, number, SETVAL, {.value = value});
}
inline semid_ds status(int id) {
  semid_ds status{};
  EXPECT_EQ(control(id, 0, IPC_STAT, {.status = &status}), 0);
  return status;
}

inline int operate(int id, unsigned short number, short change, int flags = 0) {
  sembuf operation{number, change, static_cast<short>(flags)};
  return semop(id, &operation, 1);
}
inline int operate_for(int id, unsigned short number, short change,
                       int64_t ms) {
  sembuf operation{number, change, 0};
  const timespec time{ms / 1000, ms % 1000 * 1'000'000};
  return static_cast<int>(syscall(SYS_semtimedop, id, &operation, 1, &time));
}

class Semaphores : public testing::Test {
 protected:
  void SetUp() override { noted = {}; }
  void TearDown() override {
    for (const int id : made_) control(id, 0, IPC_RMID);
    set_action(SIGUSR1, SIG_DFL);
  }
  int make(key_t key, int count, int flags) {
    const int id = semget(key, count, flags);
    if (id >= 0) made_.push_back(id);
    return id;
  }
  int make(int count = 1) { return make(IPC_PRIVATE, count, IPC_CREAT | 0600); }

 private:
  std::vector<int> made_;
};

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_IPC_SEMAPHORES_H_
