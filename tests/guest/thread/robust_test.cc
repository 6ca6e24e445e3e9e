// Robust futexes: what a thread that ends does to the list that it registered.
// feature-map: 80
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

uint32_t own_tid() { return static_cast<uint32_t>(syscall(SYS_gettid)); }

struct Lock {
  robust_list entry{};
  uint32_t word = 0;
};

// As a C library has it in each thread; in shared memory, to be looked at when
// its owner has ended.
struct List {
  robust_list_head head{};
  std::array<Lock, 6> locks{};
  std::array<Lock, 2> unlisted{};

  void link(size_t count) {
    robust_list* last = &head.list;
    for (size_t i = 0; i < count; ++i) {
      last->next = &locks[i].entry;
      last = &locks[i].entry;
    }
    last->next = &head.list;
    head.futex_offset = offsetof(Lock, word) - offsetof(Lock, entry);
    head.list_op_pending = nullptr;
  }
  long install() { return syscall(SYS_set_robust_list, &head, sizeof(head)); }
};

// Runs `prepare` in a process that then ends with its list in place.
template <typename Prepare>
void end_with(List& list, Prepare prepare) {
  EXPECT_EQ(run_child([&] {
              list.link(list.locks.size());
              prepare();
              CHILD_CHECK(list.install() == 0);
              return 0;
            }),
            0);
}

TEST(Robust, MarksWhatTheThreadOwned) {
  Shared<List> list;
  end_with(*list, [&] {
    for (Lock& lock : list->locks) lock.word = own_tid();
    list->locks[1].word = own_tid() | FUTEX_WAITERS;
    list->locks[2].word = own_tid() + 1;
    list->locks[3].word = 0;
    list->unlisted[0].word = own_tid();
  });
  EXPECT_EQ(list->locks[0].word, uint32_t{FUTEX_OWNER_DIED});
  EXPECT_EQ(list->locks[1].word, FUTEX_WAITERS | FUTEX_OWNER_DIED);
  EXPECT_NE(list->locks[2].word, uint32_t{FUTEX_OWNER_DIED});
  EXPECT_EQ(list->locks[3].word, 0U);
  EXPECT_EQ(list->locks[5].word, uint32_t{FUTEX_OWNER_DIED});
  EXPECT_NE(list->unlisted[0].word & FUTEX_TID_MASK, 0U);
}

TEST(Robust, ThePendingOneCountsToo) {
  Shared<List> list;
  end_with(*list, [&] {
    list->unlisted[0].word = own_tid();
    list->head.list_op_pending = &list->unlisted[0].entry;
  });
  EXPECT_EQ(list->unlisted[0].word, uint32_t{FUTEX_OWNER_DIED});
}

TEST(Robust, WakesOneWaiter) {
  Shared<List> list;
  Shared<std::atomic<uint32_t>> locked;
  const pid_t waiter = start_child([&] {
    while (*locked == 0) sched_yield();
    const long result =
        syscall(SYS_futex, &list->locks[0].word, FUTEX_WAIT,
                uint32_t{*locked} | FUTEX_WAITERS, nullptr, nullptr, 0);
    CHILD_CHECK(result == 0);
    return list->locks[0].word == (FUTEX_WAITERS | FUTEX_OWNER_DIED) ? 7 : 8;
  });
  end_with(*list, [&] {
    list->locks[0].word = own_tid() | FUTEX_WAITERS;
    *locked = own_tid();
    usleep(30'000);
  });
  EXPECT_EQ(wait_for(waiter), 7);
}

TEST(Robust, BadListsAreIgnored) {
  Shared<List> list;
  // An entry that is nowhere ends the walk after those before it.
  end_with(*list, [&] {
    for (Lock& lock : list->locks) lock.word = own_tid();
    list->locks[2].entry.next = reinterpret_cast<robust_list*>(64);
  });
  EXPECT_EQ(list->locks[2].word, uint32_t{FUTEX_OWNER_DIED});
  EXPECT_NE(list->locks[3].word, uint32_t{FUTEX_OWNER_DIED});
  // A word that is not aligned does too.
  end_with(*list, [&] {
    for (Lock& lock : list->locks) lock.word = own_tid();
    list->head.futex_offset += 1;
  });
  EXPECT_NE(list->locks[0].word, uint32_t{FUTEX_OWNER_DIED});
  // A head that is nowhere is no list.
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(syscall(SYS_set_robust_list, 64,
                                  sizeof(robust_list_head)) == 0);
              return 3;
            }),
            3);
}

