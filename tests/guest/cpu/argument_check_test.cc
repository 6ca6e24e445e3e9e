// What is checked of a call's arguments, in which order, and in which width:
// places where a kernel that looks right is easily wrong.
// feature-map: 12
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>
#include <string>

#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

constexpr uint64_t kHigh = uint64_t{1} << 32;
constexpr size_t kPage = 4096;
void* const kBad = reinterpret_cast<void*>(8);

template <typename... Arguments>
int error_of(long number, Arguments... arguments) {
  return syscall(number, arguments...) == -1 ? errno : 0;
}

class Sockets : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, fd_), 0);
  }
  void TearDown() override {
    close(fd_[0]);
    close(fd_[1]);
  }
  int fd_[2];
};

// An int argument is the low half of its register; a long one all of it.
TEST(ArgumentCheck, Widths) {
  char* const page =
      static_cast<char*>(mmap(nullptr, kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(page, MAP_FAILED);
  EXPECT_EQ(error_of(SYS_msync, page, kPage, kHigh), 0);
  EXPECT_EQ(error_of(SYS_madvise, page, kPage, kHigh | MADV_DONTNEED), 0);
  EXPECT_EQ(error_of(SYS_mlock2, page, kPage, kHigh), 0);
  EXPECT_EQ(error_of(SYS_unshare, kHigh | CLONE_FS), EINVAL);
  const int null = open("/dev/null", O_RDWR);
  iovec vector = {page, 1};
  EXPECT_EQ(error_of(SYS_readv, null, &vector, kHigh), 0);
  EXPECT_EQ(error_of(SYS_readv, null, &vector, kHigh | 2000), EINVAL);
  close(null);
  munmap(page, kPage);
}

TEST(ArgumentCheck, MremapOfMoreThanThereIs) {
  char* const page =
      static_cast<char*>(mmap(nullptr, 2 * kPage, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  ASSERT_NE(page, MAP_FAILED);
  *page = 7;
  EXPECT_EQ(mremap(page, uint64_t{0x7fff} << 32, kPage, MREMAP_MAYMOVE),
            MAP_FAILED);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(*page, 7);
  munmap(page, 2 * kPage);
}

TEST(ArgumentCheck, MmapOfMoreThanThereIs) {
  EXPECT_EQ(mmap(nullptr, ~size_t{0}, PROT_READ, 99, -1, 0), MAP_FAILED);
  EXPECT_EQ(errno, ENOMEM);
  const int fd = memfd_create("empty", 0);
  EXPECT_EQ(mmap(nullptr, ~size_t{0}, PROT_READ, MAP_SHARED, fd, 0),
            MAP_FAILED);
  EXPECT_EQ(errno, ENOMEM);
  close(fd);
}

TEST(ArgumentCheck, Limits) {
  rlimit limit;
  // A process that is not there, before a limit that is not there.
  EXPECT_EQ(error_of(SYS_prlimit64, -1, 99, nullptr, &limit), ESRCH);
  EXPECT_EQ(error_of(SYS_prlimit64, 0, 99, kBad, nullptr), EFAULT);
  EXPECT_EQ(error_of(SYS_prlimit64, 0, 99, nullptr, &limit), EINVAL);
}

TEST(ArgumentCheck, SignalsToOtherGroups) {
  siginfo_t info{};
  const int pid = getpid();
  // This very thread, but under another process's number.
  EXPECT_EQ(error_of(SYS_rt_tgsigqueueinfo, 0x7fff'fff0, gettid(), 0, &info),
            ESRCH);
  EXPECT_EQ(error_of(SYS_rt_tgsigqueueinfo, pid, 0x7fff'fff0, 0, &info), EPERM);
  EXPECT_EQ(error_of(SYS_rt_tgsigqueueinfo, 0, pid, 0, kBad), EFAULT);
  EXPECT_EQ(error_of(SYS_rt_tgsigqueueinfo, 0, pid, 0, &info), EINVAL);
}

TEST(ArgumentCheck, FileRequests) {
  const int fd = memfd_create("ten", 0);
  ASSERT_EQ(write(fd, "0123456789", 10), 10);
  ASSERT_EQ(lseek(fd, 4, SEEK_SET), 4);
  int left = -1;
  EXPECT_EQ(ioctl(fd, FIONREAD, &left), 0);
  EXPECT_EQ(left, 6);
  int block = 0;
  EXPECT_EQ(error_of(SYS_ioctl, fd, 2 /* FIGETBSZ */, &block), 0);
  EXPECT_EQ(block, 4096);
  EXPECT_EQ(error_of(SYS_ioctl, fd, 2, nullptr), EFAULT);
  EXPECT_EQ(flock(fd, 7), -1);
  EXPECT_EQ(errno, EINVAL);
  // No bytes, no flags to be wrong.
  iovec none = {nullptr, 0};
  EXPECT_EQ(preadv2(fd, &none, 1, 0, 0x4000), 0);
  iovec some = {&block, 1};
  EXPECT_EQ(preadv2(fd, &some, 1, 0, 0x4000), -1);
  EXPECT_EQ(errno, EOPNOTSUPP);
  close(fd);
}

// A name with a slash behind it is a directory's: open makes no such thing.
TEST(ArgumentCheck, CreatingADirectoryByOpen) {
  const TemporaryDirectory directory;
  const std::string file = directory / "file";
  const int fd = open(file.c_str(), O_CREAT | O_WRONLY, 0600);
  ASSERT_GE(fd, 0);
  close(fd);
  const std::string link = directory / "loop";
  ASSERT_EQ(symlink("loop", link.c_str()), 0);
  for (const std::string& name : {file, link, directory / "none"}) {
    EXPECT_EQ(open((name + "/").c_str(), O_CREAT | O_WRONLY, 0600), -1);
    EXPECT_EQ(errno, EISDIR) << name;
  }
  EXPECT_EQ(open((file + "/x/").c_str(), O_CREAT | O_WRONLY, 0600), -1);
  EXPECT_EQ(errno, ENOTDIR);
}

TEST_F(Sockets, NamesNeedAPlace) {
  socklen_t bytes = sizeof(sockaddr_un);
  EXPECT_EQ(getsockname(fd_[0], nullptr, &bytes), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(getpeername(fd_[0], nullptr, &bytes), -1);
  EXPECT_EQ(errno, EFAULT);
}

TEST_F(Sockets, AnAddressOfNoBytesIsNone) {
  sockaddr_un name{};
  EXPECT_EQ(sendto(fd_[0], "x", 1, 0, reinterpret_cast<sockaddr*>(&name), 0),
            1);
}

// Even who asks for nothing waits until something is there.
TEST_F(Sockets, ReceivingNothing) {
  char c;
  EXPECT_EQ(recv(fd_[0], &c, 0, MSG_DONTWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
  ASSERT_EQ(write(fd_[1], "y", 1), 1);
  EXPECT_EQ(recv(fd_[0], &c, 0, MSG_DONTWAIT), 0);
  EXPECT_EQ(recv(fd_[0], &c, 1, MSG_DONTWAIT), 1);
}

TEST_F(Sockets, ConnectLooksForTheOtherFirst) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  snprintf(name.sun_path, sizeof(name.sun_path), "/tmp/nobody-%d", getpid());
  EXPECT_EQ(connect(fd_[0], reinterpret_cast<sockaddr*>(&name), sizeof(name)),
            -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(error_of(SYS_accept4, 999, nullptr, nullptr, -1), EBADF);
  EXPECT_EQ(error_of(SYS_accept4, fd_[0], nullptr, nullptr, -1), EINVAL);
}

// A file system without extended attributes; on Linux that of /proc is one.
TEST(Xattr, NoneAndWhatIsWrongFirst) {
  char value[4];
  const char* const path = "/proc/self/stat";
  EXPECT_EQ(getxattr(path, "user.x", value, 4), -1);
  EXPECT_EQ(errno, EOPNOTSUPP);
  EXPECT_EQ(getxattr("/proc/none", "user.x", value, 4), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(getxattr(path, "", value, 4), -1);
  EXPECT_EQ(errno, ERANGE);
  EXPECT_EQ(getxattr(path, static_cast<char*>(kBad), value, 4), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(setxattr(path, "user.x", value, 4, 4), -1);
  EXPECT_EQ(errno, EINVAL);
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(setxattr(path, "user.x", large.data(), large.size(), 0), -1);
  EXPECT_EQ(errno, E2BIG);
  EXPECT_EQ(setxattr(path, "user.x", value, 4, 0), -1);
  EXPECT_EQ(errno, EOPNOTSUPP);
  EXPECT_EQ(listxattr(path, value, 4), 0);
  EXPECT_EQ(fgetxattr(999, "user.x", value, 4), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(removexattr(path, "user.x"), -1);
  EXPECT_EQ(errno, EOPNOTSUPP);
}

}  // namespace
}  // namespace tine::guest
