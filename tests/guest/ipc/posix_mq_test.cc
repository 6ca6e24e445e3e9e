// POSIX message queues: names, limits, order.
// feature-map: 70
#include "tests/guest/posix_mq.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>

#include <climits>
#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

TEST_F(Queue, Names) {
  EXPECT_EQ(error_of(raw_open("", O_RDWR)), ENOENT);
  EXPECT_EQ(error_of(raw_open("/a", O_RDWR | O_CREAT)), EACCES);
  EXPECT_EQ(error_of(raw_open("a/b", O_RDWR | O_CREAT)), EACCES);
  EXPECT_EQ(error_of(raw_open(".", O_RDWR | O_CREAT)), EACCES);
  EXPECT_EQ(error_of(raw_open("..", O_RDWR)), EACCES);
  EXPECT_EQ(error_of(raw_open("nobody", O_RDWR)), ENOENT);
  EXPECT_EQ(error_of(raw_open(std::string(256, 'x').c_str(), O_CREAT)),
            ENAMETOOLONG);
  EXPECT_EQ(error_of(raw_open(std::string(5000, 'x').c_str(), O_CREAT)),
            ENAMETOOLONG);
  EXPECT_EQ(error_of(raw_open(reinterpret_cast<char*>(8), O_RDWR)), EFAULT);
  EXPECT_EQ(error_of(syscall(SYS_mq_unlink, "nobody")), ENOENT);
  EXPECT_EQ(error_of(syscall(SYS_mq_unlink, "a/b")), EACCES);
  EXPECT_EQ(error_of(syscall(SYS_mq_unlink, "")), ENOENT);
  EXPECT_EQ(error_of(syscall(SYS_mq_unlink, "..")), EACCES);
  EXPECT_EQ(error_of(syscall(SYS_mq_unlink, std::string(256, 'x').c_str())),
            ENAMETOOLONG);
  const std::string longest(255, 'q');
  const int fd = raw_open(longest.c_str(), O_RDWR | O_CREAT);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(syscall(SYS_mq_unlink, longest.c_str()), 0);
  close(fd);
}

