// System V shared memory.
// feature-map: 68
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/syscall.h>

#include <cstdint>
#include <ctime>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr key_t kKey = 0x7469'6e01;
constexpr size_t kPage = 4096;

void* no_address() { return reinterpret_cast<void*>(-1L); }

class SharedSegment : public testing::Test {
 protected:
  void TearDown() override {
    for (const int id : made_) shmctl(id, IPC_RMID, nullptr);
  }
  int make(key_t key, size_t bytes, int flags) {
    const int id = shmget(key, bytes, flags);
    if (id >= 0) made_.push_back(id);
    return id;
  }
  int make(size_t bytes = kPage) {
    return make(IPC_PRIVATE, bytes, IPC_CREAT | 0600);
  }

 private:
  std::vector<int> made_;
};

shmid_ds status(int id) {
  shmid_ds status{};
  EXPECT_EQ(shmctl(id, IPC_STAT, &status), 0);
  return status;
}

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

TEST_F(SharedSegment, ByKey) {
  EXPECT_EQ(shmget(kKey, kPage, 0600), -1);
  EXPECT_EQ(errno, ENOENT);
  const int id = make(kKey, 5000, IPC_CREAT | IPC_EXCL | 0640);
  ASSERT_GE(id, 0);
  EXPECT_EQ(shmget(kKey, 0, 0), id);
  EXPECT_EQ(shmget(kKey, 5000, IPC_CREAT | 0600), id);
  EXPECT_EQ(shmget(kKey, 100, 0600), id);
  EXPECT_EQ(shmget(kKey, 5001, 0600), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmget(kKey, 5000, IPC_CREAT | IPC_EXCL | 0600), -1);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(run_child([id] { return shmget(kKey, 0, 0) == id ? 0 : 1; }), 0);
  const shmid_ds now = status(id);
  EXPECT_EQ(now.shm_segsz, 5000u);
  EXPECT_EQ(now.shm_perm.__key, kKey);
  EXPECT_EQ(now.shm_perm.mode, 0640);
  EXPECT_EQ(now.shm_perm.uid, geteuid());
  EXPECT_EQ(now.shm_perm.cuid, geteuid());
  EXPECT_EQ(now.shm_perm.gid, getegid());
  EXPECT_EQ(now.shm_perm.cgid, getegid());
  EXPECT_EQ(now.shm_cpid, getpid());
  EXPECT_EQ(now.shm_lpid, 0);
  EXPECT_EQ(now.shm_nattch, 0u);
  EXPECT_EQ(now.shm_atime, 0);
  EXPECT_EQ(now.shm_dtime, 0);
  EXPECT_LE(std::abs(now.shm_ctime - time(nullptr)), 2);
  ASSERT_EQ(shmctl(id, IPC_RMID, nullptr), 0);
  EXPECT_EQ(shmget(kKey, 0, 0), -1);
  EXPECT_EQ(errno, ENOENT);
  shmid_ds gone;
  EXPECT_EQ(shmctl(id, IPC_STAT, &gone), -1);
  EXPECT_EQ(errno, EINVAL);
  // The next has another number.
  const int next = make(kKey, kPage, IPC_CREAT | 0600);
  EXPECT_NE(next, id);
}

