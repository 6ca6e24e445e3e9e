// Locked memory: what counts as locked, how much may be, who inherits it.
// Whether a page is locked shows in MADV_DONTNEED, which refuses it.
// feature-map: 111, 113, 126
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

char* map(size_t pages, int prot = PROT_READ | PROT_WRITE, int flags = 0) {
  void* const at = mmap(nullptr, pages * kPage, prot,
                        MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
}

bool is_locked(char* page) {
  errno = 0;
  return madvise(page, kPage, MADV_DONTNEED) == -1 && errno == EINVAL;
}

bool is_resident(char* page) {
  unsigned char is = 0;
  return mincore(page, kPage, &is) == 0 && (is & 1) != 0;
}

// The sandbox of a test may know no other users, and give no privilege to lock.
bool has_other_users() {
  return run_child(
             [] { return setresuid(65534, 65534, 65534) == 0 ? 0 : 1; }) == 0;
}

// In a child that is nobody, with that much to lock.
template <typename Body>
int run_limited(size_t pages, Body&& body) {
  return run_child([&] {
    const rlimit limit{pages * kPage, pages * kPage};
    CHILD_CHECK(setrlimit(RLIMIT_MEMLOCK, &limit) == 0);
    CHILD_CHECK(setresuid(65534, 65534, 65534) == 0);
    return body();
  });
}

// The error of a call that fails.
template <typename T>
int error_of(T result) {
  return result == static_cast<T>(-1) ? errno : 0;
}

TEST(Mlock, LocksPagesAndMakesThemResident) {
  char* const at = map(4);
  ASSERT_EQ(mlock(at + kPage + 5, kPage), 0);
  EXPECT_FALSE(is_locked(at));
  EXPECT_FALSE(is_resident(at));
  for (const size_t i : {size_t{1}, size_t{2}}) {
    EXPECT_TRUE(is_locked(at + i * kPage));
    EXPECT_TRUE(is_resident(at + i * kPage));
  }
  EXPECT_FALSE(is_locked(at + 3 * kPage));
  ASSERT_EQ(munlock(at + 2 * kPage, 1), 0);
  EXPECT_TRUE(is_locked(at + kPage));
  EXPECT_FALSE(is_locked(at + 2 * kPage));
  EXPECT_EQ(munmap(at, 4 * kPage), 0);
}

TEST(Mlock, OnFaultDoesNotTouch) {
  char* const at = map(2);
  ASSERT_EQ(syscall(SYS_mlock2, at, kPage, 1U /* MLOCK_ONFAULT */), 0);
  EXPECT_TRUE(is_locked(at));
  EXPECT_FALSE(is_resident(at));
  at[0] = 1;
  EXPECT_TRUE(is_resident(at));
  EXPECT_EQ(error_of(syscall(SYS_mlock2, at, kPage, 2U)), EINVAL);
}

TEST(Mlock, Errors) {
  char* const at = map(3);
  ASSERT_EQ(munmap(at + kPage, kPage), 0);
  EXPECT_EQ(error_of(mlock(at, 3 * kPage)), ENOMEM);
  EXPECT_EQ(error_of(munlock(at, 3 * kPage)), ENOMEM);
  // Without privilege the limit is looked at first.
  EXPECT_EQ(error_of(mlock(at, SIZE_MAX - 2 * kPage)),
            has_other_users() ? EINVAL : ENOMEM);
  EXPECT_EQ(mlock(at, 0), 0);
  EXPECT_EQ(error_of(mlock(map(1, PROT_NONE), kPage)), ENOMEM);
  EXPECT_EQ(error_of(mlockall(0)), EINVAL);
  EXPECT_EQ(error_of(mlockall(MCL_ONFAULT)), EINVAL);
  EXPECT_EQ(error_of(mlockall(8)), EINVAL);
}

TEST(Mlock, AChildsMemoryIsNotLocked) {
  char* const at = map(1);
  at[0] = 5;
  ASSERT_EQ(mlock(at, kPage), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(!is_locked(at));
              return at[0];
            }),
            0)
      << "let go of by MADV_DONTNEED";
  EXPECT_TRUE(is_locked(at));
  EXPECT_EQ(at[0], 5);
}

TEST(Mlock, FutureIsNotInheritedAndUnlockallEndsIt) {
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(mlockall(MCL_CURRENT | MCL_FUTURE) == 0);
              char* const at = map(2);
              CHILD_CHECK(is_locked(at) && is_resident(at + kPage));
              CHILD_CHECK(run_child([&] {
                            return is_locked(at) || is_locked(map(1)) ? 1 : 0;
                          }) == 0);
              CHILD_CHECK(munlockall() == 0);
              CHILD_CHECK(!is_locked(at) && !is_locked(map(1)));
              CHILD_CHECK(mlockall(MCL_FUTURE | MCL_ONFAULT) == 0);
              char* const later = map(1);
              CHILD_CHECK(!is_resident(later) && is_locked(later));
              CHILD_CHECK(mlockall(MCL_CURRENT) == 0);
              CHILD_CHECK(is_locked(at) && !is_locked(map(1)));
              return 0;
            }),
            0);
}

