// POSIX message queues: names, limits, order, waiting, notices.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
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
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

constexpr char kName[] = "/tine_queue";

mq_attr shape(long messages, long bytes) {
  mq_attr attributes{};
  attributes.mq_maxmsg = messages;
  attributes.mq_msgsize = bytes;
  return attributes;
}

mqd_t make(long messages, long bytes, int flags = O_RDWR, mode_t mode = 0600) {
  mq_attr attributes = shape(messages, bytes);
  return mq_open(kName, flags | O_CREAT | O_EXCL, mode, &attributes);
}

mq_attr attributes_of(mqd_t queue) {
  mq_attr attributes{};
  EXPECT_EQ(mq_getattr(queue, &attributes), 0);
  return attributes;
}

// 0, or the errno.
int send(mqd_t queue, const std::string& text, unsigned priority = 0) {
  return mq_send(queue, text.data(), text.size(), priority) == 0 ? 0 : errno;
}

// The text, or "-" and the errno.
std::string receive(mqd_t queue, unsigned* priority = nullptr) {
  std::vector<char> text(8192);
  const ssize_t count = mq_receive(queue, text.data(), text.size(), priority);
  if (count < 0) return "-" + std::to_string(errno);
  return std::string(text.data(), static_cast<size_t>(count));
}

int error_of(long result) { return result < 0 ? errno : 0; }
int raw_open(const char* name, int flags, mode_t mode = 0600,
             const void* attributes = nullptr) {
  return static_cast<int>(syscall(SYS_mq_open, name, flags, mode, attributes));
}

timespec in_ms(long ms) {
  timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  time.tv_nsec += ms * 1'000'000;
  time.tv_sec += time.tv_nsec / 1'000'000'000;
  time.tv_nsec %= 1'000'000'000;
  return time;
}

class Queue : public testing::Test {
 protected:
  void SetUp() override {
    noted = {};
    mq_unlink(kName);
    queue = make(4, 64);
    if (queue < 0 && errno == ENOSYS) {
      GTEST_SKIP() << "no POSIX message queues in this sandbox";
    }
    ASSERT_GE(queue, 0) << strerror(errno);
  }
  void TearDown() override {
    if (queue >= 0) mq_close(queue);
    mq_unlink(kName);
    set_action(SIGUSR1, SIG_DFL);
  }

