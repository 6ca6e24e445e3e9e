// Segments of System V shared memory: how they are made, found, owned, counted
// and removed. feature-map: 68
#include <sys/resource.h>
#include <sys/syscall.h>

#include <ctime>

#include "tests/guest/child.h"
#include "tests/guest/ipc/shared_segments.h"

namespace tine::guest {
namespace {

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

}  // namespace
}  // namespace tine::guest
