// All memory is taken: who took it is killed, the others carry on.
// feature-map: 123
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstring>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr size_t kPiece = size_t{1} << 20;

uint8_t* map(size_t bytes, int flags = 0) {
  return static_cast<uint8_t*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1,
                                    0));
}

void nap() {
  const timespec span{0, 5'000'000};
  nanosleep(&span, nullptr);
}

// Takes memory by MAP_POPULATE, which gives what there is and kills nobody,
// until there is none, not even for a page table; then waits, so that others
// are the next to need some.
int hoard(std::atomic<int>& full) {
  while (map(kPiece, MAP_POPULATE) != MAP_FAILED) {
  }
  full = 1;
  for (;;) sleep(1000);
}

// `body` runs in a child that got its memory, untouched as yet, before all was
// taken.
template <typename Body>
void expect_survives(Body&& body) {
  Shared<std::atomic<int>> full;
  const pid_t bystander = start_child([&] {
    uint8_t* const mine = map(2 * kPiece);
    CHILD_CHECK(mine != MAP_FAILED);
    while (*full == 0) nap();
    return body(mine);
  });
  const pid_t hoarder = start_child([&] { return hoard(*full); });
  ASSERT_GT(bystander, 0);
  ASSERT_GT(hoarder, 0);
  EXPECT_EQ(wait_for(bystander), 0);
  EXPECT_EQ(wait_for(hoarder), -SIGKILL);
}

TEST(OutOfMemory, AProgramThatTakesAllIsKilled) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(run_child([] {
                for (;;) {
                  uint8_t* const piece = map(kPiece);
                  if (piece == MAP_FAILED) return 1;
                  std::memset(piece, 1, kPiece);
                }
              }),
              -SIGKILL);
  }
}

TEST(OutOfMemory, TheOneThatFaultsIsNotTheOneKilled) {
  expect_survives([](uint8_t* mine) {
    std::memset(mine, 7, 2 * kPiece);
    for (size_t at = 0; at < 2 * kPiece; at += kPage) {
      CHILD_CHECK(mine[at] == 7);
    }
    return 0;
  });
}

TEST(OutOfMemory, NorTheOneThatMakesACall) {
  expect_survives([](uint8_t* mine) {
    const int zero = open("/dev/zero", O_RDONLY);
    CHILD_CHECK(zero >= 0);
    for (size_t at = 0; at < 2 * kPiece; at += 2 * kPage) {
      CHILD_CHECK(read(zero, mine + at, kPage) == static_cast<ssize_t>(kPage));
      auto* const now = reinterpret_cast<timespec*>(mine + at + kPage);
      CHILD_CHECK(clock_getres(CLOCK_MONOTONIC, now) == 0);
    }
    return 0;
  });
}

// Page tables that a child shares have to be copied for it.
TEST(OutOfMemory, NorTheOneThatGivesMemoryBack) {
  Shared<std::atomic<int>> full;
  const pid_t bystander = start_child([&] {
    uint8_t* const mine = map(8 * kPiece);
    CHILD_CHECK(mine != MAP_FAILED);
    std::memset(mine, 5, 8 * kPiece);
    const pid_t sharer = start_child([] {
      for (;;) sleep(1000);
      return 0;
    });
    while (*full == 0) nap();
    for (size_t at = 0; at < 8 * kPiece; at += kPiece / 2) {
      CHILD_CHECK(munmap(mine + at, kPage) == 0);
      CHILD_CHECK(madvise(mine + at + kPage, kPage, MADV_DONTNEED) == 0);
      CHILD_CHECK(mine[at + 2 * kPage] == 5);
      CHILD_CHECK(mine[at + kPage] == 0);
    }
    CHILD_CHECK(munmap(mine, 8 * kPiece) == 0);
    CHILD_CHECK(kill(sharer, SIGKILL) == 0);
    return wait_for(sharer) == -SIGKILL ? 0 : 1;
  });
  const pid_t hoarder = start_child([&] { return hoard(*full); });
  EXPECT_EQ(wait_for(bystander), 0);
  kill(hoarder, SIGKILL);
  EXPECT_EQ(wait_for(hoarder), -SIGKILL);
}

TEST(OutOfMemory, ManyTakersBesideABystander) {
  pid_t takers[6];
  for (pid_t& taker : takers) {
    taker = start_child([] {
      for (;;) {
        run_child([] {
          for (;;) {
            uint8_t* const piece = map(kPiece);
            if (piece == MAP_FAILED) return 1;
            std::memset(piece, 1, kPiece);
          }
        });
      }
      return 0;
    });
    ASSERT_GT(taker, 0);
  }
  EXPECT_EQ(run_child([] {
              uint8_t* const mine = map(kPiece);
              CHILD_CHECK(mine != MAP_FAILED);
              for (int round = 0; round < 20; ++round) {
                std::memset(mine, round, kPiece);
                nap();
                CHILD_CHECK(mine[kPiece / 2] == round);
              }
              return 0;
            }),
            0);
  for (const pid_t taker : takers) {
    kill(taker, SIGKILL);
    EXPECT_EQ(wait_for(taker), -SIGKILL);
  }
}

}  // namespace
}  // namespace tine::guest