TEST_F(SharedSegment, Sizes) {
  EXPECT_EQ(shmget(IPC_PRIVATE, 0, IPC_CREAT | 0600), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmget(IPC_PRIVATE, ~size_t{0}, IPC_CREAT | 0600), -1);
  EXPECT_EQ(errno, EINVAL);
  // Far more than any machine has.
  EXPECT_EQ(shmget(IPC_PRIVATE, size_t{1} << 50, IPC_CREAT | 0600), -1);
  EXPECT_EQ(errno, ENOMEM);
  const int id = make(1);
  ASSERT_GE(id, 0);
  EXPECT_EQ(status(id).shm_segsz, 1u);
  auto* bytes = static_cast<volatile char*>(shmat(id, nullptr, 0));
  ASSERT_NE(bytes, no_address());
  bytes[kPage - 1] = 1;
  EXPECT_EQ(shmdt(const_cast<char*>(bytes)), 0);
  shminfo limits{};
  EXPECT_GE(shmctl(0, IPC_INFO, reinterpret_cast<shmid_ds*>(&limits)), 0);
  EXPECT_EQ(limits.shmmni, 4096u);
  EXPECT_EQ(limits.shmmin, 1u);
  EXPECT_GE(limits.shmmax, 1u << 30);
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

TEST_F(SharedSegment, OwnerAndMode) {
  const int id = make();
  ASSERT_GE(id, 0);
  shmid_ds wanted = status(id);
  wanted.shm_perm.mode = 0777 | 01000;
  ASSERT_EQ(shmctl(id, IPC_SET, &wanted), 0);
  EXPECT_EQ(status(id).shm_perm.mode, 0777);
  wanted.shm_perm.mode = 0600;
  wanted.shm_perm.uid = static_cast<uid_t>(-1);
  EXPECT_EQ(shmctl(id, IPC_SET, &wanted), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmctl(id, IPC_SET, reinterpret_cast<shmid_ds*>(8)), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(shmctl(id, IPC_STAT, reinterpret_cast<shmid_ds*>(8)), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(SharedSegment, OthersNeedRights) {
  const int id = make(kKey, kPage, IPC_CREAT | 0600);
  ASSERT_GE(id, 0);
  const int open = make(kKey + 1, kPage, IPC_CREAT | 0604);
  ASSERT_GE(open, 0);
  const int end = run_child([&] {
    if (geteuid() != 0 || !become_a_user()) return kNoOtherUser;
    CHILD_CHECK(shmat(id, nullptr, 0) == no_address() && errno == EACCES);
    CHILD_CHECK(shmat(id, nullptr, SHM_RDONLY) == no_address() &&
                errno == EACCES);
    CHILD_CHECK(shmget(kKey, 0, 0600) == -1 && errno == EACCES);
    CHILD_CHECK(shmget(kKey, 0, 0) == id);
    shmid_ds now{};
    CHILD_CHECK(shmctl(id, IPC_STAT, &now) == -1 && errno == EACCES);
    CHILD_CHECK(shmctl(id, IPC_RMID, nullptr) == -1 && errno == EPERM);
    CHILD_CHECK(shmctl(id, IPC_SET, &now) == -1 && errno == EPERM);
    CHILD_CHECK(shmctl(id, SHM_LOCK, nullptr) == -1 && errno == EPERM);
    CHILD_CHECK(shmctl(id, SHM_UNLOCK, nullptr) == -1 && errno == EPERM);
    CHILD_CHECK(shmat(open, nullptr, 0) == no_address() && errno == EACCES);
    CHILD_CHECK(shmat(open, nullptr, SHM_RDONLY) != no_address());
    CHILD_CHECK(shmctl(open, IPC_STAT, &now) == 0);
    const int own = shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0);
    CHILD_CHECK(own >= 0);
    CHILD_CHECK(shmat(own, nullptr, 0) == no_address() && errno == EACCES);
    CHILD_CHECK(shmctl(own, IPC_RMID, nullptr) == 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

TEST_F(SharedSegment, Lock) {
  const int id = make();
  ASSERT_GE(id, 0);
  if (shmctl(id, SHM_LOCK, nullptr) != 0) GTEST_SKIP() << "not allowed here";
  EXPECT_EQ(status(id).shm_perm.mode & SHM_LOCKED, SHM_LOCKED);
  ASSERT_EQ(shmctl(id, SHM_UNLOCK, nullptr), 0);
  EXPECT_EQ(status(id).shm_perm.mode & SHM_LOCKED, 0);
}

TEST_F(SharedSegment, Lists) {
  const int id = make(2 * kPage);
  ASSERT_GE(id, 0);
  auto* at = static_cast<volatile char*>(shmat(id, nullptr, 0));
  ASSERT_NE(at, no_address());
  at[0] = 1;
  shm_info info{};
  const int highest = shmctl(0, SHM_INFO, reinterpret_cast<shmid_ds*>(&info));
  ASSERT_GE(highest, 0);
  EXPECT_GE(info.used_ids, 1);
  EXPECT_GE(info.shm_tot, 2u);
  EXPECT_GE(info.shm_rss, 1u);
  int found = 0;
  for (int i = 0; i <= highest; ++i) {
    shmid_ds each{};
    const int its = shmctl(i, SHM_STAT, &each);
    if (its == id) {
      ++found;
      EXPECT_EQ(each.shm_segsz, 2 * kPage);
      EXPECT_EQ(each.shm_nattch, 1u);
      EXPECT_EQ(shmctl(i, 15 /* SHM_STAT_ANY */, &each), id);
    } else if (its < 0) {
      EXPECT_TRUE(errno == EINVAL || errno == EACCES);
    }
  }
  EXPECT_EQ(found, 1);
  EXPECT_EQ(shmdt(const_cast<char*>(at)), 0);
}

TEST_F(SharedSegment, Refusals) {
  shmid_ds now{};
  EXPECT_EQ(shmctl(-1, IPC_STAT, &now), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmctl(0x7fff'fff0, IPC_STAT, &now), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmctl(0x7fff'fff0, IPC_RMID, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmctl(0x7fff'fff0, SHM_LOCK, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(shmctl(id, 99, &now), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmctl(id, -1, &now), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmat(-1, nullptr, 0), no_address());
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmat(0x7fff'fff0, nullptr, 0), no_address());
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmdt(nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(shmctl(0, IPC_INFO, reinterpret_cast<shmid_ds*>(8)), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(SharedSegment, ThereIsALimit) {
  EXPECT_EQ(run_child([] {
              constexpr int kMost = 5000;
              static int ids[kMost];
              int count = 0;
              while (count < kMost) {
                ids[count] = shmget(IPC_PRIVATE, kPage, IPC_CREAT | 0600);
                if (ids[count] < 0) break;
                ++count;
              }
              const int error = errno;
              for (int i = 0; i < count; ++i) shmctl(ids[i], IPC_RMID, nullptr);
              CHILD_CHECK(count < kMost);
              // A small machine has less memory than that takes.
              CHILD_CHECK(error == ENOSPC || error == ENOMEM);
              CHILD_CHECK(count >= 64);
              return 0;
            }),
            0);
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
