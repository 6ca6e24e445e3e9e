// brk, mmap, munmap, mprotect of anonymous memory, and what faults.
// feature-map: 111, 122, 124, 129
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstring>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr int kPrivate = MAP_PRIVATE | MAP_ANONYMOUS;
constexpr int kReadWrite = PROT_READ | PROT_WRITE;

uint8_t* map(size_t length, int protection = kReadWrite, int flags = kPrivate,
             void* at = nullptr) {
  return static_cast<uint8_t*>(mmap(at, length, protection, flags, -1, 0));
}
uint8_t* const kFailed = static_cast<uint8_t*>(MAP_FAILED);

// How a child ends that loads from, or stores to, this address.
int load(const volatile uint8_t* at) {
  return run_child([at] {
    (void)*at;
    return 0;
  });
}
int store(volatile uint8_t* at) {
  return run_child([at] {
    *at = 1;
    return 0;
  });
}

uintptr_t raw_brk(uintptr_t end) {
  return static_cast<uintptr_t>(raw_syscall(SYS_brk, static_cast<long>(end)));
}

TEST(Brk, GrowsWithZeroedMemoryAndShrinks) {
  EXPECT_EQ(run_child([] {
              const uintptr_t start = raw_brk(0);
              const uintptr_t page = (start + kPage - 1) & ~(kPage - 1);
              CHILD_CHECK(raw_brk(page + 4 * kPage) == page + 4 * kPage);
              auto* const memory = reinterpret_cast<volatile uint8_t*>(page);
              for (size_t i = 0; i < 4 * kPage; ++i)
                CHILD_CHECK(memory[i] == 0);
              memory[0] = 1;
              memory[4 * kPage - 1] = 2;
              CHILD_CHECK(raw_brk(page + kPage) == page + kPage);
              CHILD_CHECK(memory[0] == 1);
              CHILD_CHECK(store(memory + kPage) == -SIGSEGV);
              // Memory given back and taken again is zero.
              CHILD_CHECK(raw_brk(page + 4 * kPage) == page + 4 * kPage);
              CHILD_CHECK(memory[4 * kPage - 1] == 0);
              return 0;
            }),
            0);
}

TEST(Brk, EndNeedNotBeAPageBoundary) {
  EXPECT_EQ(run_child([] {
              const uintptr_t start = raw_brk(0);
              CHILD_CHECK(raw_brk(start + 100) == start + 100);
              CHILD_CHECK(raw_brk(start + 99) == start + 99);
              return 0;
            }),
            0);
}

