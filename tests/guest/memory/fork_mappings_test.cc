// A fork of every kind of mapping: what the child finds there, and what its
// stores change for its parent.
// feature-map: 122, 124, 126, 127
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;
constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;

class ForkMappings : public testing::Test {
 protected:
  volatile uint8_t* map(size_t bytes, int flags, int fd = -1) {
    void* const at = mmap(nullptr, bytes, kReadWrite, flags, fd, 0);
    EXPECT_NE(at, MAP_FAILED);
    return static_cast<volatile uint8_t*>(at);
  }
  // A file of so many pages, each beginning with its number.
  int make_file(uint8_t pages) {
    const std::string name = directory_ / "file";
    const int fd = open(name.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    for (uint8_t page = 0; page < pages; ++page) {
      EXPECT_EQ(pwrite(fd, &page, 1, page * static_cast<off_t>(kPage)), 1);
    }
    EXPECT_EQ(ftruncate(fd, static_cast<off_t>(pages * kPage)), 0);
    return fd;
  }

 private:
  TemporaryDirectory directory_;
};

void* untyped(volatile uint8_t* at) { return const_cast<uint8_t*>(at); }

// What a child reads there; -SIGSEGV or -SIGBUS.
int seen_by_child(volatile uint8_t* at) {
  return run_child([at] { return *at; });
}
// What it reads there after it has added one.
int added_by_child(volatile uint8_t* at) {
  return run_child([at] {
    *at = static_cast<uint8_t>(*at + 1);
    return *at;
  });
}

TEST_F(ForkMappings, PrivateFile) {
  const int fd = make_file(2);
  volatile uint8_t* const at = map(4 * kPage, MAP_PRIVATE, fd);
  EXPECT_EQ(added_by_child(at + kPage), 2) << "not touched before";
  EXPECT_EQ(at[kPage], 1);
  at[kPage] = 7;
  EXPECT_EQ(added_by_child(at + kPage), 8) << "its parent's copy";
  EXPECT_EQ(at[kPage], 7);
  uint8_t in_file = 0;
  EXPECT_EQ(pread(fd, &in_file, 1, kPage), 1);
  EXPECT_EQ(in_file, 1);
  EXPECT_EQ(seen_by_child(at + 2 * kPage), -SIGBUS);
  // A copy goes, too, when the file loses the page.
  EXPECT_EQ(run_child([at, fd] {
              CHILD_CHECK(ftruncate(fd, kPage) == 0);
              return at[kPage];
            }),
            -SIGBUS);
  EXPECT_EQ(seen_by_child(at + kPage), -SIGBUS);
  EXPECT_EQ(munmap(untyped(at), 4 * kPage), 0);
  close(fd);
}

TEST_F(ForkMappings, SharedFile) {
  const int fd = make_file(2);
  volatile uint8_t* const at = map(2 * kPage, MAP_SHARED, fd);
  volatile uint8_t* const own = map(2 * kPage, MAP_PRIVATE, fd);
  EXPECT_EQ(added_by_child(at + kPage), 2);
  EXPECT_EQ(at[kPage], 2);
  EXPECT_EQ(own[kPage], 2) << "which has copied nothing yet";
  EXPECT_EQ(added_by_child(own + kPage), 3);
  EXPECT_EQ(at[kPage], 2);
  EXPECT_EQ(munmap(untyped(at), 2 * kPage), 0);
  EXPECT_EQ(munmap(untyped(own), 2 * kPage), 0);
  close(fd);
}

TEST_F(ForkMappings, SharedAnonymous) {
  volatile uint8_t* const at = map(2 * kPage, MAP_SHARED | MAP_ANONYMOUS);
  EXPECT_EQ(run_child([at] { return added_by_child(at); }), 1);
  EXPECT_EQ(at[0], 1);
  EXPECT_EQ(munmap(untyped(at), 2 * kPage), 0);
}

TEST_F(ForkMappings, WithAdviceThatChanges) {
  volatile uint8_t* const at = map(3 * kPage, kAnonymous);
  for (uint8_t i = 0; i < 3; ++i) at[i * kPage] = static_cast<uint8_t>(i + 1);
  volatile uint8_t* const middle = at + kPage;
  ASSERT_EQ(madvise(untyped(middle), kPage, MADV_DONTFORK), 0);
  EXPECT_EQ(seen_by_child(at), 1);
  EXPECT_EQ(seen_by_child(middle), -SIGSEGV);
  EXPECT_EQ(seen_by_child(at + 2 * kPage), 3);
  ASSERT_EQ(madvise(untyped(middle), kPage, MADV_DOFORK), 0);
  EXPECT_EQ(seen_by_child(middle), 2);
  ASSERT_EQ(madvise(untyped(middle), kPage, MADV_WIPEONFORK), 0);
  ASSERT_EQ(mprotect(untyped(middle), kPage, PROT_READ), 0);
  EXPECT_EQ(seen_by_child(middle), 0);
  EXPECT_EQ(*middle, 2);
  ASSERT_EQ(madvise(untyped(middle), kPage, MADV_KEEPONFORK), 0);
  EXPECT_EQ(seen_by_child(middle), 2);
  // Not there is less than empty.
  ASSERT_EQ(madvise(untyped(middle), kPage, MADV_WIPEONFORK), 0);
  ASSERT_EQ(madvise(untyped(middle), kPage, MADV_DONTFORK), 0);
  EXPECT_EQ(seen_by_child(middle), -SIGSEGV);
  EXPECT_EQ(munmap(untyped(at), 3 * kPage), 0);
}

TEST_F(ForkMappings, Locked) {
  volatile uint8_t* const at = map(2 * kPage, kAnonymous);
  at[0] = 9;
  ASSERT_EQ(mlock(untyped(at), 2 * kPage), 0);
  EXPECT_EQ(added_by_child(at), 10);
  EXPECT_EQ(at[0], 9);
  EXPECT_EQ(run_child([at] {
              // The child's is not locked.
              return madvise(untyped(at), kPage, MADV_DONTNEED) == 0 ? at[0]
                                                                     : 1;
            }),
            0);
  EXPECT_EQ(munmap(untyped(at), 2 * kPage), 0);
}

TEST_F(ForkMappings, OneThatGrowsDownwards) {
  volatile uint8_t* const room = map(600 * kPage, kAnonymous);
  ASSERT_EQ(munmap(untyped(room), 600 * kPage), 0);
  volatile uint8_t* const at = room + 598 * kPage;
  ASSERT_EQ(mmap(untyped(at), 2 * kPage, kReadWrite,
                 kAnonymous | MAP_GROWSDOWN | MAP_FIXED, -1, 0),
            untyped(at));
  EXPECT_EQ(added_by_child(at - kPage), 1) << "the child's has grown";
  EXPECT_EQ(added_by_child(at - kPage), 1) << "its parent's has not";
  *(at - kPage) = 5;
  EXPECT_EQ(added_by_child(at - kPage), 6);
  EXPECT_EQ(munmap(untyped(at - kPage), 3 * kPage), 0);
}

TEST_F(ForkMappings, WithoutRights) {
  volatile uint8_t* const at = map(2 * kPage, kAnonymous);
  at[0] = 8;
  ASSERT_EQ(mprotect(untyped(at), 2 * kPage, PROT_NONE), 0);
  EXPECT_EQ(seen_by_child(at), -SIGSEGV);
  EXPECT_EQ(run_child([at] {
              CHILD_CHECK(mprotect(untyped(at), kPage, kReadWrite) == 0);
              return at[0];
            }),
            8);
  ASSERT_EQ(mprotect(untyped(at), 2 * kPage, PROT_READ), 0);
  EXPECT_EQ(at[0], 8);
  EXPECT_EQ(munmap(untyped(at), 2 * kPage), 0);
}

TEST_F(ForkMappings, OfATebibyte) {
  constexpr size_t kBytes = size_t{1} << 40;
  volatile uint8_t* const at = map(kBytes, kAnonymous | MAP_NORESERVE);
  at[kBytes / 2] = 6;
  EXPECT_EQ(added_by_child(at + kBytes / 2), 7);
  EXPECT_EQ(added_by_child(at + kBytes - 1), 1);
  EXPECT_EQ(at[kBytes / 2], 6);
  EXPECT_EQ(at[kBytes - 1], 0);
  EXPECT_EQ(munmap(untyped(at), kBytes), 0);
}

TEST_F(ForkMappings, OfASealedFile) {
  const int fd = memfd_create("sealed", MFD_ALLOW_SEALING);
  ASSERT_EQ(ftruncate(fd, 2 * kPage), 0);
  volatile uint8_t* const at = map(2 * kPage, MAP_SHARED, fd);
  ASSERT_EQ(
      fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_GROW | F_SEAL_SHRINK),
      0);
  EXPECT_EQ(added_by_child(at), 1) << "a mapping from before";
  EXPECT_EQ(at[0], 1);
  EXPECT_EQ(run_child([fd] {
              CHILD_CHECK(mmap(nullptr, kPage, kReadWrite, MAP_SHARED, fd, 0) ==
                          MAP_FAILED);
              CHILD_CHECK(errno == EPERM);
              CHILD_CHECK(ftruncate(fd, 0) == -1 && errno == EPERM);
              // As long as anybody may write, it cannot be forbidden.
              CHILD_CHECK(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE) == -1);
              return errno == EBUSY ? 0 : 1;
            }),
            0);
  EXPECT_EQ(munmap(untyped(at), 2 * kPage), 0);
  EXPECT_EQ(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE), 0);
  close(fd);
}