  mqd_t queue = -1;
};

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
  const int end = run_child([&] {
    // 10 * (100 + 48) + 10 * 48.
    const rlimit limit = {1960 + 4 * (64 + 96), 819200};
    CHILD_CHECK(setrlimit(RLIMIT_MSGQUEUE, &limit) == 0);
    mq_attr ten = shape(10, 100);
    mq_attr one = shape(1, 1);
    const int fd = raw_open("tine_b", O_RDWR | O_CREAT, 0600, &ten);
    if (fd < 0 && errno == EMFILE) return kOthers;
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
  // Other processes of the user's, elsewhere on the machine.
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

TEST_F(Queue, NonBlocking) {
  mq_attr wrong{};
  wrong.mq_flags = O_APPEND;
  EXPECT_EQ(error_of(mq_setattr(queue, &wrong, nullptr)), EINVAL);
  mq_attr next = shape(99, 99);
  next.mq_flags = O_NONBLOCK;
  mq_attr before{};
  ASSERT_EQ(mq_setattr(queue, &next, &before), 0);
  EXPECT_EQ(before.mq_flags, 0);
  EXPECT_EQ(before.mq_maxmsg, 4);
  EXPECT_EQ(attributes_of(queue).mq_flags, O_NONBLOCK);
  EXPECT_EQ(attributes_of(queue).mq_maxmsg, 4);
  EXPECT_EQ(fcntl(queue, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
  EXPECT_EQ(receive(queue), "-" + std::to_string(EAGAIN));
  for (int i = 0; i < 4; ++i) EXPECT_EQ(send(queue, "x"), 0);
  EXPECT_EQ(send(queue, "x"), EAGAIN);
}

TEST_F(Queue, TimesOut) {
  char text[64];
  timespec soon = in_ms(30);
  EXPECT_EQ(error_of(mq_timedreceive(queue, text, 64, nullptr, &soon)),
            ETIMEDOUT);
  const timespec now = in_ms(0);
  EXPECT_TRUE(now.tv_sec > soon.tv_sec ||
              (now.tv_sec == soon.tv_sec && now.tv_nsec >= soon.tv_nsec));
  const timespec past = {0, 0};
  EXPECT_EQ(error_of(mq_timedreceive(queue, text, 64, nullptr, &past)),
            ETIMEDOUT);
  for (const timespec& wrong :
       {timespec{-1, 0}, timespec{0, -1}, timespec{0, 1'000'000'000}}) {
    // Told even of what need not wait.
    EXPECT_EQ(error_of(syscall(SYS_mq_timedsend, queue, text, 1, 0, &wrong)),
              EINVAL);
    EXPECT_EQ(
        error_of(syscall(SYS_mq_timedreceive, queue, text, 64, 0, &wrong)),
        EINVAL);
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(mq_timedsend(queue, text, 1, 0, &past), 0);
  }
  EXPECT_EQ(error_of(mq_timedsend(queue, text, 1, 0, &past)), ETIMEDOUT);
  soon = in_ms(30);
  EXPECT_EQ(error_of(mq_timedsend(queue, text, 1, 0, &soon)), ETIMEDOUT);
}

TEST_F(Queue, ReceiverWaits) {
  const pid_t child = start_child([&] {
    sleep_ms(30);
    return send(queue, "at last", 7);
  });
  unsigned priority = 0;
  EXPECT_EQ(receive(queue, &priority), "at last");
  EXPECT_EQ(priority, 7u);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Queue, SenderWaits) {
  for (int i = 0; i < 4; ++i) EXPECT_EQ(send(queue, std::to_string(i)), 0);
  const pid_t child = start_child([&] { return send(queue, "urgent", 9); });
  sleep_ms(30);
  EXPECT_EQ(attributes_of(queue).mq_curmsgs, 4);
  EXPECT_EQ(receive(queue), "0");
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(receive(queue), "urgent");
}

TEST_F(Queue, SignalEndsAWait) {
  handle(SIGUSR1, note);
  const pid_t parent = getpid();
  for (const bool restarts : {false, true}) {
    handle(SIGUSR1, note, restarts ? SA_RESTART : 0);
    const pid_t child = start_child([&] {
      sleep_ms(30);
      kill(parent, SIGUSR1);
      sleep_ms(30);
      return send(queue, "later");
    });
    EXPECT_EQ(receive(queue), restarts ? "later" : "-" + std::to_string(EINTR));
    EXPECT_EQ(wait_for(child), 0);
    if (!restarts) EXPECT_EQ(receive(queue), "later");
  }
  EXPECT_EQ(noted.count, 2);
}

TEST_F(Queue, Poll) {
  pollfd ready = {queue, POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM, 0};
  ASSERT_EQ(poll(&ready, 1, 0), 1);
  EXPECT_EQ(ready.revents, POLLOUT | POLLWRNORM);
  EXPECT_EQ(send(queue, "x"), 0);
  ASSERT_EQ(poll(&ready, 1, 0), 1);
  EXPECT_EQ(ready.revents, POLLIN | POLLRDNORM | POLLOUT | POLLWRNORM);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(send(queue, "x"), 0);
  ASSERT_EQ(poll(&ready, 1, 0), 1);
  EXPECT_EQ(ready.revents, POLLIN | POLLRDNORM);
  // Somebody makes room meanwhile.
  const pid_t child = start_child([&] {
    sleep_ms(30);
    return receive(queue) == "x" ? 0 : 1;
  });
  ready.events = POLLOUT;
  EXPECT_EQ(poll(&ready, 1, 10'000), 1);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Queue, EpollByEdges) {
  const int set = epoll_create1(0);
  epoll_event event = {EPOLLIN | EPOLLET, {}};
  ASSERT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, queue, &event), 0);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
  EXPECT_EQ(send(queue, "x"), 0);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 1);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
  EXPECT_EQ(send(queue, "y"), 0);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 1);
  close(set);
}

TEST_F(Queue, OutlivesItsName) {
  EXPECT_EQ(send(queue, "kept"), 0);
  ASSERT_EQ(mq_unlink(kName), 0);
  EXPECT_EQ(error_of(mq_open(kName, O_RDWR)), ENOENT);
  struct stat status;
  ASSERT_EQ(fstat(queue, &status), 0);
  EXPECT_EQ(status.st_nlink, 0u);
  const mqd_t other = make(2, 64);
  ASSERT_GE(other, 0);
  EXPECT_EQ(receive(queue), "kept");
  EXPECT_EQ(attributes_of(other).mq_curmsgs, 0);
  mq_close(other);
}

TEST_F(Queue, OutlivesItsUsers) {
  EXPECT_EQ(run_child([&] { return send(queue, "left"); }), 0);
  mq_close(queue);
  queue = mq_open(kName, O_RDWR);
  ASSERT_GE(queue, 0);
  EXPECT_EQ(attributes_of(queue).mq_curmsgs, 1);
  EXPECT_EQ(receive(queue), "left");
}

sigevent by_signal(int signal, int value) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = signal;
  event.sigev_value.sival_int = value;
  return event;
}

TEST_F(Queue, Notice) {
  handle(SIGUSR1, note);
  sigevent event = by_signal(SIGUSR1, 1234);
  ASSERT_EQ(mq_notify(queue, &event), 0);
  EXPECT_EQ(error_of(mq_notify(queue, &event)), EBUSY);
  char line[100] = {};
  EXPECT_GT(pread(queue, line, sizeof(line), 0), 0);
  char expected[100];
  snprintf(expected, sizeof(expected),
           "QSIZE:0          NOTIFY:0     SIGNO:%-5d NOTIFY_PID:%-6d\n",
           SIGUSR1, getpid());
  EXPECT_STREQ(line, expected);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(mq_notify(queue, nullptr) == 0);
              CHILD_CHECK(error_of(mq_notify(queue, &event)) == EBUSY);
              return send(queue, "x");
            }),
            0);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(noted.info.si_code, SI_MESGQ);
  EXPECT_EQ(noted.info.si_value.sival_int, 1234);
  EXPECT_EQ(noted.info.si_uid, getuid());
  EXPECT_NE(noted.info.si_pid, getpid());
  EXPECT_NE(noted.info.si_pid, 0);
  // Once only, and never of a queue that has messages.
  EXPECT_EQ(receive(queue), "x");
  EXPECT_EQ(send(queue, "y"), 0);
  EXPECT_EQ(noted.count, 1);
  ASSERT_EQ(mq_notify(queue, &event), 0);
  EXPECT_EQ(send(queue, "z"), 0);
  EXPECT_EQ(noted.count, 1);
  EXPECT_EQ(receive(queue), "y");
  EXPECT_EQ(receive(queue), "z");
  EXPECT_EQ(send(queue, "now"), 0);
  EXPECT_EQ(noted.count, 2);
}

