// System V semaphores: permissions, owners, lists of sets.
// feature-map: 68
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/ipc/semaphores.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

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