// Each a fork later than the other: what was done between is its parent's own.
TEST_F(ForkMappings, MovedEmptiedAndReplacedAfterTheFork) {
  volatile uint8_t* at = map(2 * kPage, kAnonymous);
  at[0] = 3;
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const auto start_reader = [&] {
    return start_child([&] {
      char byte;
      CHILD_CHECK(read(ends[0], &byte, 1) == 1);
      return at[0];
    });
  };
  const auto result_of = [&](pid_t reader) {
    EXPECT_EQ(write(ends[1], "x", 1), 1);
    return wait_for(reader);
  };
  pid_t reader = start_reader();
  volatile uint8_t* const moved = static_cast<volatile uint8_t*>(
      mremap(untyped(at), 2 * kPage, 8 * kPage, MREMAP_MAYMOVE));
  ASSERT_NE(moved, MAP_FAILED);
  moved[0] = 4;
  EXPECT_EQ(result_of(reader), 3);
  at = moved;
  reader = start_reader();
  ASSERT_EQ(madvise(untyped(at), kPage, MADV_DONTNEED), 0);
  EXPECT_EQ(at[0], 0);
  EXPECT_EQ(result_of(reader), 4);
  at[0] = 5;
  reader = start_reader();
  ASSERT_NE(mmap(untyped(at), kPage, kReadWrite,
                 MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
            MAP_FAILED);
  at[0] = 6;
  EXPECT_EQ(result_of(reader), 5);
  reader = start_reader();
  ASSERT_EQ(munmap(untyped(at), 8 * kPage), 0);
  EXPECT_EQ(result_of(reader), 6);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
