// What a program says about fork: areas that a child does not get, or gets
// empty.
// feature-map: 122
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr char kValue = 7;

class ForkAdvice : public testing::Test {
 protected:
  void SetUp() override {
    void* const at = mmap(nullptr, 4 * kPage, PROT_READ | PROT_WRITE,
                          MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(at, MAP_FAILED);
    at_ = static_cast<char*>(at);
    memset(at_, kValue, 4 * kPage);
  }
  void TearDown() override { munmap(at_, 4 * kPage); }

  int in_child(size_t page) const {
    return run_child(
        [&] { return *static_cast<volatile char*>(at_ + page * kPage); });
  }

  char* at_ = nullptr;
};

TEST_F(ForkAdvice, DontforkLeavesAHoleInTheChildOnly) {
  ASSERT_EQ(madvise(at_ + kPage, kPage, MADV_DONTFORK), 0);
  EXPECT_EQ(in_child(0), kValue);
  EXPECT_EQ(in_child(1), -SIGSEGV);
  EXPECT_EQ(in_child(2), kValue);
  EXPECT_EQ(at_[kPage], kValue);
  ASSERT_EQ(madvise(at_, 4 * kPage, MADV_DOFORK), 0);
  EXPECT_EQ(in_child(1), kValue);
}

TEST_F(ForkAdvice, WipeonforkIsZeroInEveryGeneration) {
  ASSERT_EQ(madvise(at_ + kPage, kPage, MADV_WIPEONFORK), 0);
  EXPECT_EQ(in_child(0), kValue);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(at_[kPage] == 0);
              at_[kPage] = 5;
              CHILD_CHECK(in_child(1) == 0);
              return at_[kPage];
            }),
            5);
  EXPECT_EQ(at_[kPage], kValue);
  ASSERT_EQ(madvise(at_ + kPage, kPage, MADV_KEEPONFORK), 0);
  EXPECT_EQ(in_child(1), kValue);
}

TEST_F(ForkAdvice, IsRefusedWhereItMeansNothing) {
  void* const shared = mmap(nullptr, kPage, PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(shared, MAP_FAILED);
  EXPECT_EQ(madvise(shared, kPage, MADV_WIPEONFORK), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(madvise(shared, kPage, MADV_FREE), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(madvise(shared, kPage, MADV_DONTFORK), 0);
  EXPECT_EQ(run_child([&] { return *static_cast<volatile char*>(shared); }),
            -SIGSEGV);
  EXPECT_EQ(madvise(at_, SIZE_MAX, MADV_DONTFORK), -1);
  EXPECT_EQ(errno, EINVAL);
}

}  // namespace
}  // namespace tine::guest
