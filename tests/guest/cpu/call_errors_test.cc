// Corners of calls that programs rarely reach, each as Linux has it.
#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <linux/futex.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <ctime>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

constexpr size_t kPage = 4096;

// The error of a raw call, 0 if it succeeds.
template <typename... Arguments>
int error_of(long number, Arguments... arguments) {
  errno = 0;
  return syscall(number, arguments...) == -1 ? errno : 0;
}

TEST(CallErrors, MprotectGoesAsFarAsItCan) {
  char* const at =
      static_cast<char*>(mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_EQ(munmap(at + kPage, kPage), 0);
  EXPECT_EQ(mprotect(at, 3 * kPage, PROT_READ), -1);
  EXPECT_EQ(errno, ENOMEM);
  EXPECT_EQ(run_child([&] { return at[0] = 1; }), -SIGSEGV);
  EXPECT_EQ(run_child([&] { return at[2 * kPage] = 1; }), 1);
}

TEST(CallErrors, Mlock) {
  int word = 0;
  EXPECT_EQ(error_of(SYS_mlockall, 0), EINVAL);
  EXPECT_EQ(error_of(SYS_mlockall, 8), EINVAL);
  EXPECT_EQ(error_of(SYS_mlockall, 4), EINVAL);
  EXPECT_EQ(error_of(SYS_mlock2, &word, sizeof(word), 2), EINVAL);
}

TEST(CallErrors, Futex) {
  int word = 1;
  const struct timespec soon{0, 1000};
  void* const nowhere = reinterpret_cast<void*>(16);
  EXPECT_EQ(error_of(SYS_futex, nowhere, FUTEX_WAKE, 1), EFAULT);
  EXPECT_EQ(error_of(SYS_futex, nowhere, FUTEX_WAKE_PRIVATE, 1), 0);
  EXPECT_EQ(
      error_of(SYS_futex, &word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, &soon),
      ENOSYS);
  EXPECT_EQ(error_of(SYS_futex, &word, FUTEX_WAIT, 1, &soon), ETIMEDOUT);
}

TEST(CallErrors, ClocksOfProcesses) {
  clockid_t clock;
  struct timespec time;
  ASSERT_EQ(clock_getcpuclockid(0, &clock), 0);
  EXPECT_EQ(clock_gettime(clock, &time), 0);
  ASSERT_EQ(clock_getcpuclockid(getpid(), &clock), 0);
  EXPECT_EQ(clock_gettime(clock, &time), 0);
  const pid_t child = start_child([] { return 0; });
  EXPECT_EQ(clock_getcpuclockid(child, &clock), 0);
  wait_for(child);
  EXPECT_EQ(clock_getcpuclockid(child, &clock), ESRCH);
}

TEST(CallErrors, Setpgid) {
  EXPECT_EQ(error_of(SYS_setpgid, -1, 0), EINVAL);
  EXPECT_EQ(error_of(SYS_setpgid, 0, -1), EINVAL);
  EXPECT_EQ(error_of(SYS_setpgid, 0x3fff'ffff, 0), ESRCH);
}

TEST(CallErrors, GroupsComeBackInOrder) {
  // Nor may a superuser of a user namespace.
  if (run_child([] { return setgroups(0, nullptr) == 0 ? 0 : 1; }) != 0) {
    GTEST_SKIP() << "not the superuser";
  }
  EXPECT_EQ(run_child([] {
              const std::array<gid_t, 4> groups{5, 3, 4, 3};
              std::array<gid_t, 4> got{};
              CHILD_CHECK(setgroups(groups.size(), groups.data()) == 0);
              CHILD_CHECK(getgroups(got.size(), got.data()) == 4);
              CHILD_CHECK(got == (std::array<gid_t, 4>{3, 3, 4, 5}));
              return 0;
            }),
            0);
}

TEST(CallErrors, AdviceOnFiles) {
  const int fd = open("/dev/null", O_WRONLY);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(posix_fadvise(fd, 0, 0, 99), EINVAL);
  EXPECT_EQ(posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL), 0);
  EXPECT_EQ(readahead(fd, 0, 100), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(fcntl(fd, F_GETPIPE_SZ), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(fcntl(fd, F_GETSIG), 0);
  EXPECT_EQ(fcntl(fd, F_GETOWN), 0);
  close(fd);
}

}  // namespace
}  // namespace tine::guest
