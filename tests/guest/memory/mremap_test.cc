// Areas that grow, shrink and move keep their contents and leave nothing.
// feature-map: 119
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

char* pages(size_t count, int kind = MAP_PRIVATE) {
  void* const at = mmap(nullptr, count * kPage, PROT_READ | PROT_WRITE,
                        kind | MAP_ANONYMOUS, -1, 0);
  return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
}

void fill(char* at, size_t count) {
  for (size_t i = 0; i < count; ++i) at[i * kPage] = static_cast<char>(i + 1);
}

int touch(volatile char* at) {
  return run_child([at] { return *at; });
}

TEST(Mremap, Shrinks) {
  char* const at = pages(4);
  fill(at, 4);
  ASSERT_EQ(mremap(at, 4 * kPage, 2 * kPage, 0), at);
  EXPECT_EQ(at[kPage], 2);
  EXPECT_EQ(touch(at + 2 * kPage), -SIGSEGV);
}

TEST(Mremap, GrowsWhereThereIsRoomAndElseOnlyIfItMayMove) {
  char* const at = pages(6);
  fill(at, 2);
  ASSERT_EQ(munmap(at + 2 * kPage, 3 * kPage), 0);
  ASSERT_EQ(mremap(at, 2 * kPage, 5 * kPage, 0), at);
  EXPECT_EQ(at[4 * kPage], 0);
  EXPECT_EQ(mremap(at, 5 * kPage, 7 * kPage, 0), MAP_FAILED);
  EXPECT_EQ(errno, ENOMEM);
  char* const moved =
      static_cast<char*>(mremap(at, 5 * kPage, 500 * kPage, MREMAP_MAYMOVE));
  ASSERT_NE(static_cast<void*>(moved), MAP_FAILED);
  ASSERT_NE(moved, at);
  EXPECT_EQ(moved[0], 1);
  EXPECT_EQ(moved[kPage], 2);
  EXPECT_EQ(moved[499 * kPage], 0);
  moved[499 * kPage] = 3;
  EXPECT_EQ(touch(at), -SIGSEGV);
}

TEST(Mremap, MovedPagesAreCopiedOnWriteAsBefore) {
  char* const at = pages(2);
  fill(at, 2);
  EXPECT_EQ(run_child([&] {
              char* const moved = static_cast<char*>(
                  mremap(at, 2 * kPage, 300 * kPage, MREMAP_MAYMOVE));
              CHILD_CHECK(static_cast<void*>(moved) != MAP_FAILED);
              CHILD_CHECK(moved[0] == 1 && moved[kPage] == 2);
              moved[0] = 99;
              return 0;
            }),
            0);
  EXPECT_EQ(at[0], 1);
}

TEST(Mremap, MovesToAFixedPlaceAndReplacesWhatIsThere) {
  char* const at = pages(2);
  char* const other = pages(2);
  fill(at, 2);
  fill(other, 2);
  other[kPage] = 77;
  ASSERT_EQ(
      mremap(at, kPage, kPage, MREMAP_MAYMOVE | MREMAP_FIXED, other + kPage),
      other + kPage);
  EXPECT_EQ(other[kPage], 1);
  EXPECT_EQ(touch(at), -SIGSEGV);
  EXPECT_EQ(at[kPage], 2);
}

TEST(Mremap, SharedMemoryStaysShared) {
  char* const at = pages(2, MAP_SHARED);
  at[kPage] = 33;
  char* const twin =
      static_cast<char*>(mremap(at + kPage, 0, kPage, MREMAP_MAYMOVE));
  ASSERT_NE(static_cast<void*>(twin), MAP_FAILED);
  EXPECT_EQ(twin[0], 33);
  EXPECT_EQ(run_child([&] { return twin[0] = 44; }), 44);
  EXPECT_EQ(at[kPage], 44);
  char* const longer =
      static_cast<char*>(mremap(at, 2 * kPage, 4 * kPage, MREMAP_MAYMOVE));
  ASSERT_NE(static_cast<void*>(longer), MAP_FAILED);
  EXPECT_EQ(longer[kPage], 44);
  EXPECT_EQ(touch(longer + 2 * kPage), -SIGBUS) << "beyond the object";
}

