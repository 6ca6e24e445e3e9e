// POSIX message queues: one that tests share, and what it is sent.
#ifndef TINE_TESTS_GUEST_POSIX_MQ_H_
#define TINE_TESTS_GUEST_POSIX_MQ_H_

#include <fcntl.h>
#include <gtest/gtest.h>
#include <mqueue.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "tests/guest/signals.h"

namespace tine::guest {

inline constexpr char kName[] = "/tine_queue";

inline mq_attr shape(long messages, long bytes) {
  mq_attr attributes{};
  attributes.mq_maxmsg = messages;
  attributes.mq_msgsize = bytes;
  return attributes;
}

inline mqd_t make(long messages, long bytes, int flags = O_RDWR,
                  mode_t mode = 0600) {
  mq_attr attributes = shape(messages, bytes);
  return mq_open(kName, flags | O_CREAT | O_EXCL, mode, &attributes);
}

inline mq_attr attributes_of(mqd_t queue) {
  mq_attr attributes{};
  EXPECT_EQ(mq_getattr(queue, &attributes), 0);
  return attributes;
}

// 0, or the errno.
inline int send(mqd_t queue, const std::string& text, unsigned priority = 0) {
  return mq_send(queue, text.data(), text.size(), priority) == 0 ? 0 : errno;
}

// The text, or "-" and the errno.
inline std::string receive(mqd_t queue, unsigned* priority = nullptr) {
  std::vector<char> text(8192);
  const ssize_t count = mq_receive(queue, text.data(), text.size(), priority);
  if (count < 0) return "-" + std::to_string(errno);
  return std::string(text.data(), static_cast<size_t>(count));
}

inline int error_of(long result) { return result < 0 ? errno : 0; }
inline int raw_open(const char* name, int flags, mode_t mode = 0600,
                    const void* attributes = nullptr) {
  return static_cast<int>(syscall(SYS_mq_open, name, flags, mode, attributes));
}

inline timespec in_ms(long ms) {
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

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_POSIX_MQ_H_
