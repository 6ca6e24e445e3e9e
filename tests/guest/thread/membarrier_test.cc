// Barriers between threads, asked of the system.
#include <gtest/gtest.h>
#include <linux/membarrier.h>
#include <sys/syscall.h>

#include <atomic>
#include <thread>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

// The result, or minus the errno.
long membarrier(int command, unsigned flags = 0) {
  const long result = syscall(SYS_membarrier, command, flags, 0);
  return result < 0 ? -errno : result;
}

TEST(MemBarrier, TellsWhatThereIs) {
  constexpr long kAll = MEMBARRIER_CMD_GLOBAL |
                        MEMBARRIER_CMD_GLOBAL_EXPEDITED |
                        MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED |
                        MEMBARRIER_CMD_PRIVATE_EXPEDITED |
                        MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED;
  EXPECT_EQ(membarrier(MEMBARRIER_CMD_QUERY) & kAll, kAll);
  EXPECT_EQ(membarrier(MEMBARRIER_CMD_QUERY, 1), -EINVAL);
  EXPECT_EQ(membarrier(1 << 20), -EINVAL);
  EXPECT_EQ(membarrier(-1), -EINVAL);
  EXPECT_EQ(membarrier(MEMBARRIER_CMD_GLOBAL, 1), -EINVAL);
}

TEST(MemBarrier, ForAll) {
  EXPECT_EQ(membarrier(MEMBARRIER_CMD_GLOBAL), 0);
  EXPECT_EQ(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED), 0);
  EXPECT_EQ(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED), 0);
}

// What is for one process has to be registered, once for all its threads. A
// fork inherits it, another program begins anew.
TEST(MemBarrier, ForOneProcess) {
  const struct {
    int command;
    int registration;
  } kinds[] = {{MEMBARRIER_CMD_PRIVATE_EXPEDITED,
                MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED},
               {MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE,
                MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE}};
  for (const auto& kind : kinds) {
    EXPECT_EQ(run_child([&kind] {
                CHILD_CHECK(membarrier(kind.command) == -EPERM);
                CHILD_CHECK(membarrier(kind.registration) == 0);
                CHILD_CHECK(membarrier(kind.command) == 0);
                std::thread([&kind] {
                  CHILD_CHECK(membarrier(kind.command) == 0);
                }).join();
                CHILD_CHECK(run_child([&kind] {
                              return membarrier(kind.command) == 0 ? 0 : 1;
                            }) == 0);
                return 0;
              }),
              0);
  }
}

// Two threads that each write one word and read the other's, where only one of
// them has a barrier of its own and asks for one in the other.
TEST(MemBarrier, OrdersOthers) {
  EXPECT_EQ(
      run_child([] {
        CHILD_CHECK(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED) == 0);
        static std::atomic<int> first, second, round, done;
        static int seen_by_other;
        std::thread other([] {
          for (int i = 1; i <= 500; ++i) {
            while (round.load() != i) sched_yield();
            first.store(1, std::memory_order_relaxed);
            std::atomic_signal_fence(std::memory_order_seq_cst);
            seen_by_other = second.load(std::memory_order_relaxed);
            done.store(i);
          }
        });
        for (int i = 1; i <= 500; ++i) {
          first = 0;
          second = 0;
          round.store(i);
          second.store(1, std::memory_order_relaxed);
          CHILD_CHECK(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED) == 0);
          const int seen = first.load(std::memory_order_relaxed);
          while (done.load() != i) sched_yield();
          CHILD_CHECK(seen == 1 || seen_by_other == 1);
        }
        other.join();
        return 0;
      }),
      0);
}

}  // namespace
}  // namespace tine::guest
