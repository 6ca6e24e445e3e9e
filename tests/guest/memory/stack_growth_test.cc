// Stacks grow downwards as they are touched, as far as limits and what lies
// below allow.
// feature-map: 117
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kMiB = size_t{1} << 20;
constexpr size_t kGuardGap = 256 * kPage;

// Somewhere in this thread's stack.
char* here() { return static_cast<char*>(__builtin_frame_address(0)); }

// How a child ends that writes so many bytes below its stack pointer.
int touch_below(size_t bytes) {
  return run_child([bytes] {
    volatile char* const at = here() - bytes;
    *at = 1;
    return *at == 1 ? 0 : 1;
  });
}

// Stack frames of half a page, one below the other.
[[gnu::noinline]] int descend(size_t bytes) {
  volatile char frame[2048];
  frame[0] = static_cast<char>(bytes);
  if (bytes < sizeof(frame)) return frame[0] == static_cast<char>(bytes);
  const int below = descend(bytes - sizeof(frame));
  return below != 0 && frame[0] == static_cast<char>(bytes);
}

void set_stack_limit(size_t bytes) {
  rlimit limit;
  CHILD_CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
  limit.rlim_cur = bytes;
  CHILD_CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
}

TEST(StackGrowth, GoesByTheLimitOfTheMoment) {
  EXPECT_EQ(touch_below(kMiB), 0);
  EXPECT_EQ(run_child([] { return descend(6 * kMiB) != 0 ? 0 : 1; }), 0);
  EXPECT_EQ(run_child([] {
              set_stack_limit(2 * kMiB);
              CHILD_CHECK(touch_below(kMiB) == 0);
              CHILD_CHECK(touch_below(3 * kMiB) == -SIGSEGV);
              set_stack_limit(16 * kMiB);
              CHILD_CHECK(touch_below(12 * kMiB) == 0);
              return touch_below(20 * kMiB) == -SIGSEGV ? 0 : 1;
            }),
            0);
}

TEST(StackGrowth, WhatWasPushedStaysAndAChildHasItsOwn) {
  EXPECT_EQ(run_child([] {
              char* const low = here() - 2 * kMiB;
              *low = 7;
              CHILD_CHECK(run_child([&] {
                            CHILD_CHECK(*low == 7);
                            *low = 8;
                            *(low - kMiB) = 1;
                            return 0;
                          }) == 0);
              CHILD_CHECK(*low == 7);
              return *(low - kMiB);
            }),
            0);
}

TEST(StackGrowth, ASystemCallGrowsItToo) {
  EXPECT_EQ(run_child([] {
              char* const low = here() - kMiB;
              CHILD_CHECK(chdir("/") == 0);
              CHILD_CHECK(syscall(SYS_getcwd, low, kPage) == 2);
              auto* const time = reinterpret_cast<timespec*>(low - kMiB);
              CHILD_CHECK(clock_getres(CLOCK_MONOTONIC, time) == 0);
              return std::memcmp(low, "/", 2);
            }),
            0);
}

TEST(StackGrowth, KeepsAGapToWhatLiesBelow) {
  EXPECT_EQ(run_child([] {
              char* const page =
                  here() - reinterpret_cast<uintptr_t>(here()) % kPage;
              void* const below = page - 4 * kMiB;
              CHILD_CHECK(mmap(below, kPage, PROT_READ | PROT_WRITE,
                               MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                               0) == below);
              const size_t most = 4 * kMiB - kPage - kGuardGap;
              CHILD_CHECK(run_child([&] {
                            page[-static_cast<ptrdiff_t>(most) + 64] = 1;
                            return 0;
                          }) == 0);
              CHILD_CHECK(run_child([&] {
                            page[-static_cast<ptrdiff_t>(most + kPage)] = 1;
                            return 0;
                          }) == -SIGSEGV);
              // What nobody can use may be reached.
              CHILD_CHECK(mprotect(below, kPage, PROT_NONE) == 0);
              page[-static_cast<ptrdiff_t>(most + kPage)] = 1;
              return 0;
            }),
            0);
}

TEST(StackGrowth, AddressSpaceLimitsIt) {
  EXPECT_EQ(run_child([] {
              rlimit limit{0, RLIM_INFINITY};
              CHILD_CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
              return touch_below(kMiB) == -SIGSEGV ? 0 : 1;
            }),
            0);
}

TEST(StackGrowth, OfMapGrowsdown) {
  char* const place = static_cast<char*>(
      mmap(nullptr, 8 * kMiB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(munmap(place, 8 * kMiB), 0);
  char* const stack = place + 4 * kMiB;
  ASSERT_EQ(
      mmap(stack, kPage, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_GROWSDOWN, -1, 0),
      stack);
  volatile char* const below = stack - 5 * kPage;
  *below = 3;
  EXPECT_EQ(*below, 3);
  EXPECT_EQ(*(stack - kPage), 0);
  // Protected from its lowest page on, wherever that is.
  ASSERT_EQ(mprotect(stack, kPage, PROT_READ | PROT_GROWSDOWN), 0);
  EXPECT_EQ(run_child([&] {
              *below = 4;
              return 0;
            }),
            -SIGSEGV);
  EXPECT_EQ(munmap(stack - 5 * kPage, 6 * kPage), 0);
  EXPECT_EQ(mmap(nullptr, kPage, PROT_READ,
                 MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0),
            MAP_FAILED);
}

// Where one may grow to is nothing given out, even if it is asked for; but it
// can be insisted on.
TEST(StackGrowth, ItsGapIsNotForOthers) {
  constexpr int kReadWrite = PROT_READ | PROT_WRITE;
  constexpr int kAnonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  char* const place =
      static_cast<char*>(mmap(nullptr, 4 * kMiB, PROT_NONE, kAnonymous, -1, 0));
  ASSERT_EQ(munmap(place, 4 * kMiB), 0);
  char* const stack = place + 2 * kMiB;
  ASSERT_EQ(mmap(stack, kPage, kReadWrite,
                 kAnonymous | MAP_FIXED | MAP_GROWSDOWN, -1, 0),
            stack);
  char* const near = stack - kGuardGap;
  void* const elsewhere = mmap(near, kPage, kReadWrite, kAnonymous, -1, 0);
  EXPECT_NE(elsewhere, near);
  void* const far = mmap(near - kPage, kPage, kReadWrite, kAnonymous, -1, 0);
  EXPECT_EQ(far, near - kPage);
  void* const fixed = mmap(stack - 2 * kPage, kPage, kReadWrite,
                           kAnonymous | MAP_FIXED_NOREPLACE, -1, 0);
  EXPECT_EQ(fixed, stack - 2 * kPage);
  EXPECT_EQ(run_child([stack] {
              *static_cast<volatile char*>(stack - kPage) = 1;
              return 0;
            }),
            -SIGSEGV);
  munmap(elsewhere, kPage);
  munmap(far, kPage);
  munmap(fixed, kPage);
  // From below it, protection begins with its lowest page.
  EXPECT_EQ(mprotect(stack - kPage, 2 * kPage, PROT_READ | PROT_GROWSDOWN), 0);
  EXPECT_EQ(mprotect(stack - kPage, kPage, PROT_READ | PROT_GROWSDOWN), -1);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(mprotect(stack, kPage, PROT_READ | PROT_GROWSUP), -1);
  EXPECT_EQ(errno, EINVAL);
  munmap(stack, kPage);
}

}  // namespace
}  // namespace tine::guest
