// System V semaphores: what is undone when a process ends.
// feature-map: 68
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/sem.h>

#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/ipc/semaphores.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

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

}  // namespace
}  // namespace tine::guest
