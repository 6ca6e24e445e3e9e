// System V semaphores: values, operations, waiting.
// feature-map: 68
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>

#include <ctime>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/ipc/semaphores.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

TEST_F(Semaphores, ByKey) {
  EXPECT_EQ(semget(kKey, 1, 0600), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(semget(kKey, 0, IPC_CREAT | 0600), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(semget(kKey, -1, IPC_CREAT | 0600), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(semget(kKey, 32001, IPC_CREAT | 0600), -1);
  EXPECT_EQ(errno, EINVAL);
  const int id = make(kKey, 3, IPC_CREAT | IPC_EXCL | 0640);
  ASSERT_GE(id, 0);
  EXPECT_EQ(semget(kKey, 0, 0), id);
  EXPECT_EQ(semget(kKey, 3, IPC_CREAT), id);
  EXPECT_EQ(semget(kKey, 4, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(semget(kKey, 3, IPC_CREAT | IPC_EXCL | 0600), -1);
  EXPECT_EQ(errno, EEXIST);
  const semid_ds now = status(id);
  EXPECT_EQ(now.sem_nsems, 3u);
  EXPECT_EQ(now.sem_perm.mode, 0640);
  EXPECT_EQ(now.sem_perm.uid, geteuid());
  EXPECT_EQ(now.sem_perm.__key, kKey);
  EXPECT_EQ(now.sem_otime, 0);
  EXPECT_LE(std::abs(now.sem_ctime - time(nullptr)), 2);
  ASSERT_EQ(control(id, 0, IPC_RMID), 0);
  EXPECT_EQ(semget(kKey, 0, 0), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(value_of(id, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(operate(id, 0, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(control(id, 0, IPC_RMID), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(Semaphores, Values) {
  const int id = make(4);
  ASSERT_GE(id, 0);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(value_of(id, i), 0);
    EXPECT_EQ(control(id, i, GETPID), 0);
  }
  EXPECT_EQ(set_value(id, 2, 7), 0);
  EXPECT_EQ(value_of(id, 2), 7);
  EXPECT_EQ(control(id, 2, GETPID), getpid());
  unsigned short values[] = {1, 2, 32767, 0};
  EXPECT_EQ(control(id, 0, SETALL, {.values = values}), 0);
  unsigned short read[4] = {};
  EXPECT_EQ(control(id, 0, GETALL, {.values = read}), 0);
  for (int i = 0; i < 4; ++i) EXPECT_EQ(read[i], values[i]);
  values[1] = 32768;
  EXPECT_EQ(control(id, 0, SETALL, {.values = values}), -1);
  EXPECT_EQ(errno, ERANGE);
  EXPECT_EQ(value_of(id, 1), 2);
  EXPECT_EQ(set_value(id, 0, 32768), -1);
  EXPECT_EQ(errno, ERANGE);
  EXPECT_EQ(set_value(id, 0, -1), -1);
  EXPECT_EQ(errno, ERANGE);
  EXPECT_EQ(set_value(id, 4, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  for (const int command : {GETVAL, GETPID, GETNCNT, GETZCNT}) {
    EXPECT_EQ(control(id, 4, command), -1);
    EXPECT_EQ(errno, EINVAL);
    EXPECT_EQ(control(id, -1, command), -1);
    EXPECT_EQ(errno, EINVAL);
  }
  EXPECT_EQ(control(id, 0, GETALL, {.any = reinterpret_cast<void*>(8)}), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(control(id, 0, SETALL, {.any = reinterpret_cast<void*>(8)}), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(control(id, 0, 99), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(Semaphores, AllOrNothing) {
  const int id = make(3);
  ASSERT_GE(id, 0);
  sembuf operations[] = {{0, 3, 0}, {1, 2, 0}, {2, -1, IPC_NOWAIT}};
  EXPECT_EQ(semop(id, operations, 3), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(value_of(id, 0), 0);
  EXPECT_EQ(value_of(id, 1), 0);
  operations[2] = {2, 1, 0};
  EXPECT_EQ(semop(id, operations, 3), 0);
  EXPECT_EQ(value_of(id, 0), 3);
  EXPECT_EQ(value_of(id, 2), 1);
  EXPECT_NE(status(id).sem_otime, 0);
  // One after the other on the same.
  sembuf same[] = {{0, -3, 0}, {0, 0, 0}, {0, 5, 0}};
  EXPECT_EQ(semop(id, same, 3), 0);
  EXPECT_EQ(value_of(id, 0), 5);
  same[0].sem_flg = same[1].sem_flg = IPC_NOWAIT;
  EXPECT_EQ(semop(id, same, 3), -1) << "three of five are not all";
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(value_of(id, 0), 5);
}

TEST_F(Semaphores, Refusals) {
  const int id = make(2);
  ASSERT_GE(id, 0);
  EXPECT_EQ(operate(id, 2, 1), -1);
  EXPECT_EQ(errno, EFBIG);
  EXPECT_EQ(operate(-1, 0, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(operate(0x7fff'fff0, 0, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  sembuf operation{0, 1, 0};
  EXPECT_EQ(semop(id, &operation, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(semop(id, reinterpret_cast<sembuf*>(8), 1), -1);
  EXPECT_EQ(errno, EFAULT);
  static sembuf many[501];
  EXPECT_EQ(semop(id, many, 501), -1);
  EXPECT_EQ(errno, E2BIG);
  EXPECT_EQ(semop(id, many, 500), 0) << "all wait for zero, and it is";
  EXPECT_EQ(set_value(id, 0, 32767), 0);
  EXPECT_EQ(operate(id, 0, 1), -1);
  EXPECT_EQ(errno, ERANGE);
  EXPECT_EQ(operate(id, 1, 0, IPC_NOWAIT), 0);
  EXPECT_EQ(operate(id, 0, 0, IPC_NOWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
  timespec bad{0, 1'000'000'000};
  EXPECT_EQ(syscall(SYS_semtimedop, id, &operation, 1, &bad), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_semtimedop, id, &operation, 1, 8), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(Semaphores, WaitsForValueAndForZero) {
  const int id = make(2);
  ASSERT_GE(id, 0);
  const pid_t taker = start_child([id] {
    CHILD_CHECK(operate(id, 0, -2) == 0);
    return 0;
  });
  ASSERT_TRUE(wait_until([id] { return control(id, 0, GETNCNT) == 1; }));
  EXPECT_EQ(control(id, 0, GETZCNT), 0);
  EXPECT_EQ(operate(id, 0, 1), 0);
  EXPECT_EQ(control(id, 0, GETNCNT), 1);
  EXPECT_EQ(operate(id, 0, 2), 0);
  EXPECT_EQ(wait_for(taker), 0);
  EXPECT_EQ(value_of(id, 0), 1);
  EXPECT_EQ(control(id, 0, GETPID), taker);
  const pid_t waiter = start_child([id] {
    sembuf operations[] = {{0, 0, 0}, {1, 1, 0}};
    CHILD_CHECK(semop(id, operations, 2) == 0);
    return 0;
  });
  ASSERT_TRUE(wait_until([id] { return control(id, 0, GETZCNT) == 1; }));
  EXPECT_EQ(control(id, 0, GETNCNT), 0);
  EXPECT_EQ(operate(id, 0, -1), 0);
  EXPECT_EQ(wait_for(waiter), 0);
  EXPECT_EQ(value_of(id, 1), 1);
}

TEST_F(Semaphores, SettingValuesWakes) {
  const int id = make(2);
  ASSERT_GE(id, 0);
  pid_t child = start_child([id] { return operate(id, 1, -3) == 0 ? 0 : 1; });
  ASSERT_TRUE(wait_until([id] { return control(id, 1, GETNCNT) == 1; }));
  EXPECT_EQ(set_value(id, 1, 4), 0);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(value_of(id, 1), 1);
  child = start_child([id] { return operate(id, 1, 0) == 0 ? 0 : 1; });
  ASSERT_TRUE(wait_until([id] { return control(id, 1, GETZCNT) == 1; }));
  unsigned short zeros[] = {0, 0};
  EXPECT_EQ(control(id, 0, SETALL, {.values = zeros}), 0);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Semaphores, TimesOut) {
  const int id = make();
  ASSERT_GE(id, 0);
  const int64_t begin = now_ns();
  EXPECT_EQ(operate_for(id, 0, -1, 50), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_GE(now_ns() - begin, 50'000'000);
  EXPECT_EQ(control(id, 0, GETNCNT), 0);
  EXPECT_EQ(operate_for(id, 0, -1, 0), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(operate_for(id, 0, 1, 50), 0);
}

TEST_F(Semaphores, RemovedWhileWaitedFor) {
  const int id = make();
  ASSERT_GE(id, 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    children.push_back(start_child([id] {
      return operate(id, 0, -1, SEM_UNDO) == -1 && errno == EIDRM ? 0 : 1;
    }));
  }
  ASSERT_TRUE(wait_until([id] { return control(id, 0, GETNCNT) == 3; }));
  EXPECT_EQ(control(id, 0, IPC_RMID), 0);
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
}

// A handler always ends it, and so does a stop.
TEST_F(Semaphores, InterruptedBySignals) {
  const int id = make(2);
  ASSERT_GE(id, 0);
  const pid_t child = start_child([id] {
    handle(SIGUSR1, note, SA_RESTART);
    CHILD_CHECK(operate(id, 0, -1) == -1 && errno == EINTR);
    CHILD_CHECK(noted.count == 1);
    CHILD_CHECK(set_value(id, 1, 1) == 0);
    CHILD_CHECK(operate(id, 0, -1) == -1 && errno == EINTR);
    CHILD_CHECK(noted.count == 1);
    return 0;
  });
  ASSERT_TRUE(wait_until([id] { return control(id, 0, GETNCNT) == 1; }));
  kill(child, SIGUSR1);
  ASSERT_TRUE(wait_until([id] { return value_of(id, 1) == 1; }));
  ASSERT_TRUE(wait_until([id] { return control(id, 0, GETNCNT) == 1; }));
  int status;
  kill(child, SIGSTOP);
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  kill(child, SIGCONT);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(control(id, 0, GETNCNT), 0);
  EXPECT_EQ(value_of(id, 0), 0);
}

TEST_F(Semaphores, KilledWaiterLeaves) {
  const int id = make();
  ASSERT_GE(id, 0);
  const pid_t child = start_child([id] { return operate(id, 0, -1); });
  ASSERT_TRUE(wait_until([id] { return control(id, 0, GETNCNT) == 1; }));
  kill(child, SIGKILL);
  EXPECT_EQ(wait_for(child), -SIGKILL);
  EXPECT_EQ(control(id, 0, GETNCNT), 0);
  EXPECT_EQ(operate(id, 0, 1), 0);
  EXPECT_EQ(value_of(id, 0), 1);
}

}  // namespace
}  // namespace tine::guest
