// POSIX message queues: waiting for them, notices, and their ends.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <cstring>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/posix_mq.h"
#include "tests/guest/signals.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

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
