// RLIMIT_AS and RLIMIT_DATA bound what a process maps, and its children.
// feature-map: 73
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

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

// /proc/self/status, in bytes.
size_t bytes_of(const char* name) {
  FILE* const file = fopen("/proc/self/status", "r");
  char line[256];
  size_t kib = 0;
  while (fgets(line, sizeof(line), file) != nullptr) {
    if (strncmp(line, name, strlen(name)) == 0) {
      kib = strtoul(line + strlen(name) + 1, nullptr, 10);
    }
  }
  fclose(file);
  return kib * 1024;
}

// At its limit a program can still put new memory where it has some.
TEST(MemoryLimits, WhatIsReplacedDoesNotCount) {
  constexpr int kWritable = PROT_READ | PROT_WRITE;
  for (const auto& [resource, name] :
       {std::pair{RLIMIT_AS, "VmSize:"}, std::pair{RLIMIT_DATA, "VmData:"}}) {
    EXPECT_EQ(
        run_child([&] {
          void* const at = mmap(nullptr, kMiB, kWritable,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
          bytes_of(name);  // takes what reading takes
          const size_t now = bytes_of(name);
          const struct rlimit limit{now, now};
          CHILD_CHECK(setrlimit(resource, &limit) == 0);
          CHILD_CHECK(!can_map(kMiB, kWritable, MAP_PRIVATE));
          CHILD_CHECK(mmap(at, kMiB, kWritable,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                           0) == at);
          CHILD_CHECK(mremap(at, kMiB, 2 * kMiB, MREMAP_MAYMOVE) == MAP_FAILED);
          CHILD_CHECK(errno == ENOMEM);
          CHILD_CHECK(munmap(at, kMiB) == 0);
          CHILD_CHECK(can_map(kMiB, kWritable, MAP_PRIVATE));
          return 0;
        }),
        0)
        << name;
  }
}

TEST(MemoryLimits, StacksAreNoData) {
  EXPECT_EQ(
      run_child([] {
        const struct rlimit limit{0, 0};
        CHILD_CHECK(setrlimit(RLIMIT_DATA, &limit) == 0);
        constexpr int kWritable = PROT_READ | PROT_WRITE;
        CHILD_CHECK(!can_map(4096, kWritable, MAP_PRIVATE));
        CHILD_CHECK(can_map(4096, kWritable, MAP_PRIVATE | MAP_GROWSDOWN));
        CHILD_CHECK(can_map(4096, kWritable, MAP_SHARED));
        return 0;
      }),
      0);
}

}  // namespace
}  // namespace tine::guest