TEST(Mremap, Errors) {
  char* const at = pages(4);
  const auto error = [](void* from, size_t old_bytes, size_t bytes, int flags,
                        void* to = nullptr) {
    errno = 0;
    return mremap(from, old_bytes, bytes, flags, to) == MAP_FAILED ? errno : 0;
  };
  ASSERT_EQ(munmap(at + 2 * kPage, 2 * kPage), 0);
  EXPECT_EQ(error(at + 1, kPage, kPage, 0), EINVAL);
  EXPECT_EQ(error(at, kPage, 0, 0), EINVAL);
  EXPECT_EQ(error(at, 0, kPage, MREMAP_MAYMOVE), EINVAL);
  EXPECT_EQ(error(at, kPage, kPage, 8), EINVAL);
  EXPECT_EQ(error(at, kPage, kPage, MREMAP_FIXED, at + 4 * kPage), EINVAL);
  EXPECT_EQ(error(at, kPage, kPage, MREMAP_FIXED | MREMAP_MAYMOVE, at), EINVAL);
  EXPECT_EQ(error(at + 2 * kPage, kPage, 2 * kPage, MREMAP_MAYMOVE), EFAULT);
  EXPECT_EQ(error(at + kPage, 2 * kPage, 3 * kPage, MREMAP_MAYMOVE), EFAULT);
}

TEST(Mremap, DontunmapLeavesAnEmptyPlace) {
  constexpr int kDontunmap = MREMAP_MAYMOVE | 4;
  char* const at = pages(4);
  fill(at, 4);
  char* const moved =
      static_cast<char*>(mremap(at, 2 * kPage, 2 * kPage, kDontunmap, nullptr));
  ASSERT_NE(static_cast<void*>(moved), MAP_FAILED);
  EXPECT_EQ(moved[kPage], 2);
  EXPECT_EQ(at[kPage], 0);
  EXPECT_EQ(at[2 * kPage], 3);
  char* const shared = pages(2, MAP_SHARED);
  fill(shared, 2);
  char* const again = static_cast<char*>(
      mremap(shared, 2 * kPage, 2 * kPage, kDontunmap, nullptr));
  ASSERT_NE(static_cast<void*>(again), MAP_FAILED);
  EXPECT_EQ(shared[kPage], 2) << "the same memory in both places";
  again[0] = 9;
  EXPECT_EQ(shared[0], 9);
  // What was locked is locked in its new place.
  ASSERT_EQ(mlock(at, kPage), 0);
  char* const locked =
      static_cast<char*>(mremap(at, kPage, kPage, kDontunmap, nullptr));
  ASSERT_NE(static_cast<void*>(locked), MAP_FAILED);
  EXPECT_EQ(madvise(at, kPage, MADV_DONTNEED), 0);
  EXPECT_EQ(madvise(locked, kPage, MADV_DONTNEED), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(Mremap, RefusesWhatLinuxRefuses) {
  char* const at = pages(8);
  const auto error = [](void* from, size_t old_bytes, size_t new_bytes,
                        int flags, void* to = nullptr) {
    errno = 0;
    return mremap(from, old_bytes, new_bytes, flags, to) == MAP_FAILED ? errno
                                                                       : 0;
  };
  constexpr int kFixed = MREMAP_MAYMOVE | MREMAP_FIXED;
  EXPECT_EQ(error(at, kPage, kPage, 4), EINVAL);
  EXPECT_EQ(error(at, kPage, 2 * kPage, MREMAP_MAYMOVE | 4), EINVAL);
  EXPECT_EQ(error(at, 0, kPage, MREMAP_MAYMOVE), EINVAL);
  EXPECT_EQ(error(at, kPage, 0, MREMAP_MAYMOVE), EINVAL);
  EXPECT_EQ(error(at + 1, kPage, kPage, MREMAP_MAYMOVE), EINVAL);
  EXPECT_EQ(error(at, kPage, kPage, 8), EINVAL);
  EXPECT_EQ(error(at, kPage, kPage, MREMAP_FIXED, at + 4 * kPage), EINVAL);
  EXPECT_EQ(error(at, kPage, kPage, kFixed, at + 1), EINVAL);
  EXPECT_EQ(error(at, 2 * kPage, 2 * kPage, kFixed, at + kPage), EINVAL);
  ASSERT_EQ(mprotect(at + 2 * kPage, kPage, PROT_READ), 0);
  EXPECT_EQ(error(at, 4 * kPage, 6 * kPage, MREMAP_MAYMOVE), EFAULT);
  ASSERT_EQ(munmap(at, kPage), 0);
  EXPECT_EQ(error(at, kPage, 2 * kPage, MREMAP_MAYMOVE), EFAULT);
}

}  // namespace
}  // namespace tine::guest
