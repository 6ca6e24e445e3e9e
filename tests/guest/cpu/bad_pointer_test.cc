// Every pointer that a program hands to the kernel may be wrong: EFAULT, or a
// short count, and the program goes on.
// feature-map: 3, 79
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstring>
#include <string>

#include "tests/guest/arch/raw_syscall.h"
#include "tests/guest/child.h"
#include "tests/guest/own_path.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

class BadPointer : public testing::Test {
 protected:
  // Three pages: read-write, no access, read-only.
  void SetUp() override {
    pages_ = static_cast<char*>(mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE,
                                     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    ASSERT_NE(pages_, MAP_FAILED);
    ASSERT_EQ(mprotect(pages_ + kPage, kPage, PROT_NONE), 0);
    ASSERT_EQ(mprotect(pages_ + 2 * kPage, kPage, PROT_READ), 0);
    file_ = open(own_path().c_str(), O_RDONLY);
    ASSERT_GE(file_, 0);
  }
  void TearDown() override {
    close(file_);
    munmap(pages_, 3 * kPage);
  }

  // Addresses that can be neither read nor written; null apart, because some
  // calls give it a meaning.
  std::array<long, 8> wild() const {
    return {1,
            static_cast<long>(kPage),
            0x10'0000'0000,
            reinterpret_cast<long>(pages_ + kPage),
            0x7fff'ffff'fff0,
            static_cast<long>(0xffff'8000'0000'0000),
            static_cast<long>(0xffff'ffff'8000'0000),
            -8};
  }
  long unwritable() const { return reinterpret_cast<long>(pages_ + 2 * kPage); }
  // The last `bytes` bytes before the page without access.
  char* before_the_edge(size_t bytes) const { return pages_ + kPage - bytes; }

  char* pages_ = nullptr;
  int file_ = -1;
};

long address(const void* pointer) { return reinterpret_cast<long>(pointer); }

// `call(pointer)` must give EFAULT for every pointer to write to.
#define EXPECT_NO_OUTPUT(call)                                 \
  do {                                                         \
    for (const long p : wild()) EXPECT_EQ(call, -EFAULT) << p; \
    const long p = unwritable();                               \
    EXPECT_EQ(call, -EFAULT) << "read-only";                   \
  } while (false)

// The same for every pointer to read from.
#define EXPECT_NO_INPUT(call)                                  \
  do {                                                         \
    for (const long p : wild()) EXPECT_EQ(call, -EFAULT) << p; \
  } while (false)

TEST_F(BadPointer, Read) {
  EXPECT_NO_OUTPUT(raw_syscall(SYS_read, file_, p, 16));
  EXPECT_EQ(raw_syscall(SYS_read, file_, 0, 16), -EFAULT);
  // Nothing was consumed.
  EXPECT_EQ(lseek(file_, 0, SEEK_CUR), 0);
}

TEST_F(BadPointer, ReadAcrossTheEdgeIsShort) {
  char* const last = before_the_edge(10);
  EXPECT_EQ(raw_syscall(SYS_read, file_, address(last), 100), 10);
  EXPECT_EQ(memcmp(last,
                   "\x7f"
                   "ELF",
                   4),
            0);
  EXPECT_EQ(lseek(file_, 0, SEEK_CUR), 10);
}

TEST_F(BadPointer, ReadOfNothing) {
  EXPECT_EQ(raw_syscall(SYS_read, file_, 0, 0), 0);
}

TEST_F(BadPointer, Write) {
  EXPECT_NO_INPUT(raw_syscall(SYS_write, STDOUT_FILENO, p, 16));
  EXPECT_EQ(raw_syscall(SYS_write, STDOUT_FILENO, 0, 16), -EFAULT);
}

TEST_F(BadPointer, Paths) {
  EXPECT_NO_INPUT(raw_syscall(SYS_openat, AT_FDCWD, p, O_RDONLY));
  EXPECT_EQ(raw_syscall(SYS_openat, AT_FDCWD, 0, O_RDONLY), -EFAULT);
  struct stat status;
  EXPECT_NO_INPUT(
      raw_syscall(SYS_newfstatat, AT_FDCWD, p, address(&status), 0));
  EXPECT_EQ(raw_syscall(SYS_newfstatat, AT_FDCWD, 0, address(&status), 0),
            -EFAULT);
  EXPECT_NO_INPUT(raw_syscall(SYS_readlinkat, AT_FDCWD, p, address(pages_), 9));
}

TEST_F(BadPointer, PathsAtTheEdge) {
  char* path = before_the_edge(sizeof "/dev/null");
  memcpy(path, "/dev/null", sizeof "/dev/null");
  const long fd = raw_syscall(SYS_openat, AT_FDCWD, address(path), O_RDONLY);
  EXPECT_GE(fd, 0);
  close(static_cast<int>(fd));
  // The same without its NUL.
  path = before_the_edge(strlen("/dev/null"));
  memcpy(path, "/dev/null", strlen("/dev/null"));
  EXPECT_EQ(raw_syscall(SYS_openat, AT_FDCWD, address(path), O_RDONLY),
            -EFAULT);
}

TEST_F(BadPointer, Status) {
  EXPECT_NO_OUTPUT(raw_syscall(SYS_fstat, file_, p));
  EXPECT_NO_OUTPUT(
      raw_syscall(SYS_newfstatat, AT_FDCWD, address("/dev/null"), p, 0));
  EXPECT_EQ(raw_syscall(SYS_fstat, file_,
                        address(before_the_edge(sizeof(struct stat) - 1))),
            -EFAULT);
  EXPECT_EQ(raw_syscall(SYS_fstat, file_,
                        address(before_the_edge(sizeof(struct stat)))),
            0);
}

TEST_F(BadPointer, Uname) {
  EXPECT_NO_OUTPUT(raw_syscall(SYS_uname, p));
  EXPECT_EQ(raw_syscall(SYS_uname, 0), -EFAULT);
  EXPECT_EQ(
      raw_syscall(SYS_uname, address(before_the_edge(sizeof(utsname) - 1))),
      -EFAULT);
}

TEST_F(BadPointer, Limits) {
  EXPECT_NO_OUTPUT(raw_syscall(SYS_prlimit64, 0, RLIMIT_STACK, 0, p));
  EXPECT_NO_INPUT(raw_syscall(SYS_prlimit64, 0, RLIMIT_STACK, p, 0));
  EXPECT_EQ(raw_syscall(SYS_prlimit64, 0, RLIMIT_STACK, 0, 0), 0);
}

// A small answer where nothing has been touched yet, on both sides of a page's
// end, before an edge, and in a page that a child shares.
TEST_F(BadPointer, LimitsInPagesToCome) {
  char* const fresh =
      static_cast<char*>(mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(fresh, MAP_FAILED);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const auto told = [&](char* at) {
    EXPECT_EQ(raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 0, address(at)), 0);
    return std::memcmp(at, &limit, sizeof(limit)) == 0;
  };
  EXPECT_TRUE(told(fresh + 8));
  EXPECT_TRUE(told(fresh + 2 * kPage - 3));
  EXPECT_TRUE(told(before_the_edge(sizeof(limit))));
  EXPECT_EQ(raw_syscall(SYS_prlimit64, 0, RLIMIT_NOFILE, 0,
                        address(before_the_edge(sizeof(limit) - 1))),
            -EFAULT);
  std::memset(fresh, 0, kPage);
  const pid_t child = start_child([&] { return told(fresh) ? 0 : 1; });
  EXPECT_EQ(wait_for(child), 0);
  // Only the child's copy was written.
  EXPECT_NE(std::memcmp(fresh, &limit, sizeof(limit)), 0);
  EXPECT_TRUE(told(fresh));
  EXPECT_EQ(munmap(fresh, 3 * kPage), 0);
}

TEST_F(BadPointer, Random) {
  EXPECT_NO_OUTPUT(raw_syscall(SYS_getrandom, p, 16, 0));
}

// The child is gone all the same, as on Linux.
TEST_F(BadPointer, WaitStatus) {
  for (const long p : wild()) {
    const pid_t child = start_child([] { return 0; });
    EXPECT_EQ(raw_syscall(SYS_wait4, child, p, 0, 0), -EFAULT) << p;
    EXPECT_EQ(raw_syscall(SYS_wait4, child, 0, 0, 0), -ECHILD) << p;
  }
}

TEST_F(BadPointer, WaitUsage) {
  for (const long p : wild()) {
    int status = 0;
    const pid_t child = start_child([] { return 0; });
    EXPECT_EQ(raw_syscall(SYS_wait4, child, address(&status), 0, p), -EFAULT)
        << p;
    EXPECT_EQ(raw_syscall(SYS_wait4, child, 0, 0, 0), -ECHILD) << p;
  }
}

TEST_F(BadPointer, Exec) {
  const std::array<long, 2> words = {address("x"), 0};
  EXPECT_NO_INPUT(raw_syscall(SYS_execve, p, address(&words), 0));
  EXPECT_EQ(raw_syscall(SYS_execve, 0, address(&words), 0), -EFAULT);
  EXPECT_NO_INPUT(raw_syscall(SYS_execve, address(own_path().c_str()), p, 0));
  EXPECT_NO_INPUT(
      raw_syscall(SYS_execve, address(own_path().c_str()), address(&words), p));
  for (const long p : wild()) {
    const std::array<long, 3> bad_word = {address("x"), p, 0};
    EXPECT_EQ(raw_syscall(SYS_execve, address(own_path().c_str()),
                          address(&bad_word), 0),
              -EFAULT)
        << p;
  }
  // A vector that runs into the edge before its null.
  auto* const endless = reinterpret_cast<long*>(before_the_edge(16));
  endless[0] = endless[1] = address("x");
  EXPECT_EQ(
      raw_syscall(SYS_execve, address(own_path().c_str()), address(endless), 0),
      -EFAULT);
}

// A tid that cannot be stored does not undo the fork.
TEST_F(BadPointer, CloneTids) {
  for (const long p : wild()) {
    auto* const tid = reinterpret_cast<int*>(p);
    const long pid = raw_clone(CLONE_PARENT_SETTID | CLONE_CHILD_SETTID |
                                   CLONE_CHILD_CLEARTID | SIGCHLD,
                               nullptr, tid, tid);
    if (pid == 0) raw_syscall(SYS_exit_group, 13);
    EXPECT_EQ(wait_for(static_cast<pid_t>(pid)), 13) << p;
  }
}

// A wild pointer is nobody else's trouble: still here, memory still right.
TEST_F(BadPointer, NothingHappenedToTheProgram) {
  EXPECT_EQ(run_child([] { return 14; }), 14);
  EXPECT_EQ(pages_[2 * kPage], 0);
}

}  // namespace
}  // namespace tine::guest
