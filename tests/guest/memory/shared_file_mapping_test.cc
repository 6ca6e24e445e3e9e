// Files that can be written, in memory: one content, whoever looks at it how.
// feature-map: 127, 130
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;

// How a child ends that loads from this address.
int load(const volatile char* at) {
  return run_child([at] {
    (void)*at;
    return 0;
  });
}

void wait_until(const std::atomic<int>& flag) {
  const timespec nap{0, 1'000'000};
  while (flag == 0) nanosleep(&nap, nullptr);
}

class SharedFile : public testing::Test {
 protected:
  void SetUp() override {
    char path[] = "/tmp/mapped.XXXXXX";
    fd_ = mkstemp(path);
    ASSERT_GE(fd_, 0) << strerror(errno);
    path_ = path;
    ASSERT_EQ(write(fd_, "0123456789", 10), 10);
  }
  void TearDown() override {
    close(fd_);
    unlink(path_.c_str());
  }

  char* map(size_t pages, int prot = kReadWrite, int flags = MAP_SHARED,
            off_t offset = 0) {
    void* const at = mmap(nullptr, pages * kPage, prot, flags, fd_, offset);
    return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
  }
  char byte_at(off_t offset) {
    char byte = '?';
    return pread(fd_, &byte, 1, offset) == 1 ? byte : '!';
  }

  int fd_ = -1;
  std::string path_;
};

TEST_F(SharedFile, StoresAreWritesAndWritesAreSeen) {
  char* const at = map(1);
  ASSERT_NE(at, nullptr);
  EXPECT_EQ(memcmp(at, "0123456789", 10), 0);
  at[3] = 'x';
  EXPECT_EQ(byte_at(3), 'x');
  ASSERT_EQ(pwrite(fd_, "yz", 2, 5), 2);
  EXPECT_EQ(memcmp(at, "012x4yz789", 10), 0);
  const char* const other = map(1, PROT_READ);
  const int again = open(path_.c_str(), O_RDWR);
  at[0] = 'a';
  EXPECT_EQ(other[0], 'a');
  char text[11] = {};
  EXPECT_EQ(read(again, text, 10), 10);
  EXPECT_STREQ(text, "a12x4yz789");
  close(again);
  // The size is what write() made it, not what was mapped.
  struct stat status;
  ASSERT_EQ(fstat(fd_, &status), 0);
  EXPECT_EQ(status.st_size, 10);
}

TEST_F(SharedFile, ParentAndChildSeeOneContent) {
  char* const at = map(1);
  Shared<std::atomic<int>> go;
  const pid_t child = start_child([&] {
    at[0] = 'c';
    wait_until(*go);
    CHILD_CHECK(at[1] == 'p');
    char* const own = map(1);
    CHILD_CHECK(own[0] == 'c' && own[1] == 'p');
    return 0;
  });
  at[1] = 'p';
  *go = 1;
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(byte_at(0), 'c');
  EXPECT_EQ(byte_at(1), 'p');
}

TEST_F(SharedFile, AMappingKeepsAnUnlinkedFile) {
  char* const at = map(1);
  ASSERT_EQ(unlink(path_.c_str()), 0);
  close(fd_);
  fd_ = -1;
  EXPECT_EQ(open(path_.c_str(), O_RDONLY), -1);
  at[4] = 'k';
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(at[4] == 'k');
              at[5] = 'l';
              return munmap(at, kPage);
            }),
            0);
  EXPECT_EQ(at[5], 'l');
  EXPECT_EQ(munmap(at, kPage), 0);
}

TEST_F(SharedFile, BeyondItsEndIsSigbusUntilItGrows) {
  char* const at = map(3);
  EXPECT_EQ(at[10], 0);
  EXPECT_EQ(load(at + kPage), -SIGBUS);
  EXPECT_EQ(pwrite(1, at + kPage, 1, 0), -1);
  ASSERT_EQ(ftruncate(fd_, 2 * kPage), 0);
  EXPECT_EQ(at[kPage], 0);
  at[kPage + 5] = 'g';
  EXPECT_EQ(byte_at(kPage + 5), 'g');
  EXPECT_EQ(load(at + 2 * kPage), -SIGBUS);
  ASSERT_EQ(pwrite(fd_, "end", 3, 3 * kPage - 3), 3);
  EXPECT_EQ(memcmp(at + 3 * kPage - 3, "end", 3), 0);
}