TEST_F(Queue, NoNoticeOfWhatIsWaitedFor) {
  handle(SIGUSR1, note);
  sigevent event = by_signal(SIGUSR1, 1);
  ASSERT_EQ(mq_notify(queue, &event), 0);
  const pid_t child =
      start_child([&] { return receive(queue) == "first" ? 0 : 1; });
  sleep_ms(50);
  EXPECT_EQ(send(queue, "first"), 0);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(noted.count, 0);
  EXPECT_EQ(send(queue, "second"), 0);
  EXPECT_EQ(noted.count, 1);
}

TEST_F(Queue, NoticeEnds) {
  sigevent event = by_signal(SIGUSR1, 1);
  const auto may_ask = [&] {
    return run_child([&] { return error_of(mq_notify(queue, &event)); });
  };
  // With its process, by itself, and with any descriptor for the queue.
  EXPECT_EQ(may_ask(), 0);
  EXPECT_EQ(may_ask(), 0);
  ASSERT_EQ(mq_notify(queue, &event), 0);
  EXPECT_EQ(may_ask(), EBUSY);
  ASSERT_EQ(mq_notify(queue, nullptr), 0);
  EXPECT_EQ(may_ask(), 0);
  ASSERT_EQ(mq_notify(queue, &event), 0);
  close(dup(queue));
  EXPECT_EQ(may_ask(), 0);
  ASSERT_EQ(mq_notify(queue, &event), 0);
  const mqd_t other = mq_open(kName, O_RDONLY);
  mq_close(other);
  EXPECT_EQ(may_ask(), 0);
}

TEST_F(Queue, KindsOfNotice) {
  sigevent event = by_signal(65, 1);
  EXPECT_EQ(error_of(mq_notify(queue, &event)), EINVAL);
  event.sigev_signo = -1;
  EXPECT_EQ(error_of(mq_notify(queue, &event)), EINVAL);
  event.sigev_signo = SIGUSR1;
  event.sigev_notify = 3;
  EXPECT_EQ(error_of(mq_notify(queue, &event)), EINVAL);
  event.sigev_notify = SIGEV_NONE;
  EXPECT_EQ(mq_notify(queue, &event), 0);
  EXPECT_EQ(error_of(mq_notify(queue, &event)), EBUSY);
  EXPECT_EQ(send(queue, "x"), 0);
  // Nobody heard of it, and that is over.
  EXPECT_EQ(mq_notify(queue, nullptr), 0);
  event = by_signal(0, 0);
  EXPECT_EQ(mq_notify(queue, &event), 0);
  EXPECT_EQ(mq_notify(queue, nullptr), 0);
  // SIGEV_THREAD as the C library asks for it: by a netlink socket.
  char cookie[32] = {};
  event.sigev_notify = SIGEV_THREAD;
  event.sigev_value.sival_ptr = reinterpret_cast<void*>(8);
  EXPECT_EQ(error_of(syscall(SYS_mq_notify, queue, &event)), EFAULT);
  event.sigev_value.sival_ptr = cookie;
  event.sigev_signo = 12345;
  EXPECT_EQ(error_of(syscall(SYS_mq_notify, queue, &event)), EBADF);
  event.sigev_signo = queue;
  EXPECT_EQ(error_of(syscall(SYS_mq_notify, queue, &event)), ENOTSOCK);
}

}  // namespace
}  // namespace tine::guest