TEST(Brk, ARefusalGivesTheOldEnd) {
  const uintptr_t end = raw_brk(0);
  EXPECT_EQ(raw_brk(1), end);
  EXPECT_EQ(raw_brk(0xffff'8000'0000'0000), end);
  EXPECT_EQ(raw_brk(0x7fff'ffff'f000), end);
  EXPECT_EQ(raw_brk(0), end);
}

// Between the heap and what lies above it a page is left free.
TEST(Brk, EndsAPageBelowOthers) {
  EXPECT_EQ(
      run_child([] {
        const uintptr_t start = raw_brk(0);
        const uintptr_t page = (start + kPage - 1) & ~(kPage - 1);
        CHILD_CHECK(map(kPage, PROT_NONE, kPrivate | MAP_FIXED,
                        reinterpret_cast<void*>(page + 8 * kPage)) != kFailed);
        CHILD_CHECK(raw_brk(page + 8 * kPage) == start);
        CHILD_CHECK(raw_brk(page + 7 * kPage + 1) == start);
        CHILD_CHECK(raw_brk(page + 7 * kPage) == page + 7 * kPage);
        return 0;
      }),
      0);
}

TEST(Mmap, FreshMemoryIsZero) {
  constexpr size_t kLength = size_t{4} << 20;
  uint8_t* const memory = map(kLength);
  ASSERT_NE(memory, kFailed);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % kPage, 0U);
  for (size_t i = 0; i < kLength; i += 8) ASSERT_EQ(memory[i], 0);
  memset(memory, 0xff, kLength);
  EXPECT_EQ(munmap(memory, kLength), 0);
  // Nor does what somebody wrote come back.
  uint8_t* const again = map(kLength);
  for (size_t i = 0; i < kLength; i += 8) ASSERT_EQ(again[i], 0);
  EXPECT_EQ(munmap(again, kLength), 0);
}

TEST(Mmap, LengthIsRoundedUpToPages) {
  uint8_t* const memory = map(1);
  EXPECT_EQ(store(memory + kPage - 1), 0);
  EXPECT_EQ(munmap(memory, 1), 0);
  EXPECT_EQ(store(memory + kPage - 1), -SIGSEGV);
}

TEST(Mmap, FixedReplacesWhatIsThere) {
  uint8_t* const memory = map(3 * kPage);
  memset(memory, 7, 3 * kPage);
  EXPECT_EQ(map(kPage, kReadWrite, kPrivate | MAP_FIXED, memory + kPage),
            memory + kPage);
  EXPECT_EQ(memory[kPage - 1], 7);
  EXPECT_EQ(memory[kPage], 0);
  EXPECT_EQ(memory[2 * kPage], 7);
  munmap(memory, 3 * kPage);
}

TEST(Mmap, FixedNoReplaceRefusesWhatIsThere) {
  uint8_t* const memory = map(3 * kPage);
  munmap(memory + kPage, kPage);
  constexpr int kFlags = kPrivate | MAP_FIXED_NOREPLACE;
  EXPECT_EQ(map(2 * kPage, kReadWrite, kFlags, memory), kFailed);
  EXPECT_EQ(errno, EEXIST);
  EXPECT_EQ(map(kPage, kReadWrite, kFlags, memory + kPage), memory + kPage);
  munmap(memory, 3 * kPage);
}

TEST(Mmap, AHintThatIsFreeIsTaken) {
  uint8_t* const memory = map(16 * kPage);
  munmap(memory, 16 * kPage);
  uint8_t* const hinted = map(kPage, kReadWrite, kPrivate, memory + 4 * kPage);
  EXPECT_EQ(hinted, memory + 4 * kPage);
  uint8_t* const other = map(kPage, kReadWrite, kPrivate, hinted);
  EXPECT_NE(other, kFailed);
  EXPECT_NE(other, hinted);
  munmap(hinted, kPage);
  munmap(other, kPage);
}

TEST(Mmap, RefusesBadArguments) {
  const auto expect = [](int error, uint8_t* result) {
    EXPECT_EQ(result, kFailed);
    EXPECT_EQ(errno, error);
  };
  expect(EINVAL, map(0));
  expect(EINVAL, map(kPage, kReadWrite, MAP_ANONYMOUS));
  expect(EINVAL, map(kPage, kReadWrite, kPrivate | MAP_FIXED,
                     reinterpret_cast<void*>(0x10'0001)));
  expect(EBADF, static_cast<uint8_t*>(
                    mmap(nullptr, kPage, PROT_READ, MAP_PRIVATE, -1, 0)));
  expect(ENOMEM, map(SIZE_MAX - kPage));
  expect(ENOMEM, map(size_t{1} << 60));
  expect(ENOMEM, map(kPage, kReadWrite, kPrivate | MAP_FIXED,
                     reinterpret_cast<void*>(0xffff'8000'0000'0000)));
}

TEST(Mmap, HugePages) {
  const auto error_of = [](int flags, int fd) {
    const void* const at = mmap(nullptr, kPage, PROT_READ,
                                MAP_PRIVATE | MAP_HUGETLB | flags, fd, 0);
    return at == MAP_FAILED ? errno : 0;
  };
  // There may be none of a size, but some sizes never are.
  EXPECT_EQ(error_of(MAP_ANONYMOUS | 5 << 26, -1), EINVAL);
  EXPECT_EQ(error_of(MAP_ANONYMOUS | 63 << 26, -1), EINVAL);
  const int fd = memfd_create("small", 0);
  EXPECT_EQ(error_of(0, fd), EINVAL) << "its pages are small";
  close(fd);
}

TEST(Mmap, OffsetMustBeAPageBoundary) {
  EXPECT_EQ(raw_syscall(SYS_mmap, 0, kPage, kReadWrite, kPrivate, -1, 100),
            -EINVAL);
}

TEST(Munmap, OfTheMiddleLeavesBothEnds) {
  uint8_t* const memory = map(5 * kPage);
  memset(memory, 3, 5 * kPage);
  EXPECT_EQ(munmap(memory + kPage, 3 * kPage), 0);
  EXPECT_EQ(load(memory + kPage - 1), 0);
  EXPECT_EQ(load(memory + kPage), -SIGSEGV);
  EXPECT_EQ(load(memory + 4 * kPage - 1), -SIGSEGV);
  EXPECT_EQ(memory[4 * kPage], 3);
  EXPECT_EQ(munmap(memory, 5 * kPage), 0);
  EXPECT_EQ(load(memory), -SIGSEGV);
}

TEST(Munmap, OfNothingSucceeds) {
  uint8_t* const memory = map(kPage);
  EXPECT_EQ(munmap(memory, kPage), 0);
  EXPECT_EQ(munmap(memory, kPage), 0);
}

TEST(Munmap, RefusesBadArguments) {
  uint8_t* const memory = map(kPage);
  const auto expect_invalid = [](void* at, size_t length) {
    EXPECT_EQ(munmap(at, length), -1);
    EXPECT_EQ(errno, EINVAL);
  };
  expect_invalid(memory + 1, kPage);
  expect_invalid(memory, 0);
  expect_invalid(memory, SIZE_MAX);
  expect_invalid(reinterpret_cast<void*>(0xffff'8000'0000'0000), kPage);
  EXPECT_EQ(store(memory), 0);
  munmap(memory, kPage);
}

TEST(Mprotect, TakesAndGivesRights) {
  uint8_t* const memory = map(3 * kPage);
  memset(memory, 5, 3 * kPage);
  EXPECT_EQ(mprotect(memory + kPage, kPage, PROT_READ), 0);
  EXPECT_EQ(load(memory + kPage), 0);
  EXPECT_EQ(store(memory + kPage), -SIGSEGV);
  EXPECT_EQ(store(memory), 0);
  EXPECT_EQ(store(memory + 2 * kPage), 0);
  EXPECT_EQ(mprotect(memory + kPage, kPage, PROT_NONE), 0);
  EXPECT_EQ(load(memory + kPage), -SIGSEGV);
  EXPECT_EQ(mprotect(memory, 3 * kPage, kReadWrite), 0);
  EXPECT_EQ(memory[kPage], 5);
  memory[kPage] = 6;
  EXPECT_EQ(memory[kPage], 6);
  munmap(memory, 3 * kPage);
}

// Rights given back to a page that is still shared after a fork must not make
// it writable in place.
TEST(Mprotect, KeepsForkedPagesApart) {
  uint8_t* const memory = map(kPage);
  memory[0] = 1;
  EXPECT_EQ(run_child([memory] {
              CHILD_CHECK(mprotect(memory, kPage, PROT_READ) == 0);
              CHILD_CHECK(mprotect(memory, kPage, kReadWrite) == 0);
              memory[0] = 2;
              return 0;
            }),
            0);
  EXPECT_EQ(memory[0], 1);
  munmap(memory, kPage);
}

TEST(Mprotect, RefusesBadArguments) {
  uint8_t* const memory = map(3 * kPage);
  munmap(memory + kPage, kPage);
  EXPECT_EQ(mprotect(memory + 1, kPage, PROT_READ), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(mprotect(memory, 3 * kPage, PROT_READ), -1);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(mprotect(memory, 0, PROT_READ), 0);
  munmap(memory, 3 * kPage);
}

TEST(Protection, NoneIsNone) {
  uint8_t* const memory = map(kPage, PROT_NONE);
  EXPECT_EQ(load(memory), -SIGSEGV);
  EXPECT_EQ(store(memory), -SIGSEGV);
  munmap(memory, kPage);
}

TEST(Protection, ReadOnlyFreshMemoryReadsZero) {
  uint8_t* const memory = map(kPage, PROT_READ);
  EXPECT_EQ(memory[100], 0);
  EXPECT_EQ(store(memory), -SIGSEGV);
  munmap(memory, kPage);
}

// The code of a function that only returns, copied to a page of data.
__attribute__((noinline, used)) void only_returns() { __asm__ volatile(""); }

TEST(Protection, DataDoesNotExecuteUntilAllowed) {
  uint8_t* const memory = map(kPage);
  memcpy(memory, reinterpret_cast<const void*>(&only_returns), 16);
  __builtin___clear_cache(reinterpret_cast<char*>(memory),
                          reinterpret_cast<char*>(memory + 16));
  const auto call = [memory] {
    reinterpret_cast<void (*)()>(memory)();
    return 0;
  };
  EXPECT_EQ(run_child(call), -SIGSEGV);
  EXPECT_EQ(mprotect(memory, kPage, PROT_READ | PROT_EXEC), 0);
  EXPECT_EQ(run_child(call), 0);
  EXPECT_EQ(store(memory), -SIGSEGV);
  munmap(memory, kPage);
}

TEST(Protection, StackDoesNotExecute) {
  uint8_t code[16];
  memcpy(code, reinterpret_cast<const void*>(&only_returns), sizeof code);
  EXPECT_EQ(run_child([&code] {
              reinterpret_cast<void (*)()>(&code[0])();
              return 0;
            }),
            -SIGSEGV);
}

// Recurses with a page of stack at each level; each level changes the frame
// above its own, so that no two can be one. Gives the number of wrong frames.
__attribute__((noinline)) int sink(int depth, volatile uint8_t* above) {
  volatile uint8_t frame[kPage];
  frame[0] = static_cast<uint8_t>(depth);
  *above = static_cast<uint8_t>(*above + 1);
  if (depth == 0) return 0;
  const int wrong = sink(depth - 1, frame);
  return wrong + (frame[0] == static_cast<uint8_t>(depth + 1) ? 0 : 1);
}
int sink(int depth) {
  uint8_t top = 0;
  return sink(depth, &top);
}

TEST(Stack, GrowsByMebibytes) {
  EXPECT_EQ(run_child([] { return sink(1000); }), 0);
  EXPECT_EQ(sink(500), 0);
}

TEST(Stack, EndsWithASignal) {
  EXPECT_EQ(run_child([] {
              // Not to depend on a shell's "unlimited".
              rlimit limit;
              CHILD_CHECK(getrlimit(RLIMIT_STACK, &limit) == 0);
              limit.rlim_cur = std::min(limit.rlim_cur, rlim_t{8} << 20);
              CHILD_CHECK(setrlimit(RLIMIT_STACK, &limit) == 0);
              return sink(100'000);
            }),
            -SIGSEGV);
}

}  // namespace
}  // namespace tine::guest
