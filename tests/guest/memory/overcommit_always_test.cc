// Mode 1 of overcommit: everything is promised.
// feature-map: 123
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

TEST(AlwaysOvercommit, ATebibyteIsPromisedAndForked) {
  constexpr size_t kTebibyte = size_t{1} << 40;
  void* const at = mmap(nullptr, kTebibyte, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(at, MAP_FAILED);
  char* const bytes = static_cast<char*>(at);
  bytes[0] = bytes[kTebibyte / 2] = bytes[kTebibyte - 1] = 1;
  EXPECT_EQ(run_child([&] {
              bytes[kTebibyte / 3] = 2;
              return bytes[kTebibyte / 2] + bytes[kTebibyte - 1];
            }),
            2);
  EXPECT_EQ(bytes[kTebibyte / 3], 0);
  EXPECT_EQ(munmap(at, kTebibyte), 0);
}

}  // namespace
}  // namespace tine::guest
