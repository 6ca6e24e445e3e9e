// System V semaphores.
// feature-map: 68
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/syscall.h>

#include <ctime>
#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr key_t kKey = 0x7469'6e02;

union Argument {
  int value;
  semid_ds* status;
  unsigned short* values;
  seminfo* info;
  void* any;
};

int control(int id, int number, int command, Argument argument = {}) {
  return semctl(id, number, command, argument);
}
int value_of(int id, int number) { return control(id, number, GETVAL); }
int set_value(int id, int number, int value) {
  return control(id, number, SETVAL, {.value = value});
}
semid_ds status(int id) {
  semid_ds status{};
  EXPECT_EQ(control(id, 0, IPC_STAT, {.status = &status}), 0);
  return status;
}

int operate(int id, unsigned short number, short change, int flags = 0) {
  sembuf operation{number, change, static_cast<short>(flags)};
  return semop(id, &operation, 1);
}
int operate_for(int id, unsigned short number, short change, int64_t ms) {
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

// ---- undo

TEST_F(Semaphores, UndoneAtExit) {
  const int id = make(3);
  ASSERT_GE(id, 0);
  ASSERT_EQ(set_value(id, 0, 5), 0);
  const pid_t child = start_child([id] {
    CHILD_CHECK(operate(id, 0, -2, SEM_UNDO) == 0);
    CHILD_CHECK(operate(id, 0, -1, SEM_UNDO) == 0);
    CHILD_CHECK(operate(id, 1, 4, SEM_UNDO) == 0);
    CHILD_CHECK(operate(id, 1, -3, 0) == 0);
    CHILD_CHECK(operate(id, 2, 1) == 0);
    CHILD_CHECK(value_of(id, 0) == 2);
    return 0;
  });
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(value_of(id, 0), 5);
  EXPECT_EQ(value_of(id, 1), 0) << "never below zero";
  EXPECT_EQ(value_of(id, 2), 1);
  EXPECT_EQ(control(id, 0, GETPID), child);
  // However it ends.
  EXPECT_EQ(run_child([id] {
              CHILD_CHECK(operate(id, 0, -5, SEM_UNDO) == 0);
              kill(getpid(), SIGKILL);
              return 0;
            }),
            -SIGKILL);
  EXPECT_EQ(value_of(id, 0), 5);
}

TEST_F(Semaphores, UndoWakes) {
  const int id = make();
  ASSERT_GE(id, 0);
  ASSERT_EQ(set_value(id, 0, 1), 0);
  const pid_t holder = start_child([id] {
    CHILD_CHECK(operate(id, 0, -1, SEM_UNDO) == 0);
    for (;;) pause();
    return 0;
  });
  ASSERT_TRUE(wait_until([id] { return value_of(id, 0) == 0; }));
  const pid_t waiter =
      start_child([id] { return operate(id, 0, -1) == 0 ? 0 : 1; });
  ASSERT_TRUE(wait_until([id] { return control(id, 0, GETNCNT) == 1; }));
  kill(holder, SIGKILL);
  EXPECT_EQ(wait_for(holder), -SIGKILL);
  EXPECT_EQ(wait_for(waiter), 0);
}

TEST_F(Semaphores, UndoIsNotInheritedByFork) {
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(run_child([id] {
              CHILD_CHECK(operate(id, 0, 3, SEM_UNDO) == 0);
              CHILD_CHECK(run_child([id] {
                            return value_of(id, 0) == 3 ? 0 : 1;
                          }) == 0);
              CHILD_CHECK(value_of(id, 0) == 3);
              return 0;
            }),
            0);
  EXPECT_EQ(value_of(id, 0), 0);
}

TEST_F(Semaphores, UndoSurvivesExec) {
  const int id = make();
  ASSERT_GE(id, 0);
  ASSERT_EQ(set_value(id, 0, 2), 0);
  EXPECT_EQ(run_child([id] {
              CHILD_CHECK(operate(id, 0, -1, SEM_UNDO) == 0);
              execl("/proc/self/exe", "exec", "--gtest_filter=None", nullptr);
              return 1;
            }),
            0);
  EXPECT_EQ(value_of(id, 0), 2);
}

TEST_F(Semaphores, ThreadsShareTheirUndo) {
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(run_child([id] {
              std::thread([id] {
                CHILD_CHECK(operate(id, 0, 2, SEM_UNDO) == 0);
              }).join();
              // A thread's end undoes nothing.
              CHILD_CHECK(value_of(id, 0) == 2);
              CHILD_CHECK(operate(id, 0, -1, SEM_UNDO) == 0);
              CHILD_CHECK(value_of(id, 0) == 1);
              return 0;
            }),
            0);
  EXPECT_EQ(value_of(id, 0), 0);
}

TEST_F(Semaphores, UnshareUndoes) {
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(run_child([id] {
              CHILD_CHECK(operate(id, 0, 2, SEM_UNDO) == 0);
              CHILD_CHECK(unshare(CLONE_SYSVSEM) == 0);
              CHILD_CHECK(value_of(id, 0) == 0);
              return 0;
            }),
            0);
}

TEST_F(Semaphores, SettingForgetsTheUndo) {
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(run_child([id] {
              CHILD_CHECK(operate(id, 0, 3, SEM_UNDO) == 0);
              CHILD_CHECK(set_value(id, 0, 8) == 0);
              return 0;
            }),
            0);
  EXPECT_EQ(value_of(id, 0), 8);
  // Beyond what can be undone.
  EXPECT_EQ(run_child([id] {
              CHILD_CHECK(set_value(id, 0, 0) == 0);
              CHILD_CHECK(operate(id, 0, 32767, SEM_UNDO) == 0);
              CHILD_CHECK(operate(id, 0, -32767) == 0);
              CHILD_CHECK(operate(id, 0, 1, SEM_UNDO) == 0);
              CHILD_CHECK(operate(id, 0, 1, SEM_UNDO) == -1);
              CHILD_CHECK(errno == ERANGE);
              return 0;
            }),
            0);
}

// ---- permissions and lists

TEST_F(Semaphores, OthersNeedRights) {
  const int id = make(kKey, 1, IPC_CREAT | 0600);
  ASSERT_GE(id, 0);
  const int readable = make(kKey + 1, 1, IPC_CREAT | 0604);
  ASSERT_GE(readable, 0);
  const int end = run_child([&] {
    if (geteuid() != 0 || !become_a_user()) return kNoOtherUser;
    CHILD_CHECK(semget(kKey, 1, 0600) == -1 && errno == EACCES);
    CHILD_CHECK(semget(kKey, 1, 0) == id);
    CHILD_CHECK(operate(id, 0, 1) == -1 && errno == EACCES);
    CHILD_CHECK(operate(id, 0, 0) == -1 && errno == EACCES);
    CHILD_CHECK(value_of(id, 0) == -1 && errno == EACCES);
    CHILD_CHECK(set_value(id, 0, 1) == -1 && errno == EACCES);
    CHILD_CHECK(control(id, 0, IPC_RMID) == -1 && errno == EPERM);
    semid_ds now{};
    CHILD_CHECK(control(id, 0, IPC_STAT, {.status = &now}) == -1 &&
                errno == EACCES);
    CHILD_CHECK(control(id, 0, IPC_SET, {.status = &now}) == -1 &&
                errno == EPERM);
    CHILD_CHECK(operate(readable, 0, 0) == 0);
    CHILD_CHECK(value_of(readable, 0) == 0);
    CHILD_CHECK(operate(readable, 0, 1) == -1 && errno == EACCES);
    CHILD_CHECK(set_value(readable, 0, 1) == -1 && errno == EACCES);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

TEST_F(Semaphores, OwnerAndMode) {
  const int id = make();
  ASSERT_GE(id, 0);
  semid_ds wanted = status(id);
  wanted.sem_perm.mode = 0644;
  ASSERT_EQ(control(id, 0, IPC_SET, {.status = &wanted}), 0);
  EXPECT_EQ(status(id).sem_perm.mode, 0644);
  wanted.sem_perm.uid = static_cast<uid_t>(-1);
  EXPECT_EQ(control(id, 0, IPC_SET, {.status = &wanted}), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(control(id, 0, IPC_SET, {.any = reinterpret_cast<void*>(8)}), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(control(id, 0, IPC_STAT, {.any = reinterpret_cast<void*>(8)}), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(Semaphores, Lists) {
  const int id = make(5);
  ASSERT_GE(id, 0);
  seminfo info{};
  ASSERT_GE(control(0, 0, IPC_INFO, {.info = &info}), 0);
  EXPECT_EQ(info.semmsl, 32000);
  EXPECT_EQ(info.semopm, 500);
  EXPECT_EQ(info.semmni, 32000);
  EXPECT_EQ(info.semvmx, 32767);
  const int highest = control(0, 0, SEM_INFO, {.info = &info});
  ASSERT_GE(highest, 0);
  EXPECT_GE(info.semusz, 1);
  EXPECT_GE(info.semaem, 5);
  int found = 0;
  for (int i = 0; i <= highest; ++i) {
    semid_ds each{};
    if (control(i, 0, SEM_STAT, {.status = &each}) != id) continue;
    ++found;
    EXPECT_EQ(each.sem_nsems, 5u);
    EXPECT_EQ(control(i, 0, 20 /* SEM_STAT_ANY */, {.status = &each}), id);
  }
  EXPECT_EQ(found, 1);
  EXPECT_EQ(control(0, 0, IPC_INFO, {.any = reinterpret_cast<void*>(8)}), -1);
  EXPECT_EQ(errno, EFAULT);
}

// Many processes, one at a time.
TEST_F(Semaphores, KeepsOthersOut) {
  const int id = make(2);
  ASSERT_GE(id, 0);
  ASSERT_EQ(set_value(id, 0, 1), 0);
  std::vector<pid_t> children;
  for (int i = 0; i < 8; ++i) {
    children.push_back(start_child([id] {
      for (int round = 0; round < 30; ++round) {
        CHILD_CHECK(operate(id, 0, -1, SEM_UNDO) == 0);
        const int before = value_of(id, 1);
        sched_yield();
        CHILD_CHECK(set_value(id, 1, before + 1) == 0);
        CHILD_CHECK(operate(id, 0, 1, SEM_UNDO) == 0);
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(value_of(id, 1), 240);
  EXPECT_EQ(value_of(id, 0), 1);
}

TEST_F(Semaphores, LargeSets) {
  const int id = make(32000);
  if (id < 0) {
    EXPECT_EQ(errno, ENOMEM);
    GTEST_SKIP() << "too much for this machine";
  }
  EXPECT_EQ(set_value(id, 31999, 9), 0);
  EXPECT_EQ(operate(id, 31999, -9), 0);
  static unsigned short values[32000];
  for (int i = 0; i < 32000; ++i) values[i] = static_cast<unsigned short>(i);
  EXPECT_EQ(control(id, 0, SETALL, {.values = values}), 0);
  EXPECT_EQ(value_of(id, 31000), 31000);
}

}  // namespace
}  // namespace tine::guest