TEST(Mlock, OfMmapAndMremap) {
  char* at = map(2, PROT_READ | PROT_WRITE, MAP_LOCKED);
  ASSERT_NE(at, nullptr);
  EXPECT_TRUE(is_locked(at) && is_resident(at + kPage));
  at = static_cast<char*>(mremap(at, 2 * kPage, 600 * kPage, MREMAP_MAYMOVE));
  ASSERT_NE(static_cast<void*>(at), MAP_FAILED);
  EXPECT_TRUE(is_locked(at + 599 * kPage));
  EXPECT_TRUE(is_resident(at + 599 * kPage));
  EXPECT_EQ(munmap(at, 600 * kPage), 0);
}

TEST(Mlock, LimitIsForThosePrivilegedNot) {
  if (!has_other_users()) GTEST_SKIP() << "no other users here";
  EXPECT_EQ(
      run_limited(8,
                  [] {
                    char* const at = map(16);
                    CHILD_CHECK(mlock(at, 8 * kPage) == 0);
                    CHILD_CHECK(mlock(at, 8 * kPage) == 0);  // Counted once.
                    CHILD_CHECK(error_of(mlock(at, 9 * kPage)) == ENOMEM);
                    CHILD_CHECK(error_of(mlock(at + 8 * kPage, 1)) == ENOMEM);
                    CHILD_CHECK(map(1, PROT_READ, MAP_LOCKED) == nullptr);
                    CHILD_CHECK(errno == EAGAIN);
                    CHILD_CHECK(error_of(mlockall(MCL_CURRENT)) == ENOMEM);
                    CHILD_CHECK(munmap(at, 4 * kPage) == 0);
                    CHILD_CHECK(mlock(at + 8 * kPage, 4 * kPage) == 0);
                    CHILD_CHECK(mremap(at + 11 * kPage, kPage, 2 * kPage,
                                       MREMAP_MAYMOVE) == MAP_FAILED);
                    CHILD_CHECK(errno == EAGAIN);
                    CHILD_CHECK(munlockall() == 0);
                    CHILD_CHECK(mlockall(MCL_FUTURE) == 0);
                    CHILD_CHECK(map(9) == nullptr && errno == EAGAIN);
                    void* const end = sbrk(0);
                    CHILD_CHECK(brk(static_cast<char*>(end) + 20 * kPage) != 0);
                    return 0;
                  }),
      0);
}

TEST(Mlock, ALimitOfZeroForbids) {
  if (!has_other_users()) GTEST_SKIP() << "no other users here";
  EXPECT_EQ(run_limited(0,
                        [] {
                          char* const at = map(1);
                          CHILD_CHECK(error_of(mlock(at, kPage)) == EPERM);
                          CHILD_CHECK(error_of(mlockall(MCL_CURRENT)) == EPERM);
                          CHILD_CHECK(map(1, PROT_READ, MAP_LOCKED) == nullptr);
                          CHILD_CHECK(errno == EPERM);
                          CHILD_CHECK(munlock(at, kPage) == 0);
                          return 0;
                        }),
            0);
}

TEST(Mlock, KeepsSomeCallsOff) {
  char* const at = map(2);
  ASSERT_EQ(mlock(at, 2 * kPage), 0);
  at[0] = 1;
  EXPECT_EQ(error_of(madvise(at, kPage, MADV_FREE)), EINVAL);
  EXPECT_EQ(error_of(madvise(at, kPage, MADV_COLD)), EINVAL);
  EXPECT_EQ(error_of(madvise(at, kPage, MADV_PAGEOUT)), EINVAL);
  EXPECT_EQ(error_of(msync(at, kPage, MS_INVALIDATE)), EBUSY);
  EXPECT_EQ(madvise(at, kPage, 24 /* MADV_DONTNEED_LOCKED */), 0);
  EXPECT_EQ(at[0], 0);
}

TEST(Mincore, TellsWhatIsThere) {
  char* const at = map(4);
  at[kPage] = 1;
  at[3 * kPage] = 1;
  unsigned char there[4] = {9, 9, 9, 9};
  ASSERT_EQ(mincore(at, 4 * kPage - 7, there), 0);
  EXPECT_EQ(there[0] & 1, 0);
  EXPECT_EQ(there[1] & 1, 1);
  EXPECT_EQ(there[2] & 1, 0);
  EXPECT_EQ(there[3] & 1, 1);
  EXPECT_EQ(error_of(mincore(at + 1, kPage, there)), EINVAL);
  EXPECT_EQ(error_of(mincore(at, kPage, nullptr)), EFAULT);
  ASSERT_EQ(munmap(at + 2 * kPage, kPage), 0);
  EXPECT_EQ(error_of(mincore(at, 4 * kPage, there)), ENOMEM);
  EXPECT_EQ(mincore(at, 0, there), 0);
  // An answer that cannot be anywhere is refused before areas are looked at.
  auto* const nowhere = reinterpret_cast<unsigned char*>(0xffff'8000'0000'0000);
  EXPECT_EQ(error_of(mincore(at, 4 * kPage, nowhere)), EFAULT);
  EXPECT_EQ(error_of(mincore(at, 0, nowhere)), EFAULT);
}

}  // namespace
}  // namespace tine::guest
