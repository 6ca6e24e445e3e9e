// Mode 2 of overcommit: nothing is promised that could not be kept. The machine
// has 128 MiB, of which half may be promised.
// feature-map: 123
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

char* map(size_t bytes, int prot = PROT_READ | PROT_WRITE, int flags = 0) {
  void* const at =
      mmap(nullptr, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
  return at == MAP_FAILED ? nullptr : static_cast<char*>(at);
}

TEST(StrictOvercommit, AForkThatMightNeedTooMuchIsRefused) {
  char* const at = map(40 * kMiB);
  ASSERT_NE(at, nullptr);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(fork(), -1);
    EXPECT_EQ(errno, ENOMEM);
  }
  ASSERT_EQ(munmap(at, 20 * kMiB), 0);
  EXPECT_EQ(run_child([] { return 0; }), 0);
  // The ledger is what it was.
  char* const more = map(20 * kMiB);
  ASSERT_NE(more, nullptr);
  EXPECT_EQ(munmap(more, 20 * kMiB), 0);
  EXPECT_EQ(munmap(at + 20 * kMiB, 20 * kMiB), 0);
}

TEST(StrictOvercommit, WhatIsPromisedCanBeHad) {
  char* const at = map(50 * kMiB);
  ASSERT_NE(at, nullptr);
  EXPECT_EQ(map(20 * kMiB), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(map(20 * kMiB, PROT_READ | PROT_WRITE, MAP_NORESERVE), nullptr)
      << "not even so";
  std::memset(at, 1, 50 * kMiB);
  char* const view = map(20 * kMiB, PROT_READ);
  EXPECT_NE(view, nullptr) << "nothing can come to be written there";
  EXPECT_EQ(mprotect(view, 20 * kMiB, PROT_READ | PROT_WRITE), -1);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(sbrk(20 * kMiB), reinterpret_cast<void*>(-1));
  EXPECT_EQ(munmap(at, 50 * kMiB), 0);
  EXPECT_EQ(mprotect(view, 20 * kMiB, PROT_READ | PROT_WRITE), 0);
  EXPECT_EQ(munmap(view, 20 * kMiB), 0);
}

}  // namespace
}  // namespace tine::guest
