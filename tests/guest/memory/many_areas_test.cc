// Memory in many areas, and sparse memory: limits, and what is left after.
// feature-map: 124
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

uint8_t* map(size_t bytes) {
  return static_cast<uint8_t*>(mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
                                    -1, 0));
}

// Gives every other page other rights until that is refused. How often it was
// not.
size_t shatter(uint8_t* memory, size_t pages) {
  for (size_t page = 0; page < pages; page += 2) {
    if (mprotect(memory + page * kPage, kPage, PROT_READ) != 0) return page;
  }
  return pages;
}

TEST(ManyAreas, TheirNumberIsLimited) {
  constexpr size_t kPages = 140'000;
  uint8_t* const memory = map(kPages * kPage);
  ASSERT_NE(memory, MAP_FAILED);
  EXPECT_LT(shatter(memory, kPages), size_t{65'530});
  EXPECT_EQ(errno, ENOMEM);
  memory[kPage] = 3;
  // To take areas away needs none.
  EXPECT_EQ(munmap(memory, kPages * kPage), 0);
}

// At the limit an area can become smaller, and go, but not become two.
TEST(ManyAreas, AtTheLimitNoneIsCut) {
  constexpr size_t kPages = 140'000;
  uint8_t* const memory = map(kPages * kPage);
  ASSERT_NE(memory, MAP_FAILED);
  const size_t shattered = shatter(memory, kPages);
  ASSERT_LT(shattered, kPages - 1000);
  uint8_t* hole = memory + (shattered + 500) * kPage;
  const auto make_hole = [&hole] {
    hole += 2 * kPage;
    return munmap(hole, kPage) == 0;
  };
  int holes = 0;
  while (make_hole()) ASSERT_LT(++holes, 10);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(munmap(memory + (kPages - 1) * kPage, kPage), 0) << "an end";
  EXPECT_FALSE(make_hole());
  EXPECT_EQ(munmap(memory, kPage), 0) << "a whole area";
  EXPECT_TRUE(make_hole());
  EXPECT_FALSE(make_hole());
  EXPECT_EQ(munmap(memory, kPages * kPage), 0);
}

TEST(ManyAreas, OfManyProcessesAreForgottenWithThem) {
  constexpr size_t kPages = 8'000;
  pid_t holders[40];
  for (pid_t& holder : holders) {
    holder = start_child([] {
      uint8_t* const memory = map(kPages * kPage);
      if (memory != MAP_FAILED) shatter(memory, kPages);
      for (;;) sleep(1000);
      return 0;
    });
    ASSERT_GT(holder, 0);
  }
  // Beside them programs still start and map memory.
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(run_child([] { return map(kPage) == MAP_FAILED; }), 0);
  }
  for (const pid_t holder : holders) {
    kill(holder, SIGKILL);
    EXPECT_EQ(wait_for(holder), -SIGKILL);
  }
  pid_t small[100];
  for (pid_t& child : small) {
    child = start_child([] {
      uint8_t* const memory = map(100 * kPage);
      return memory == MAP_FAILED || shatter(memory, 100) != 100;
    });
  }
  for (const pid_t child : small) EXPECT_EQ(wait_for(child), 0);
}

TEST(SparseMemory, HundredTebibytes) {
  constexpr uint64_t kBytes = uint64_t{100} << 40;
  uint8_t* const memory = map(kBytes);
  ASSERT_NE(memory, MAP_FAILED);
  for (const unsigned shift : {21U, 30U, 39U}) {
    for (uint64_t i = 1; i <= 50; ++i) memory[i << shift] = 1;
  }
  memory[kBytes - 1] = 9;
  EXPECT_EQ(run_child([memory] {
              memory[uint64_t{7} << 39] = 2;
              memory[uint64_t{77} << 30] = 2;
              CHILD_CHECK(munmap(memory + (uint64_t{1} << 40),
                                 uint64_t{50} << 40) == 0);
              return memory[kBytes - 1];
            }),
            9);
  EXPECT_EQ(memory[uint64_t{7} << 39], 1);
  EXPECT_EQ(memory[uint64_t{77} << 30], 0);
  EXPECT_EQ(munmap(memory, kBytes), 0);
}

}  // namespace
}  // namespace tine::guest
