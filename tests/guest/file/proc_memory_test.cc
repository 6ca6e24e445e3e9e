// /proc/PID/mem: another program's memory, for those who may trace it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdint>
#include <cstring>
#include <string>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

std::string path_of(pid_t pid) {
  return "/proc/" + std::to_string(pid) + "/mem";
}

off_t place_of(const void* address) {
  return static_cast<off_t>(reinterpret_cast<uintptr_t>(address));
}

// A child that stands still until it is killed.
class Still {
 public:
  Still()
      : pid_(start_child([]() -> int {
          for (;;) pause();
        })) {}
  ~Still() {
    kill(pid_, SIGKILL);
    wait_for(pid_);
  }
  Still(const Still&) = delete;
  Still& operator=(const Still&) = delete;
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_;
};

TEST(ProcMemory, IsReadAndWrittenByAddress) {
  static char word[] = "written by the parent";
  const Still child;
  const int fd = open(path_of(child.pid()).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  char seen[sizeof(word)] = {};
  EXPECT_EQ(pread(fd, seen, sizeof(seen), place_of(word)),
            static_cast<ssize_t>(sizeof(seen)));
  EXPECT_STREQ(seen, word);
  EXPECT_EQ(pwrite(fd, "changed", 7, place_of(word)), 7);
  EXPECT_STREQ(word, "written by the parent");
  EXPECT_EQ(lseek(fd, place_of(word) + 2, SEEK_SET), place_of(word) + 2);
  EXPECT_EQ(read(fd, seen, 5), 5);
  EXPECT_EQ(std::string(seen, 5), "anged");
  EXPECT_EQ(lseek(fd, 0, SEEK_CUR), place_of(word) + 7);
  EXPECT_EQ(lseek(fd, 0, SEEK_END), -1);
  EXPECT_EQ(errno, EINVAL);
  struct stat status;
  ASSERT_EQ(fstat(fd, &status), 0);
  EXPECT_EQ(status.st_mode, static_cast<mode_t>(S_IFREG | 0600));
  close(fd);
}

// As a debugger does: against the protection of what is private, and no shared
// memory against its own.
TEST(ProcMemory, ProtectionsAreLifted) {
  void* const hidden =
      mmap(nullptr, kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void* const fixed =
      mmap(nullptr, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  void* const shared =
      mmap(nullptr, kPage, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  const int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  char byte = 1;
  EXPECT_EQ(pread(fd, &byte, 1, place_of(hidden)), 1);
  EXPECT_EQ(byte, 0);
  EXPECT_EQ(pwrite(fd, "x", 1, place_of(fixed)), 1);
  EXPECT_EQ(*static_cast<volatile char*>(fixed), 'x');
  EXPECT_EQ(pwrite(fd, "x", 1, place_of(shared)), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(*static_cast<volatile char*>(shared), 0);
  close(fd);
  for (void* const page : {hidden, fixed, shared}) munmap(page, kPage);
}

TEST(ProcMemory, EndsWhereThereIsNone) {
  char* const two =
      static_cast<char*>(mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  munmap(two + 2 * kPage, kPage);
  memset(two, 7, 2 * kPage);
  const int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  static char buffer[4 * kPage];
  const ssize_t most = static_cast<ssize_t>(2 * kPage);
  EXPECT_EQ(pread(fd, buffer, sizeof(buffer), place_of(two)), most);
  EXPECT_EQ(buffer[most - 1], 7);
  EXPECT_EQ(pwrite(fd, buffer, sizeof(buffer), place_of(two)), most);
  EXPECT_EQ(pread(fd, buffer, 1, place_of(two) + most), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(pwrite(fd, buffer, 1, place_of(two) + most), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(pread(fd, buffer, 1, 0), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(pread(fd, buffer, 1, LONG_MAX - 1), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(pread(fd, buffer, 0, 0), 0);
  EXPECT_EQ(pread(fd, reinterpret_cast<void*>(64), 1, place_of(two)), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(pwrite(fd, reinterpret_cast<void*>(64), 1, place_of(two)), -1);
  EXPECT_EQ(errno, EFAULT);
  close(fd);
  munmap(two, 2 * kPage);
}

// What was opened is the memory of that program: it goes with it.
TEST(ProcMemory, GoesWithTheProgram) {
  static int word = 5;
  int fd;
  {
    const Still child;
    fd = open(path_of(child.pid()).c_str(), O_RDWR | O_CLOEXEC);
    ASSERT_GE(fd, 0);
  }
  EXPECT_EQ(pread(fd, &word, sizeof(word), place_of(&word)), 0);
  EXPECT_EQ(pwrite(fd, &word, sizeof(word), place_of(&word)), 0);
  close(fd);
  EXPECT_EQ(word, 5);
}

TEST(ProcMemory, OnlyWhoMayTraceOpensIt) {
  const pid_t self = getpid();
  const int end = run_child([self] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(open(path_of(self).c_str(), O_RDONLY) == -1 && errno == EACCES);
    prctl(PR_SET_DUMPABLE, 1);
    const pid_t open_child = start_child([]() -> int {
      for (;;) pause();
    });
    const int fd = open(path_of(open_child).c_str(), O_RDONLY);
    CHILD_CHECK(fd >= 0);
    close(fd);
    kill(open_child, SIGKILL);
    CHILD_CHECK(wait_for(open_child) == -SIGKILL);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "there is no other user here";
  EXPECT_EQ(end, 0);
}

}  // namespace
}  // namespace tine::guest