TEST_F(SharedFile, WhatIsCutOffIsGoneForEveryMapping) {
  ASSERT_EQ(ftruncate(fd_, 3 * kPage), 0);
  char* const shared = map(3);
  char* const mine = map(3, kReadWrite, MAP_PRIVATE);
  memset(shared, 's', 3 * kPage);
  mine[0] = mine[2 * kPage] = 'm';
  ASSERT_EQ(ftruncate(fd_, kPage + 100), 0);
  EXPECT_EQ(load(shared + 2 * kPage), -SIGBUS);
  EXPECT_EQ(load(mine + 2 * kPage), -SIGBUS) << "private pages, too";
  EXPECT_EQ(shared[kPage + 99], 's');
  EXPECT_EQ(shared[kPage + 100], 0) << "the rest of the last page is zero";
  EXPECT_EQ(mine[0], 'm');
  ASSERT_EQ(ftruncate(fd_, 3 * kPage), 0);
  EXPECT_EQ(shared[kPage + 100], 0);
  EXPECT_EQ(shared[2 * kPage], 0);
  EXPECT_EQ(mine[2 * kPage], 0);
  EXPECT_EQ(byte_at(2 * kPage), 0);
  ASSERT_EQ(ftruncate(fd_, 0), 0);
  EXPECT_EQ(load(shared), -SIGBUS);
  EXPECT_EQ(load(mine), -SIGBUS);
}

TEST_F(SharedFile, AChildsMappingIsCutOffToo) {
  ASSERT_EQ(ftruncate(fd_, 2 * kPage), 0);
  char* const at = map(2);
  at[kPage] = 1;
  Shared<std::atomic<int>> go;
  const pid_t child = start_child([&] {
    CHILD_CHECK(at[kPage] == 1);
    wait_until(*go);
    return at[kPage];
  });
  ASSERT_EQ(ftruncate(fd_, kPage), 0);
  *go = 1;
  EXPECT_EQ(wait_for(child), -SIGBUS);
}

TEST_F(SharedFile, PrivateWritesStayPrivate) {
  char* const mine = map(1, kReadWrite, MAP_PRIVATE);
  mine[0] = 'm';
  EXPECT_EQ(byte_at(0), '0');
  ASSERT_EQ(pwrite(fd_, "w", 1, 1), 1);
  EXPECT_EQ(mine[1], '1') << "the page has been copied";
  EXPECT_EQ(mine[0], 'm');
  ASSERT_EQ(madvise(mine, kPage, MADV_DONTNEED), 0);
  EXPECT_EQ(memcmp(mine, "0w23456789", 10), 0);
}

TEST_F(SharedFile, ProtectionFollowsHowItWasOpened) {
  char* const at = map(1, PROT_READ);
  EXPECT_EQ(run_child([&] {
              at[0] = 1;
              return 0;
            }),
            -SIGSEGV);
  ASSERT_EQ(mprotect(at, kPage, kReadWrite), 0);
  at[0] = 'w';
  EXPECT_EQ(byte_at(0), 'w');
  ASSERT_EQ(mprotect(at, kPage, PROT_NONE), 0);
  EXPECT_EQ(load(at), -SIGSEGV);
  ASSERT_EQ(mprotect(at, kPage, PROT_READ), 0);
  EXPECT_EQ(at[0], 'w');

  const int read_only = open(path_.c_str(), O_RDONLY);
  EXPECT_EQ(mmap(nullptr, kPage, kReadWrite, MAP_SHARED, read_only, 0),
            MAP_FAILED);
  EXPECT_EQ(errno, EACCES);
  void* const view = mmap(nullptr, kPage, PROT_READ, MAP_SHARED, read_only, 0);
  ASSERT_NE(view, MAP_FAILED);
  EXPECT_EQ(mprotect(view, kPage, kReadWrite), -1);
  EXPECT_EQ(errno, EACCES);
  void* const copy =
      mmap(nullptr, kPage, kReadWrite, MAP_PRIVATE, read_only, 0);
  EXPECT_NE(copy, MAP_FAILED);
  const int write_only = open(path_.c_str(), O_WRONLY);
  EXPECT_EQ(mmap(nullptr, kPage, PROT_READ, MAP_SHARED, write_only, 0),
            MAP_FAILED);
  EXPECT_EQ(errno, EACCES);
  close(read_only);
  close(write_only);
}

