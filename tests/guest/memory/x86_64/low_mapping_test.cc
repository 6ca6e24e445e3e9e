// MAP_32BIT: addresses below 2 GiB.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cerrno>
#include <cstdint>

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;
constexpr uintptr_t kGiB = uintptr_t{1} << 30;

void* map(void* hint, size_t bytes, int flags = 0) {
  return mmap(hint, bytes, PROT_READ | PROT_WRITE,
              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_32BIT | flags,
              -1, 0);
}

TEST(LowMapping, LiesBelow2GiB) {
  for (void* const hint :
       {static_cast<void*>(nullptr), reinterpret_cast<void*>(0x7000'0000'0000),
        reinterpret_cast<void*>(2 * kGiB)}) {
    void* const at = map(hint, 3 * kPage);
    ASSERT_NE(at, MAP_FAILED);
    const auto address = reinterpret_cast<uintptr_t>(at);
    EXPECT_LE(address + 3 * kPage, 2 * kGiB);
    EXPECT_GE(address, kGiB);
    *static_cast<volatile char*>(at) = 1;
    EXPECT_EQ(munmap(at, 3 * kPage), 0);
  }
}

TEST(LowMapping, TakesAHintThere) {
  void* const hint = reinterpret_cast<void*>(kGiB + 64 * kPage);
  EXPECT_EQ(map(hint, kPage), hint);
  EXPECT_NE(map(hint, kPage), hint);
  munmap(hint, kPage);
}

TEST(LowMapping, EndsWhenThereIsNoRoom) {
  EXPECT_EQ(map(nullptr, kGiB + kPage), MAP_FAILED);
  EXPECT_EQ(errno, ENOMEM);
  // Linux begins somewhere in the first 32 MiB.
  constexpr size_t kRest = size_t{64} << 20;
  void* const most = map(nullptr, kGiB - kRest);
  EXPECT_NE(most, MAP_FAILED);
  EXPECT_EQ(map(nullptr, kRest + kPage), MAP_FAILED);
  EXPECT_EQ(errno, ENOMEM);
  munmap(most, kGiB - kRest);
}

// A fixed address is a fixed address.
TEST(LowMapping, DoesNotMoveFixedOnes) {
  void* const high = reinterpret_cast<void*>(0x7000'0000'0000);
  EXPECT_EQ(map(high, kPage, MAP_FIXED), high);
  munmap(high, kPage);
}

}  // namespace
}  // namespace tine::guest
