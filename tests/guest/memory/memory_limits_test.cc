// RLIMIT_AS and RLIMIT_DATA bound what a process maps, and its children.
// feature-map: 73
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

bool can_map(size_t bytes, int prot, int kind) {
  errno = 0;
  return mmap(nullptr, bytes, prot, kind | MAP_ANONYMOUS, -1, 0) != MAP_FAILED;
}

TEST(MemoryLimits, OfTheAddressSpaceCountEverything) {
  EXPECT_EQ(run_child([] {
              const struct rlimit limit{64 * kMiB, 64 * kMiB};
              CHILD_CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
              for (const int prot : {PROT_NONE, PROT_READ, PROT_WRITE}) {
                CHILD_CHECK(!can_map(100 * kMiB, prot, MAP_PRIVATE));
                CHILD_CHECK(errno == ENOMEM);
              }
              CHILD_CHECK(!can_map(100 * kMiB, PROT_READ, MAP_SHARED));
              CHILD_CHECK(can_map(kMiB, PROT_READ, MAP_PRIVATE));
              CHILD_CHECK(sbrk(100 * kMiB) == reinterpret_cast<void*>(-1));
              return run_child([] {
                CHILD_CHECK(!can_map(100 * kMiB, PROT_READ, MAP_PRIVATE));
                return 0;
              });
            }),
            0);
}

TEST(MemoryLimits, OfDataCountWhatIsPrivateAndWritable) {
  EXPECT_EQ(run_child([] {
              const struct rlimit limit{8 * kMiB, 8 * kMiB};
              CHILD_CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
              CHILD_CHECK(sbrk(16 * kMiB) == reinterpret_cast<void*>(-1));
              constexpr int kWritable = PROT_READ | PROT_WRITE;
              CHILD_CHECK(!can_map(16 * kMiB, kWritable, MAP_PRIVATE));
              CHILD_CHECK(errno == ENOMEM);
              CHILD_CHECK(can_map(16 * kMiB, PROT_READ, MAP_PRIVATE));
              CHILD_CHECK(can_map(kMiB, kWritable, MAP_PRIVATE));
              return 0;
            }),
            0);
}

}  // namespace
}  // namespace tine::guest