TEST_F(SharedFile, HolesAreZerosAndTakeStores) {
  constexpr size_t kPages = 600;
  ASSERT_EQ(ftruncate(fd_, kPages * kPage), 0);
  char* const at = map(kPages);
  for (size_t i = 1; i < kPages; i += 7) ASSERT_EQ(at[i * kPage], 0) << i;
  at[599 * kPage + 8] = 'h';
  at[300 * kPage] = 'i';
  EXPECT_EQ(byte_at(599 * kPage + 8), 'h');
  EXPECT_EQ(byte_at(300 * kPage), 'i');
  EXPECT_EQ(byte_at(301 * kPage), 0);
  ASSERT_EQ(munmap(at, kPages * kPage), 0);
  EXPECT_EQ(byte_at(599 * kPage + 8), 'h');
}

TEST_F(SharedFile, ReadAndWriteTakeMappedBuffers) {
  ASSERT_EQ(ftruncate(fd_, 4 * kPage), 0);
  char* const at = map(4);
  memset(at + kPage, 'b', kPage);
  EXPECT_EQ(pwrite(fd_, at + kPage, kPage, 2 * kPage),
            static_cast<ssize_t>(kPage));
  EXPECT_EQ(at[3 * kPage - 1], 'b');
  EXPECT_EQ(pread(fd_, at + 3 * kPage, kPage, kPage),
            static_cast<ssize_t>(kPage));
  EXPECT_EQ(byte_at(3 * kPage + 17), 'b');
}

TEST_F(SharedFile, GrowsWithMremap) {
  ASSERT_EQ(ftruncate(fd_, 3 * kPage), 0);
  ASSERT_EQ(pwrite(fd_, "3", 1, 2 * kPage), 1);
  char* const at = map(1);
  char* const grown =
      static_cast<char*>(mremap(at, kPage, 3 * kPage, MREMAP_MAYMOVE));
  ASSERT_NE(static_cast<void*>(grown), MAP_FAILED);
  EXPECT_EQ(grown[0], '0');
  EXPECT_EQ(grown[2 * kPage], '3');
  // Of length 0: once more.
  char* const twice =
      static_cast<char*>(mremap(grown, 0, 2 * kPage, MREMAP_MAYMOVE));
  ASSERT_NE(static_cast<void*>(twice), MAP_FAILED);
  grown[5] = 't';
  EXPECT_EQ(twice[5], 't');
}

TEST_F(SharedFile, OffsetsAndPopulation) {
  ASSERT_EQ(ftruncate(fd_, 4 * kPage), 0);
  ASSERT_EQ(pwrite(fd_, "q", 1, 3 * kPage), 1);
  char* const at = map(2, kReadWrite, MAP_SHARED | MAP_POPULATE, 2 * kPage);
  unsigned char there[2] = {};
  ASSERT_EQ(mincore(at, 2 * kPage, there), 0);
  EXPECT_EQ(there[0] & there[1] & 1, 1);
  EXPECT_EQ(at[kPage], 'q');
  // Split and joined again it stays the same file.
  ASSERT_EQ(mprotect(at + kPage, kPage, PROT_READ), 0);
  ASSERT_EQ(mprotect(at + kPage, kPage, kReadWrite), 0);
  at[kPage] = 'r';
  EXPECT_EQ(byte_at(3 * kPage), 'r');
}

