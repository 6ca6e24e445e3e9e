// After a fork each process has the memory of the moment of the fork, and
// private writes stay private, in both directions; shared mappings are shared.
// feature-map: 111, 125, 127, 129
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

constexpr size_t kMebibyte = size_t{1} << 20;
constexpr size_t kPage = 4096;

// A value for each byte that depends on who wrote it and where it lies.
uint8_t byte_of(unsigned writer, size_t at) {
  return static_cast<uint8_t>(writer * 37 + at * 11 + at / kPage * 5);
}
void fill(std::span<volatile uint8_t> memory, unsigned writer) {
  for (size_t i = 0; i < memory.size(); ++i) memory[i] = byte_of(writer, i);
}
bool holds(std::span<volatile uint8_t> memory, unsigned writer) {
  for (size_t i = 0; i < memory.size(); ++i) {
    if (memory[i] != byte_of(writer, i)) return false;
  }
  return true;
}

// A turn that two processes hand to each other.
class Turn {
 public:
  void pass_to(int whose) {
    __atomic_store_n(&*turn_, whose, __ATOMIC_RELEASE);
  }
  void await(int whose) {
    while (__atomic_load_n(&*turn_, __ATOMIC_ACQUIRE) != whose) sched_yield();
  }

 private:
  Shared<int> turn_;
};

// Both sides write all of `memory`, the parent first and the child first.
void check_both_directions(std::span<volatile uint8_t> memory) {
  for (const bool parent_first : {true, false}) {
    SCOPED_TRACE(parent_first ? "parent writes first" : "child writes first");
    Turn turn;
    fill(memory, 1);
    const pid_t child = start_child([&] {
      if (parent_first) turn.await(1);
      CHILD_CHECK(holds(memory, 1));
      fill(memory, 2);
      CHILD_CHECK(holds(memory, 2));
      if (!parent_first) {
        turn.pass_to(2);
        turn.await(1);
      }
      CHILD_CHECK(holds(memory, 2));
      return 0;
    });
    ASSERT_GT(child, 0);
    if (!parent_first) turn.await(2);
    EXPECT_TRUE(holds(memory, 1));
    fill(memory, 3);
    EXPECT_TRUE(holds(memory, 3));
    turn.pass_to(1);
    EXPECT_EQ(wait_for(child), 0);
    EXPECT_TRUE(holds(memory, 3));
  }
}

std::array<uint8_t, kMebibyte> data_section = {1};  // Initialised: .data.
std::array<uint8_t, kMebibyte> bss_section;         // Zero: .bss.

TEST(CopyOnWrite, Data) { check_both_directions(data_section); }
TEST(CopyOnWrite, Bss) { check_both_directions(bss_section); }

TEST(CopyOnWrite, Stack) {
  std::array<uint8_t, kMebibyte> on_stack;
  check_both_directions(on_stack);
}

TEST(CopyOnWrite, HeapByBrk) {
  auto* const heap = static_cast<uint8_t*>(sbrk(kMebibyte));
  ASSERT_NE(heap, reinterpret_cast<uint8_t*>(-1));
  check_both_directions({heap, kMebibyte});
}

