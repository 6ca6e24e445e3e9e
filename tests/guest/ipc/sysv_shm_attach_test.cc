// System V shared memory that is attached, forked, detached.
// feature-map: 68
#include <sys/mman.h>
#include <sys/syscall.h>

#include <cstdint>
#include <ctime>

#include "tests/guest/child.h"
#include "tests/guest/ipc/shared_segments.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

TEST_F(SharedSegment, IsZeroAndShared) {
  const int id = make(3 * kPage);
  ASSERT_GE(id, 0);
  auto* words = static_cast<volatile uint32_t*>(shmat(id, nullptr, 0));
  ASSERT_NE(words, no_address());
  for (size_t i = 0; i < 3 * kPage / 4; i += 97) EXPECT_EQ(words[i], 0u);
  words[5] = 42;
  EXPECT_EQ(run_child([words] {
              CHILD_CHECK(words[5] == 42);
              words[2000] = 43;
              return 0;
            }),
            0);
  EXPECT_EQ(words[2000], 43u);
  // And once more, elsewhere.
  auto* again = static_cast<volatile uint32_t*>(shmat(id, nullptr, 0));
  ASSERT_NE(again, no_address());
  EXPECT_NE(again, words);
  EXPECT_EQ(again[5], 42u);
  again[6] = 7;
  EXPECT_EQ(words[6], 7u);
  EXPECT_EQ(status(id).shm_nattch, 2u);
  EXPECT_EQ(shmdt(const_cast<uint32_t*>(words)), 0);
  EXPECT_EQ(again[5], 42u);
  EXPECT_EQ(shmdt(const_cast<uint32_t*>(again)), 0);
  EXPECT_EQ(status(id).shm_nattch, 0u);
  // It keeps what was written.
  words = static_cast<volatile uint32_t*>(shmat(id, nullptr, SHM_RDONLY));
  ASSERT_NE(words, no_address());
  EXPECT_EQ(words[2000], 43u);
  EXPECT_EQ(shmdt(const_cast<uint32_t*>(words)), 0);
}

