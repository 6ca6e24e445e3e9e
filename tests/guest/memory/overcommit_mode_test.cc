// The modes of overcommit, chosen while the machine runs. It has 128 MiB.
// feature-map: 123
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <string>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kMiB = size_t{1} << 20;
const char* const kMode = "/proc/sys/vm/overcommit_memory";
const char* const kRatio = "/proc/sys/vm/overcommit_ratio";

// 0 or the error.
int put(const char* path, const std::string& text) {
  const int fd = open(path, O_WRONLY);
  if (fd < 0) return errno;
  const ssize_t written = write(fd, text.data(), text.size());
  const int error = written < 0 ? errno : 0;
  close(fd);
  return error;
}

std::string get(const char* path) {
  std::string line;
  std::getline(std::ifstream(path), line);
  return line;
}

// Of /proc/meminfo, in KiB.
long info(const std::string& name) {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(name + ":", 0) == 0) {
      return std::atol(line.c_str() + name.size() + 1);
    }
  }
  return -1;
}

bool can_map(size_t bytes) {
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return at != MAP_FAILED && munmap(at, bytes) == 0;
}

class OvercommitMode : public testing::Test {
 protected:
  void TearDown() override {
    EXPECT_EQ(put(kMode, "0"), 0);
    EXPECT_EQ(put(kRatio, "50"), 0);
  }
};

TEST_F(OvercommitMode, IsReadAndWritten) {
  EXPECT_EQ(get(kMode), "0");
  EXPECT_EQ(get(kRatio), "50");
  EXPECT_EQ(put(kMode, "2\n"), 0);
  EXPECT_EQ(get(kMode), "2");
  EXPECT_EQ(put(kMode, " 1 \n"), 0);
  EXPECT_EQ(get(kMode), "1");
  for (const char* const bad : {"3", "-1", "x", "1x", "\n"}) {
    EXPECT_EQ(put(kMode, bad), EINVAL) << bad;
  }
  EXPECT_EQ(get(kMode), "1");
  const int fd = open(kMode, O_WRONLY);
  EXPECT_EQ(write(fd, reinterpret_cast<void*>(16), 1), -1);
  EXPECT_EQ(errno, EFAULT);
  close(fd);
}

TEST_F(OvercommitMode, IsRootsAlone) {
  EXPECT_EQ(run_child([] {
              if (!become_a_user()) return kNoOtherUser;
              return put(kMode, "1");
            }),
            EACCES);
}

TEST_F(OvercommitMode, GuessesAndAlwaysAndNever) {
  EXPECT_TRUE(can_map(90 * kMiB));
  EXPECT_FALSE(can_map(300 * kMiB));
  ASSERT_EQ(put(kMode, "1"), 0);
  EXPECT_TRUE(can_map(300 * kMiB));
  ASSERT_EQ(put(kMode, "2"), 0);
  EXPECT_FALSE(can_map(90 * kMiB));
  EXPECT_TRUE(can_map(20 * kMiB));
  ASSERT_EQ(put(kRatio, "95"), 0);
  EXPECT_TRUE(can_map(90 * kMiB));
  ASSERT_EQ(put(kRatio, "0"), 0);
  EXPECT_FALSE(can_map(kMiB));
}

TEST_F(OvercommitMode, TheLimitFollowsTheRatio) {
  constexpr long kRounding = 8;  // KiB
  const long half = info("CommitLimit");
  ASSERT_GT(half, 0);
  ASSERT_EQ(put(kRatio, "25"), 0);
  EXPECT_LE(std::abs(info("CommitLimit") - half / 2), kRounding);
  ASSERT_EQ(put(kRatio, "100"), 0);
  EXPECT_LE(std::abs(info("CommitLimit") - half * 2), kRounding);
}

}  // namespace
}  // namespace tine::guest