TEST(CopyOnWrite, PrivateMapping) {
  void* const memory = mmap(nullptr, kMebibyte, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(memory, MAP_FAILED);
  check_both_directions({static_cast<uint8_t*>(memory), kMebibyte});
  EXPECT_EQ(munmap(memory, kMebibyte), 0);
}

// Neither process has touched the memory before the fork.
TEST(CopyOnWrite, FreshMemoryIsPrivateToo) {
  auto* const memory = static_cast<volatile uint8_t*>(
      mmap(nullptr, kMebibyte, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  EXPECT_EQ(run_child([memory] {
              for (size_t i = 0; i < kMebibyte; i += kPage) memory[i] = 9;
              return 0;
            }),
            0);
  for (size_t i = 0; i < kMebibyte; i += kPage) ASSERT_EQ(memory[i], 0);
  munmap(const_cast<uint8_t*>(memory), kMebibyte);
}

// Each process of the chain changes one page and leaves the rest to the next.
TEST(CopyOnWrite, AChainOfTenForks) {
  constexpr int kDepth = 10;
  static std::array<volatile int, kDepth * kPage / sizeof(int)> pages;
  const auto word = [](int level)->volatile int& {
    return pages[static_cast<size_t>(level) * kPage / sizeof(int)];
  };
  struct Chain {
    static int go(int level, decltype(word)& at) {
      if (level == kDepth) return 0;
      at(level) = 100 + level;
      const int deeper = run_child([level, &at] { return go(level + 1, at); });
      if (deeper != 0) return deeper;
      for (int i = 0; i < kDepth; ++i) {
        CHILD_CHECK(at(i) == (i <= level ? 100 + i : 0));
      }
      return 0;
    }
  };
  EXPECT_EQ(run_child([&word] { return Chain::go(0, word); }), 0);
  for (int i = 0; i < kDepth; ++i) EXPECT_EQ(word(i), 0);
}

// A page shared by three processes, written by each in turn, the oldest last.
TEST(CopyOnWrite, Grandchildren) {
  std::vector<uint8_t> memory(64 * kPage);
  fill(memory, 1);
  EXPECT_EQ(run_child([&] {
              const int grandchild = run_child([&] {
                CHILD_CHECK(holds(memory, 1));
                fill(memory, 3);
                CHILD_CHECK(holds(memory, 3));
                return 0;
              });
              CHILD_CHECK(grandchild == 0);
              CHILD_CHECK(holds(memory, 1));
              fill(memory, 2);
              CHILD_CHECK(holds(memory, 2));
              return 0;
            }),
            0);
  EXPECT_TRUE(holds(memory, 1));
}

// The grandchild still has the memory after the process between has gone.
TEST(CopyOnWrite, OutlivesTheProcessBetween) {
  std::vector<uint8_t> memory(16 * kPage);
  Shared<int> result;
  Turn turn;
  fill(memory, 1);
  EXPECT_EQ(run_child([&] {
              fill(memory, 2);
              start_child([&] {
                turn.await(1);
                *result = holds(memory, 2) ? 1 : 2;
                turn.pass_to(2);
                return 0;
              });
              return 0;
            }),
            0);
  turn.pass_to(1);
  turn.await(2);
  EXPECT_EQ(*result, 1);
  EXPECT_TRUE(holds(memory, 1));
}

TEST(CopyOnWrite, SharedMappingIsSeenBothWays) {
  constexpr size_t kWords = kMebibyte / sizeof(int);
  Shared<std::array<volatile int, kWords>> words;
  for (size_t i = 0; i < kWords; ++i) (*words)[i] = static_cast<int>(i);
  const int child = run_child([&] {
    for (size_t i = 0; i < kWords; ++i) {
      CHILD_CHECK((*words)[i] == static_cast<int>(i));
      (*words)[i] = -static_cast<int>(i);
    }
    return 0;
  });
  EXPECT_EQ(child, 0);
  for (size_t i = 0; i < kWords; ++i) {
    ASSERT_EQ((*words)[i], -static_cast<int>(i));
  }
}

// Untouched pages of a shared mapping are one page for all, whoever is first.
TEST(CopyOnWrite, SharedMappingIsSharedBeforeItsFirstTouch) {
  Shared<std::array<std::array<volatile uint8_t, kPage>, 32>> pages;
  EXPECT_EQ(run_child([&] {
              return run_child([&] {
                for (auto& page : *pages) page[7] = 42;
                return 0;
              });
            }),
            0);
  for (auto& page : *pages) ASSERT_EQ(page[7], 42);
}

// The kernel's own writes into a program's memory split a page as well.
TEST(CopyOnWrite, WritesByTheKernelArePrivate) {
  static std::array<int, kPage> status_page;
  for (int& word : status_page) word = -1;
  EXPECT_EQ(run_child([] {
              const pid_t child = start_child([] { return 77; });
              CHILD_CHECK(waitpid(child, &status_page[99], 0) == child);
              CHILD_CHECK(WEXITSTATUS(status_page[99]) == 77);
              return 0;
            }),
            0);
  EXPECT_EQ(status_page[99], -1);
}

}  // namespace
}  // namespace tine::guest
