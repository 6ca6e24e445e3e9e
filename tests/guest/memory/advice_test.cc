// madvise and msync: which ranges and areas they take, and how far they go.
// feature-map: 122
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;
// Newer than some headers.
constexpr int kPopulateRead = 22;
constexpr int kPopulateWrite = 23;
constexpr int kDontneedLocked = 24;

char* map(size_t pages, int prot = kReadWrite,
          int flags = MAP_PRIVATE | MAP_ANONYMOUS, int fd = -1) {
  return static_cast<char*>(mmap(nullptr, pages * kPage, prot, flags, fd, 0));
}

int error_of(int result) { return result == 0 ? 0 : errno; }
int advise(char* at, size_t pages, int advice) {
  return error_of(madvise(at, pages * kPage, advice));
}

bool is_resident(char* page) {
  unsigned char is = 0;
  return mincore(page, kPage, &is) == 0 && (is & 1) != 0;
}

TEST(Madvise, Ranges) {
  char* const at = map(2);
  EXPECT_EQ(advise(at + 1, 1, MADV_DONTNEED), EINVAL);
  EXPECT_EQ(advise(at, 0, MADV_DONTNEED), 0);
  for (const int unknown : {5, 6, 7, 99, -1}) {
    EXPECT_EQ(advise(at, 0, unknown), EINVAL) << unknown;
  }
  EXPECT_EQ(error_of(madvise(at, SIZE_MAX, MADV_NORMAL)), EINVAL);
  EXPECT_EQ(error_of(madvise(at, SIZE_MAX - kPage, MADV_NORMAL)), EINVAL);
  EXPECT_EQ(error_of(madvise(nullptr, kPage, MADV_NORMAL)), ENOMEM);
  munmap(at, 2 * kPage);
}

TEST(Madvise, AHoleIsPassedOver) {
  char* const at = map(3);
  at[0] = at[2 * kPage] = 1;
  ASSERT_EQ(munmap(at + kPage, kPage), 0);
  EXPECT_EQ(advise(at, 3, MADV_DONTNEED), ENOMEM);
  EXPECT_EQ(at[0], 0);
  EXPECT_EQ(at[2 * kPage], 0);
  EXPECT_EQ(advise(at + kPage, 1, MADV_DONTNEED), ENOMEM);
  munmap(at, 3 * kPage);
}

TEST(Madvise, PopulatesUpToAHole) {
  char* const at = map(4);
  ASSERT_EQ(munmap(at + 2 * kPage, kPage), 0);
  EXPECT_EQ(advise(at, 4, kPopulateWrite), ENOMEM);
  EXPECT_TRUE(is_resident(at));
  EXPECT_TRUE(is_resident(at + kPage));
  EXPECT_FALSE(is_resident(at + 3 * kPage));
  munmap(at, 4 * kPage);
}

TEST(Madvise, PopulatesWithTheRightToDoSo) {
  char* const readable = map(1, PROT_READ);
  EXPECT_EQ(advise(readable, 1, kPopulateWrite), EINVAL);
  EXPECT_EQ(advise(readable, 1, kPopulateRead), 0);
  EXPECT_TRUE(is_resident(readable));
  char* const none = map(1, PROT_NONE);
  EXPECT_EQ(advise(none, 1, kPopulateRead), EINVAL);
  const int fd = memfd_create("short", 0);
  ASSERT_EQ(ftruncate(fd, kPage), 0);
  char* const file = map(2, kReadWrite, MAP_SHARED, fd);
  EXPECT_EQ(advise(file, 2, kPopulateRead), EFAULT) << "beyond its end";
  EXPECT_EQ(advise(file, 1, kPopulateWrite), 0);
  munmap(readable, kPage);
  munmap(none, kPage);
  munmap(file, 2 * kPage);
  close(fd);
}

TEST(Madvise, RemoveNeedsASharedMappingThatMayBeWritten) {
  const int fd = memfd_create("removed", 0);
  ASSERT_EQ(ftruncate(fd, kPage), 0);
  char* const shared = map(1, kReadWrite, MAP_SHARED, fd);
  shared[0] = 3;
  const std::string path = "/proc/self/fd/" + std::to_string(fd);
  const int reader = open(path.c_str(), O_RDONLY);
  ASSERT_GE(reader, 0);
  char* const read_only = map(1, PROT_READ, MAP_SHARED, reader);
  EXPECT_EQ(advise(read_only, 1, MADV_REMOVE), EACCES);
  EXPECT_EQ(shared[0], 3);
  EXPECT_EQ(advise(shared, 1, MADV_REMOVE), 0);
  EXPECT_EQ(shared[0], 0);
  char* const own = map(1, kReadWrite, MAP_PRIVATE, fd);
  EXPECT_EQ(advise(own, 1, MADV_REMOVE), EACCES);
  char* const nameless = map(1);
  EXPECT_EQ(advise(nameless, 1, MADV_REMOVE), EINVAL);
  for (char* const at : {shared, read_only, own, nameless}) munmap(at, kPage);
  close(fd);
  close(reader);
}

TEST(Madvise, FreeAndWipeAreForPrivateMemoryOnly) {
  const int fd = memfd_create("file", 0);
  ASSERT_EQ(ftruncate(fd, kPage), 0);
  for (const int kind : {MAP_SHARED, MAP_PRIVATE}) {
    char* const file = map(1, kReadWrite, kind, fd);
    EXPECT_EQ(advise(file, 1, MADV_FREE), EINVAL);
    EXPECT_EQ(advise(file, 1, MADV_WIPEONFORK), EINVAL);
    EXPECT_EQ(advise(file, 1, MADV_KEEPONFORK), 0);
    munmap(file, kPage);
  }
  close(fd);
}

TEST(Madvise, LockedMemory) {
  char* const at = map(1);
  if (mlock(at, kPage) != 0) GTEST_SKIP() << "nothing may be locked here";
  at[0] = 3;
  for (const int advice : {MADV_DONTNEED, MADV_FREE, MADV_COLD, MADV_PAGEOUT}) {
    EXPECT_EQ(advise(at, 1, advice), EINVAL) << advice;
  }
  EXPECT_EQ(at[0], 3);
  EXPECT_EQ(advise(at, 1, kDontneedLocked), 0);
  EXPECT_EQ(at[0], 0);
  munmap(at, kPage);
}

TEST(Msync, ALockedAreaBehindAHole) {
  char* const at = map(3, kReadWrite, MAP_SHARED | MAP_ANONYMOUS);
  ASSERT_EQ(munmap(at + kPage, kPage), 0);
  EXPECT_EQ(error_of(msync(at, 3 * kPage, MS_SYNC)), ENOMEM);
  EXPECT_EQ(error_of(msync(at, 3 * kPage, MS_SYNC | MS_INVALIDATE)), ENOMEM);
  if (mlock(at + 2 * kPage, kPage) != 0) {
    GTEST_SKIP() << "nothing may be locked here";
  }
  EXPECT_EQ(error_of(msync(at, 3 * kPage, MS_SYNC | MS_INVALIDATE)), EBUSY);
  EXPECT_EQ(error_of(msync(at, 3 * kPage, MS_SYNC)), ENOMEM);
  munmap(at, 3 * kPage);
}

}  // namespace
}  // namespace tine::guest