TEST_F(Queue, OpenAgain) {
  EXPECT_EQ(error_of(make(1, 1)), EEXIST);
  EXPECT_EQ(error_of(raw_open(kName + 1, 3)), EINVAL);
  // Its shape stays, whatever is asked for.
  mq_attr other = shape(9, 9);
  const mqd_t same = mq_open(kName, O_RDONLY | O_CREAT | O_NONBLOCK, 0, &other);
  ASSERT_GE(same, 0);
  EXPECT_EQ(attributes_of(same).mq_maxmsg, 4);
  EXPECT_EQ(attributes_of(same).mq_msgsize, 64);
  EXPECT_EQ(attributes_of(same).mq_flags, O_NONBLOCK);
  EXPECT_EQ(attributes_of(queue).mq_flags, 0);
  EXPECT_EQ(fcntl(same, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(same, F_GETFL), O_RDONLY | O_NONBLOCK);
  // One may not send, the other not receive.
  EXPECT_EQ(send(same, "x"), EBADF);
  EXPECT_EQ(send(queue, "x"), 0);
  EXPECT_EQ(receive(same), "x");
  EXPECT_EQ(mq_close(same), 0);
  const mqd_t writer = mq_open(kName, O_WRONLY);
  EXPECT_EQ(receive(writer), "-" + std::to_string(EBADF));
  mq_close(writer);
}

TEST_F(Queue, IsAFile) {
  struct stat status;
  ASSERT_EQ(fstat(queue, &status), 0);
  EXPECT_TRUE(S_ISREG(status.st_mode));
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(status.st_size, 80);
  EXPECT_EQ(status.st_nlink, 1u);
  struct statfs system;
  ASSERT_EQ(fstatfs(queue, &system), 0);
  EXPECT_EQ(system.f_type, 0x19800202);
  EXPECT_EQ(send(queue, "12345"), 0);
  char line[100] = {};
  EXPECT_EQ(read(queue, line, sizeof(line)), 60);
  EXPECT_STREQ(line,
               "QSIZE:5          NOTIFY:0     SIGNO:0     NOTIFY_PID:0     "
               "\n");
  EXPECT_EQ(read(queue, line, sizeof(line)), 0);
  EXPECT_EQ(pread(queue, line, 6, 0), 6);
  EXPECT_EQ(lseek(queue, 0, SEEK_SET), 0);
  EXPECT_EQ(read(queue, line, 3), 3);
  EXPECT_EQ(lseek(queue, 0, SEEK_CUR), 3);
  EXPECT_EQ(error_of(write(queue, "x", 1)), EINVAL);
  EXPECT_EQ(error_of(fsync(queue)), EINVAL);
  EXPECT_EQ(error_of(sendfile(queue, queue, nullptr, 1)), EINVAL);
  int left = -1;
  EXPECT_EQ(ioctl(queue, FIONREAD, &left), 0);
  EXPECT_EQ(left, 77);
  EXPECT_EQ(mmap(nullptr, 80, PROT_READ, MAP_SHARED, queue, 0), MAP_FAILED);
  EXPECT_EQ(errno, ENODEV);
  EXPECT_EQ(fchmod(queue, 0640), 0);
  ASSERT_EQ(fstat(queue, &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0640u);
  char path[64] = {};
  char link[64];
  snprintf(link, sizeof(link), "/proc/self/fd/%d", queue);
  EXPECT_GT(readlink(link, path, sizeof(path)), 0);
  EXPECT_STREQ(path, kName);
  const int again = open(link, O_RDWR);
  ASSERT_GE(again, 0);
  EXPECT_EQ(receive(again), "12345");
  close(again);
}

TEST_F(Queue, NotOthersFiles) {
  EXPECT_EQ(send(0, "x"), EBADF);
  EXPECT_EQ(send(-1, "x"), EBADF);
  EXPECT_EQ(receive(1), "-" + std::to_string(EBADF));
  mq_attr attributes{};
  EXPECT_EQ(error_of(mq_getattr(0, &attributes)), EBADF);
  EXPECT_EQ(error_of(mq_setattr(12345, &attributes, nullptr)), EBADF);
  EXPECT_EQ(error_of(mq_notify(0, nullptr)), EBADF);
}

TEST_F(Queue, Shapes) {
  mq_unlink(kName);
  for (const mq_attr& wrong :
       {shape(0, 1), shape(1, 0), shape(-1, 1), shape(1, -1),
        shape(LONG_MAX, 1), shape(1, LONG_MAX), shape(65537, 1),
        shape(1, (16 << 20) + 1)}) {
    EXPECT_EQ(error_of(raw_open(kName + 1, O_RDWR | O_CREAT, 0600, &wrong)),
              EINVAL)
        << wrong.mq_maxmsg << " " << wrong.mq_msgsize;
  }
  EXPECT_EQ(error_of(raw_open(kName + 1, O_RDWR | O_CREAT, 0600,
                              reinterpret_cast<void*>(8))),
            EFAULT);
  const mqd_t usual = mq_open(kName, O_RDWR | O_CREAT, 0600, nullptr);
  ASSERT_GE(usual, 0);
  EXPECT_EQ(attributes_of(usual).mq_maxmsg, 10);
  EXPECT_EQ(attributes_of(usual).mq_msgsize, 8192);
  mq_close(usual);
}

TEST_F(Queue, ShapesOfAUser) {
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    mq_attr most = shape(10, 8192);
    mq_attr wrong[] = {shape(11, 1), shape(1, 8193)};
    for (const mq_attr& one : wrong) {
      CHILD_CHECK(error_of(raw_open("tine_user", O_RDWR | O_CREAT, 0600,
                                    &one)) == EINVAL);
    }
    const int fd = raw_open("tine_user", O_RDWR | O_CREAT, 0600, &most);
    CHILD_CHECK(fd >= 0);
    // Not of the superuser's, neither to use nor to unlink.
    CHILD_CHECK(error_of(raw_open(kName + 1, O_RDONLY)) == EACCES);
    CHILD_CHECK(error_of(syscall(SYS_mq_unlink, kName + 1)) == EPERM);
    CHILD_CHECK(syscall(SYS_mq_unlink, "tine_user") == 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user in this sandbox";
  EXPECT_EQ(end, 0);
}

TEST_F(Queue, Charged) {
  constexpr int kOthers = 97;
  constexpr uid_t kWithoutQueues = 54321;
  const int end = run_child([&] {
    // Where there is no such user, the own one may have queues elsewhere.
    const bool has_none = setuid(kWithoutQueues) == 0;
    // 10 * (100 + 48) + 10 * 48, besides the queue of the test.
    const rlim_t before = has_none ? 0 : 4 * (64 + 96);
    const rlimit limit = {1960 + before, 819200};
    CHILD_CHECK(setrlimit(RLIMIT_MSGQUEUE, &limit) == 0);
    mq_attr ten = shape(10, 100);
    mq_attr one = shape(1, 1);
    const int fd = raw_open("tine_b", O_RDWR | O_CREAT, 0600, &ten);
    if (fd < 0 && errno == EMFILE && !has_none) return kOthers;
    CHILD_CHECK(fd >= 0);
    CHILD_CHECK(error_of(raw_open("tine_c", O_RDWR | O_CREAT, 0600, &one)) ==
                EMFILE);
    CHILD_CHECK(error_of(raw_open("tine_c", O_RDWR)) == ENOENT);
    // It counts until the last has closed it.
    CHILD_CHECK(syscall(SYS_mq_unlink, "tine_b") == 0);
    CHILD_CHECK(error_of(raw_open("tine_c", O_RDWR | O_CREAT, 0600, &one)) ==
                EMFILE);
    close(fd);
    CHILD_CHECK(raw_open("tine_c", O_RDWR | O_CREAT, 0600, &one) >= 0);
    CHILD_CHECK(syscall(SYS_mq_unlink, "tine_c") == 0);
    return 0;
  });
  if (end == kOthers) GTEST_SKIP() << "the user has other queues";
  EXPECT_EQ(end, 0);
}

TEST_F(Queue, Settings) {
  const auto text_of = [](const std::string& name) {
    const int fd = open(("/proc/sys/fs/mqueue/" + name).c_str(), O_RDONLY);
    char text[32] = {};
    if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0) return std::string();
    close(fd);
    return std::string(text);
  };
  EXPECT_EQ(text_of("queues_max"), "256\n");
  EXPECT_EQ(text_of("msg_max"), "10\n");
  EXPECT_EQ(text_of("msgsize_max"), "8192\n");
  EXPECT_EQ(text_of("msg_default"), "10\n");
  EXPECT_EQ(text_of("msgsize_default"), "8192\n");
}

TEST_F(Queue, HighestPriorityFirst) {
  EXPECT_EQ(send(queue, "a", 1), 0);
  EXPECT_EQ(send(queue, "b", 32767), 0);
  EXPECT_EQ(send(queue, "c", 1), 0);
  EXPECT_EQ(send(queue, "", 2), 0);
  EXPECT_EQ(send(queue, "x", 32768), EINVAL);
  EXPECT_EQ(attributes_of(queue).mq_curmsgs, 4);
  unsigned priority = 0;
  EXPECT_EQ(receive(queue, &priority), "b");
  EXPECT_EQ(priority, 32767u);
  EXPECT_EQ(receive(queue, &priority), "");
  EXPECT_EQ(priority, 2u);
  EXPECT_EQ(receive(queue, &priority), "a");
  EXPECT_EQ(send(queue, "d", 1), 0);
  EXPECT_EQ(send(queue, "e", 0), 0);
  EXPECT_EQ(receive(queue), "c");
  EXPECT_EQ(receive(queue), "d");
  EXPECT_EQ(receive(queue), "e");
}

TEST_F(Queue, Sizes) {
  EXPECT_EQ(send(queue, std::string(65, 'x')), EMSGSIZE);
  EXPECT_EQ(send(queue, std::string(64, 'x')), 0);
  char small[64];
  EXPECT_EQ(error_of(mq_receive(queue, small, 63, nullptr)), EMSGSIZE);
  EXPECT_EQ(mq_receive(queue, small, 64, nullptr), 64);
}

TEST_F(Queue, BadPointers) {
  char* const nowhere = reinterpret_cast<char*>(16);
  EXPECT_EQ(error_of(mq_send(queue, nowhere, 8, 0)), EFAULT);
  EXPECT_EQ(mq_send(queue, nowhere, 0, 0), 0);
  EXPECT_EQ(receive(queue), "");
  // What cannot be delivered is lost.
  EXPECT_EQ(send(queue, "lost"), 0);
  EXPECT_EQ(send(queue, "also"), 0);
  EXPECT_EQ(error_of(mq_receive(queue, nowhere, 64, nullptr)), EFAULT);
  char text[64];
  EXPECT_EQ(error_of(mq_receive(queue, text, 64,
                                reinterpret_cast<unsigned*>(nowhere))),
            EFAULT);
  EXPECT_EQ(attributes_of(queue).mq_curmsgs, 0);
  EXPECT_EQ(error_of(syscall(SYS_mq_timedsend, queue, text, 1, 0, nowhere)),
            EFAULT);
  EXPECT_EQ(error_of(syscall(SYS_mq_getsetattr, queue, nowhere, nullptr)),
            EFAULT);
  EXPECT_EQ(error_of(syscall(SYS_mq_getsetattr, queue, nullptr, nowhere)),
            EFAULT);
  EXPECT_EQ(error_of(syscall(SYS_mq_notify, queue, nowhere)), EFAULT);
}

}  // namespace
}  // namespace tine::guest