TEST(Robust, ACircleEnds) {
  Shared<List> list;
  end_with(*list, [&] {
    for (Lock& lock : list->locks) lock.word = own_tid();
    list->locks[3].entry.next = &list->locks[1].entry;
  });
  EXPECT_EQ(list->locks[3].word, uint32_t{FUTEX_OWNER_DIED});
  EXPECT_NE(list->locks[4].word, uint32_t{FUTEX_OWNER_DIED});
}

TEST(Robust, AChildInheritsNoList) {
  Shared<List> list;
  list->link(1);
  robust_list_head* before = nullptr;
  size_t length = 0;
  ASSERT_EQ(syscall(SYS_get_robust_list, 0, &before, &length), 0);
  EXPECT_EQ(length, sizeof(robust_list_head));
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(list->install() == 0);
              list->locks[0].word = own_tid();
              // As clone leaves it: a library registers a list of its own.
              const long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
              if (pid == 0) {
                robust_list_head* head = &list->head;
                syscall(SYS_get_robust_list, 0, &head, &length);
                syscall(SYS_exit_group, head == nullptr ? 5 : 6);
              }
              CHILD_CHECK(wait_for(static_cast<pid_t>(pid)) == 5);
              CHILD_CHECK(list->locks[0].word == own_tid());
              return 0;
            }),
            0);
  EXPECT_EQ(list->locks[0].word, uint32_t{FUTEX_OWNER_DIED});
}

TEST(Robust, AThreadsEndAndAnExecWalkIt) {
  Shared<List> list;
  std::thread([&] {
    list->link(2);
    list->locks[0].word = own_tid();
    // The library's own list holds nothing now.
    ASSERT_EQ(list->install(), 0);
  }).join();
  EXPECT_EQ(list->locks[0].word, uint32_t{FUTEX_OWNER_DIED});
  EXPECT_EQ(run_child([&] {
              list->locks[1].word = own_tid();
              CHILD_CHECK(list->install() == 0);
              const std::string path = testing::internal::GetArgvs().front();
              char self[] = "robust_test";
              char list_only[] = "--gtest_list_tests";
              char* const arguments[] = {self, list_only, nullptr};
              close(1);
              execv(path.c_str(), arguments);
              return 99;
            }),
            0);
  EXPECT_EQ(list->locks[1].word, uint32_t{FUTEX_OWNER_DIED});
}

TEST(Robust, Arguments) {
  List list;
  EXPECT_EQ(syscall(SYS_set_robust_list, &list, sizeof(robust_list_head) - 1),
            -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(syscall(SYS_get_robust_list, 0x3fffffff, &list, &list), -1);
  EXPECT_EQ(errno, ESRCH);
  void* head = nullptr;
  EXPECT_EQ(syscall(SYS_get_robust_list, 0, &head, 8), -1);
  EXPECT_EQ(errno, EFAULT);
}

// As programs have it.
TEST(Robust, APthreadMutexTellsThatItsOwnerDied) {
  Shared<pthread_mutex_t> mutex;
  pthread_mutexattr_t attributes;
  ASSERT_EQ(pthread_mutexattr_init(&attributes), 0);
  ASSERT_EQ(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED),
            0);
  ASSERT_EQ(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST), 0);
  ASSERT_EQ(pthread_mutex_init(&*mutex, &attributes), 0);
  Shared<std::atomic<bool>> locked;
  const pid_t owner = start_child([&] {
    CHILD_CHECK(pthread_mutex_lock(&*mutex) == 0);
    *locked = true;
    usleep(20'000);
    kill(getpid(), SIGKILL);
    return 1;
  });
  while (!*locked) sched_yield();
  EXPECT_EQ(pthread_mutex_lock(&*mutex), EOWNERDEAD);
  EXPECT_EQ(pthread_mutex_consistent(&*mutex), 0);
  EXPECT_EQ(pthread_mutex_unlock(&*mutex), 0);
  EXPECT_EQ(wait_for(owner), -SIGKILL);
  std::thread([&] { EXPECT_EQ(pthread_mutex_lock(&*mutex), 0); }).join();
  EXPECT_EQ(pthread_mutex_lock(&*mutex), EOWNERDEAD);
  EXPECT_EQ(pthread_mutex_unlock(&*mutex), 0);
  EXPECT_EQ(pthread_mutex_lock(&*mutex), ENOTRECOVERABLE);
}

}  // namespace
}  // namespace tine::guest
