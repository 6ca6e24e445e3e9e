// Other pages of an object at the same place of a shared mapping.
// feature-map: 127
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kPages = 8;

// 0 or the error.
int remap(void* at, size_t bytes, size_t page, int prot = 0, int flags = 0) {
  return syscall(SYS_remap_file_pages, at, bytes, prot, page, flags) == 0
             ? 0
             : errno;
}

// A file of kPages pages, of which each begins with its number.
class RemapFilePages : public testing::Test {
 protected:
  void SetUp() override {
    file_ = memfd_create("pages", 0);
    ASSERT_GE(file_, 0);
    ASSERT_EQ(ftruncate(file_, kPages * kPage), 0);
    at_ = map(MAP_SHARED);
    ASSERT_NE(at_, nullptr);
    for (size_t i = 0; i < kPages; ++i) at_[i * kPage] = static_cast<char>(i);
  }
  void TearDown() override {
    munmap(at_, kPages * kPage);
    close(file_);
  }
  char* map(int kind, size_t pages = kPages) const {
    void* const at =
        mmap(nullptr, pages * kPage, PROT_READ | PROT_WRITE, kind, file_, 0);
    return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
  }

  int file_ = -1;
  char* at_ = nullptr;
};

TEST_F(RemapFilePages, ShowsOtherPagesAtTheSamePlace) {
  ASSERT_EQ(remap(at_, kPage, 5), 0);
  EXPECT_EQ(at_[0], 5);
  EXPECT_EQ(at_[kPage], 1);
  at_[0] = 66;
  EXPECT_EQ(at_[5 * kPage], 66);
  ASSERT_EQ(remap(at_ + 2 * kPage, 3 * kPage, 0), 0);
  EXPECT_EQ(at_[2 * kPage], 0);
  EXPECT_EQ(at_[4 * kPage], 2);
  // And back, where each page is its own again.
  ASSERT_EQ(remap(at_, kPage, 0), 0);
  ASSERT_EQ(remap(at_ + 2 * kPage, 3 * kPage, 2), 0);
  for (size_t i = 0; i < 5; ++i) EXPECT_EQ(at_[i * kPage], static_cast<int>(i));
}

TEST_F(RemapFilePages, TurnsAWindowOver) {
  for (size_t i = 0; i < kPages; ++i) {
    ASSERT_EQ(remap(at_ + i * kPage, kPage, kPages - 1 - i, 0,
                    i % 2 == 0 ? MAP_NONBLOCK : 0),
              0);
  }
  for (size_t i = 0; i < kPages; ++i) {
    EXPECT_EQ(at_[i * kPage], static_cast<int>(kPages - 1 - i));
  }
  EXPECT_EQ(run_child([this] {
              at_[0] = 77;
              return at_[kPage];
            }),
            static_cast<int>(kPages - 2));
  char byte = 0;
  ASSERT_EQ(pread(file_, &byte, 1, (kPages - 1) * kPage), 1);
  EXPECT_EQ(byte, 77);
}

TEST_F(RemapFilePages, RoundsAddressAndSizeDown) {
  ASSERT_EQ(remap(at_ + 6 * kPage + 5, kPage + 7, 3), 0);
  EXPECT_EQ(at_[6 * kPage], 3);
  EXPECT_EQ(at_[7 * kPage], 7);
  EXPECT_EQ(remap(at_, kPage - 1, 3), EINVAL);
}

TEST_F(RemapFilePages, BeyondTheFileIsNothing) {
  ASSERT_EQ(remap(at_, kPage, kPages + 10), 0);
  EXPECT_EQ(run_child([this] { return *const_cast<volatile char*>(at_); }),
            -SIGBUS);
}

TEST_F(RemapFilePages, OfAnonymousMemoryThatIsShared) {
  auto* const at =
      static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE,
                              MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  at[kPage] = 8;
  ASSERT_EQ(remap(at, kPage, 1), 0);
  EXPECT_EQ(at[0], 8);
  // The last mapping of a page may go: the object stays.
  ASSERT_EQ(remap(at + kPage, kPage, 0), 0);
  EXPECT_EQ(at[kPage], 0);
  EXPECT_EQ(munmap(at, 2 * kPage), 0);
}

TEST_F(RemapFilePages, RightsStay) {
  ASSERT_EQ(mprotect(at_ + 3 * kPage, kPage, PROT_READ), 0);
  ASSERT_EQ(remap(at_ + 3 * kPage, kPage, 1), 0);
  EXPECT_EQ(at_[3 * kPage], 1);
  EXPECT_EQ(run_child([this] {
              at_[3 * kPage] = 9;
              return 0;
            }),
            -SIGSEGV);
  // A range of several rights is none.
  EXPECT_EQ(remap(at_ + 2 * kPage, 2 * kPage, 1), EINVAL);
}

TEST_F(RemapFilePages, Errors) {
  EXPECT_EQ(remap(at_, kPage, 1, PROT_READ), EINVAL);
  EXPECT_EQ(remap(at_, 0, 1), EINVAL);
  EXPECT_EQ(remap(at_, SIZE_MAX - kPage + 1, 1), EINVAL);
  EXPECT_EQ(remap(at_, 2 * kPage, SIZE_MAX), EINVAL);
  EXPECT_EQ(remap(reinterpret_cast<void*>(0x1000), kPage, 1), EINVAL);
  EXPECT_EQ(remap(at_ + 2 * kPage, 20 * kPage, 1), EINVAL);
  char* const apart = map(MAP_PRIVATE, 1);
  EXPECT_EQ(remap(apart, kPage, 1), EINVAL);
  munmap(apart, kPage);
  ASSERT_EQ(munmap(at_ + kPage, kPage), 0);
  EXPECT_EQ(remap(at_, 3 * kPage, 1), EINVAL);
  EXPECT_EQ(at_[0], 0);
}

}  // namespace
}  // namespace tine::guest