TEST_F(SharedFile, MsyncChecksItsArguments) {
  char* const at = map(2);
  at[0] = 's';
  EXPECT_EQ(msync(at, 10, MS_SYNC), 0);
  EXPECT_EQ(msync(at, 2 * kPage, MS_ASYNC | MS_INVALIDATE), 0);
  EXPECT_EQ(msync(at, 0, 0), 0);
  EXPECT_EQ(msync(at, kPage, MS_SYNC | MS_ASYNC), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(msync(at, kPage, 8), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(msync(at + 1, kPage, MS_SYNC), -1);
  EXPECT_EQ(errno, EINVAL);
  ASSERT_EQ(munmap(at + kPage, kPage), 0);
  EXPECT_EQ(msync(at, 2 * kPage, MS_SYNC), -1);
  EXPECT_EQ(errno, ENOMEM);
}

TEST_F(SharedFile, ManyProcessesOfOneFile) {
  ASSERT_EQ(ftruncate(fd_, 16 * kPage), 0);
  char* const at = map(16);
  pid_t children[8];
  for (int i = 0; i < 8; ++i) {
    children[i] = start_child([&, i] {
      for (size_t page = 0; page < 16; ++page) {
        __atomic_fetch_add(reinterpret_cast<int*>(at + page * kPage), i + 1,
                           __ATOMIC_RELAXED);
      }
      return 0;
    });
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  for (size_t page = 1; page < 16; ++page) {
    int sum;
    ASSERT_EQ(pread(fd_, &sum, sizeof(sum), static_cast<off_t>(page * kPage)),
              static_cast<ssize_t>(sizeof(sum)));
    EXPECT_EQ(sum, 36);
  }
}

// What a private mapping has not written it shows as the file has it: a hole,
// too, and what is written there afterwards.
TEST(PrivateFile, ShowsHolesThatAreMadeLater) {
  const int fd = memfd_create("holes", 0);
  const std::string text(4 * kPage, 'a');
  ASSERT_EQ(write(fd, text.data(), text.size()),
            static_cast<ssize_t>(text.size()));
  const auto map = [fd](int kind) {
    return static_cast<volatile char*>(
        mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE, kind, fd, 0));
  };
  volatile char* const own = map(MAP_PRIVATE);
  volatile char* const shared = map(MAP_SHARED);
  for (size_t page = 0; page < 4; ++page) EXPECT_EQ(own[page * kPage], 'a');
  own[kPage] = 'b';
  ASSERT_EQ(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, kPage / 2,
                      2 * kPage + kPage / 2),
            0);
  EXPECT_EQ(own[0], 'a');
  EXPECT_EQ(own[kPage - 1], 0);
  EXPECT_EQ(own[kPage], 'b') << "its own copy";
  EXPECT_EQ(own[2 * kPage - 1], 'a');
  EXPECT_EQ(own[2 * kPage], 0);
  EXPECT_EQ(own[3 * kPage], 'a');
  EXPECT_EQ(shared[kPage], 0);
  shared[2 * kPage] = 'c';
  EXPECT_EQ(own[2 * kPage], 'c');
  char* const third = const_cast<char*>(shared) + 3 * kPage;
  ASSERT_EQ(madvise(third, kPage, MADV_REMOVE), 0);
  EXPECT_EQ(own[3 * kPage], 0);
  munmap(const_cast<char*>(own), 4 * kPage);
  munmap(const_cast<char*>(shared), 4 * kPage);
  close(fd);
}

TEST(SharedMemory, RemoveMakesZerosOfIt) {
  char* const at = static_cast<char*>(
      mmap(nullptr, 4 * kPage, kReadWrite, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  memset(at, 'a', 4 * kPage);
  EXPECT_EQ(run_child([&] { return madvise(at + kPage, kPage, MADV_REMOVE); }),
            0);
  EXPECT_EQ(at[kPage - 1], 'a');
  EXPECT_EQ(at[kPage], 0);
  EXPECT_EQ(at[2 * kPage], 'a');
  char* const own = static_cast<char*>(
      mmap(nullptr, kPage, kReadWrite, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  EXPECT_EQ(madvise(own, kPage, MADV_REMOVE), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(madvise(own, kPage, 99), -1);
  EXPECT_EQ(errno, EINVAL);
}

}  // namespace
}  // namespace tine::guest