TEST_F(SharedSegment, CountsAttachments) {
  const int id = make();
  ASSERT_GE(id, 0);
  void* at = shmat(id, nullptr, 0);
  ASSERT_NE(at, no_address());
  shmid_ds now = status(id);
  EXPECT_EQ(now.shm_nattch, 1u);
  EXPECT_EQ(now.shm_lpid, getpid());
  EXPECT_LE(std::abs(now.shm_atime - time(nullptr)), 2);
  EXPECT_EQ(now.shm_dtime, 0);
  int go[2];
  int done[2];
  ASSERT_EQ(pipe(go), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t child = start_child([&] {
    char c = 0;
    CHILD_CHECK(write(done[1], &c, 1) == 1);
    CHILD_CHECK(read(go[0], &c, 1) == 1);
    CHILD_CHECK(shmdt(at) == 0);
    CHILD_CHECK(write(done[1], &c, 1) == 1);
    CHILD_CHECK(read(go[0], &c, 1) == 1);
    CHILD_CHECK(shmat(id, nullptr, 0) != no_address());
    CHILD_CHECK(shmat(id, nullptr, 0) != no_address());
    CHILD_CHECK(write(done[1], &c, 1) == 1);
    CHILD_CHECK(read(go[0], &c, 1) == 1);
    return 0;
  });
  char c = 0;
  ASSERT_EQ(read(done[0], &c, 1), 1);
  EXPECT_EQ(status(id).shm_nattch, 2u) << "fork attaches";
  ASSERT_EQ(write(go[1], &c, 1), 1);
  ASSERT_EQ(read(done[0], &c, 1), 1);
  now = status(id);
  EXPECT_EQ(now.shm_nattch, 1u);
  EXPECT_EQ(now.shm_lpid, child);
  EXPECT_LE(std::abs(now.shm_dtime - time(nullptr)), 2);
  ASSERT_EQ(write(go[1], &c, 1), 1);
  ASSERT_EQ(read(done[0], &c, 1), 1);
  EXPECT_EQ(status(id).shm_nattch, 3u);
  ASSERT_EQ(write(go[1], &c, 1), 1);
  EXPECT_EQ(wait_for(child), 0);
  now = status(id);
  EXPECT_EQ(now.shm_nattch, 1u) << "the end of a process detaches";
  EXPECT_EQ(now.shm_lpid, child);
  // A thread in one memory attaches nothing more.
  EXPECT_EQ(munmap(at, kPage), 0);
  EXPECT_EQ(status(id).shm_nattch, 0u) << "so does munmap";
  EXPECT_EQ(shmdt(at), -1);
  EXPECT_EQ(errno, EINVAL);
  for (const int fd : {go[0], go[1], done[0], done[1]}) close(fd);
}

// The program that runs next in the process has nothing attached.
TEST_F(SharedSegment, ExecDetaches) {
  const int id = make();
  ASSERT_GE(id, 0);
  const pid_t child = start_child([id] {
    CHILD_CHECK(shmat(id, nullptr, 0) != no_address());
    execl("/proc/self/exe", "exec", "--gtest_filter=None", nullptr);
    return 1;
  });
  EXPECT_EQ(wait_for(child), 0);
  const shmid_ds now = status(id);
  EXPECT_EQ(now.shm_nattch, 0u);
  EXPECT_EQ(now.shm_lpid, child);
  EXPECT_NE(now.shm_dtime, 0);
}

// A removed segment is there until nobody has it attached.
TEST_F(SharedSegment, RemovedWhileAttached) {
  const int id = make(kKey, kPage, IPC_CREAT | 0600);
  ASSERT_GE(id, 0);
  auto* word = static_cast<volatile int*>(shmat(id, nullptr, 0));
  ASSERT_NE(word, no_address());
  *word = 1;
  ASSERT_EQ(shmctl(id, IPC_RMID, nullptr), 0);
  const shmid_ds now = status(id);
  EXPECT_EQ(now.shm_perm.mode & SHM_DEST, SHM_DEST);
  EXPECT_EQ(now.shm_perm.__key, IPC_PRIVATE);
  EXPECT_EQ(now.shm_nattch, 1u);
  EXPECT_EQ(shmget(kKey, 0, 0), -1);
  EXPECT_EQ(errno, ENOENT);
  // By its number it can still be attached, and forked.
  auto* again = static_cast<volatile int*>(shmat(id, nullptr, 0));
  ASSERT_NE(again, no_address());
  EXPECT_EQ(*again, 1);
  EXPECT_EQ(run_child([word] {
              *word = 2;
              return 0;
            }),
            0);
  EXPECT_EQ(*again, 2);
  ASSERT_EQ(shmctl(id, IPC_RMID, nullptr), 0) << "again";
  EXPECT_EQ(shmdt(const_cast<int*>(word)), 0);
  EXPECT_EQ(status(id).shm_nattch, 1u);
  EXPECT_EQ(shmdt(const_cast<int*>(again)), 0);
  shmid_ds gone;
  EXPECT_EQ(shmctl(id, IPC_STAT, &gone), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmat(id, nullptr, 0), no_address());
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(SharedSegment, GoesWithTheLastProcess) {
  int id = -1;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    const int made = shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0600);
    CHILD_CHECK(made >= 0);
    CHILD_CHECK(shmat(made, nullptr, 0) != no_address());
    CHILD_CHECK(shmctl(made, IPC_RMID, nullptr) == 0);
    CHILD_CHECK(write(ends[1], &made, sizeof(made)) == sizeof(made));
    return 0;
  });
  EXPECT_EQ(read(ends[0], &id, sizeof(id)), static_cast<ssize_t>(sizeof(id)));
  EXPECT_EQ(wait_for(child), 0);
  shmid_ds gone;
  EXPECT_EQ(shmctl(id, IPC_STAT, &gone), -1);
  EXPECT_EQ(errno, EINVAL);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(SharedSegment, Addresses) {
  const int id = make(2 * kPage);
  ASSERT_GE(id, 0);
  // A hole of known place.
  auto* room = static_cast<char*>(
      mmap(nullptr, 8 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(room, MAP_FAILED);
  ASSERT_EQ(munmap(room, 8 * kPage), 0);
  EXPECT_EQ(shmat(id, room + kPage, 0), room + kPage);
  EXPECT_EQ(shmdt(room + kPage), 0);
  EXPECT_EQ(shmat(id, room + 100, 0), no_address());
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmat(id, room + 100, SHM_RND), room);
  // What is there is not replaced, unless that is asked for.
  EXPECT_EQ(shmat(id, room + kPage, 0), no_address());
  EXPECT_EQ(errno, EINVAL);
  room[0] = 1;
  EXPECT_EQ(shmat(id, room + kPage, SHM_REMAP), room + kPage);
  EXPECT_EQ(room[kPage], 1);
  EXPECT_EQ(status(id).shm_nattch, 2u);
  EXPECT_EQ(shmat(id, nullptr, SHM_REMAP), no_address());
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmat(id, reinterpret_cast<void*>(100), SHM_REMAP | SHM_RND),
            no_address());
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmdt(room), 0);
  EXPECT_EQ(shmdt(room), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmdt(room + kPage), 0);
  EXPECT_EQ(shmdt(room + kPage + 1), -1);
  EXPECT_EQ(errno, EINVAL);
  // Memory that is no segment.
  void* other =
      mmap(nullptr, kPage, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(other, MAP_FAILED);
  EXPECT_EQ(shmdt(other), -1);
  EXPECT_EQ(errno, EINVAL);
  munmap(other, kPage);
}

// A hole in the middle: the pieces count, and shmdt takes them all.
TEST_F(SharedSegment, InPieces) {
  const int id = make(3 * kPage);
  ASSERT_GE(id, 0);
  auto* at = static_cast<char*>(shmat(id, nullptr, 0));
  ASSERT_NE(at, no_address());
  ASSERT_EQ(munmap(at + kPage, kPage), 0);
  EXPECT_EQ(status(id).shm_nattch, 2u);
  ASSERT_EQ(munmap(at, kPage), 0);
  EXPECT_EQ(status(id).shm_nattch, 1u);
  EXPECT_EQ(shmdt(at + 2 * kPage), -1) << "that is not where it begins";
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmdt(at), 0);
  EXPECT_EQ(status(id).shm_nattch, 0u);
}

TEST_F(SharedSegment, ReadOnly) {
  const int id = make();
  ASSERT_GE(id, 0);
  auto* at = static_cast<volatile char*>(shmat(id, nullptr, SHM_RDONLY));
  ASSERT_NE(at, no_address());
  EXPECT_EQ(at[0], 0);
  EXPECT_EQ(run_child([at] {
              at[0] = 1;
              return 0;
            }),
            -SIGSEGV);
  EXPECT_EQ(mprotect(const_cast<char*>(at), kPage, PROT_READ | PROT_WRITE), -1);
  EXPECT_EQ(errno, EACCES);
  EXPECT_EQ(shmdt(const_cast<char*>(at)), 0);
}

TEST_F(SharedSegment, IsOneFutexForAll) {
  const int id = make();
  ASSERT_GE(id, 0);
  auto* word = static_cast<uint32_t*>(shmat(id, nullptr, 0));
  ASSERT_NE(word, no_address());
  const pid_t child = start_child([id] {
    auto* mine = static_cast<uint32_t*>(shmat(id, nullptr, 0));
    while (__atomic_load_n(mine, __ATOMIC_SEQ_CST) == 0) {
      syscall(SYS_futex, mine, 0, 0, nullptr, nullptr, 0);
    }
    return 0;
  });
  sleep_ms(20);
  __atomic_store_n(word, 1u, __ATOMIC_SEQ_CST);
  syscall(SYS_futex, word, 1, 1, nullptr, nullptr, 0);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(shmdt(word), 0);
}

TEST_F(SharedSegment, ManyForksLeaveNothing) {
  const int id = make();
  ASSERT_GE(id, 0);
  auto* word = static_cast<int*>(shmat(id, nullptr, 0));
  ASSERT_NE(word, no_address());
  for (int i = 0; i < 50; ++i) {
    ASSERT_EQ(run_child([word] {
                __atomic_add_fetch(word, 1, __ATOMIC_SEQ_CST);
                return 0;
              }),
              0);
  }
  EXPECT_EQ(*word, 50);
  EXPECT_EQ(status(id).shm_nattch, 1u);
  EXPECT_EQ(shmdt(word), 0);
}

}  // namespace
}  // namespace tine::guest
