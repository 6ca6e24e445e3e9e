// System V message queues.
// feature-map: 68
#include <gtest/gtest.h>
#include <sys/ipc.h>
#include <sys/msg.h>

#include <climits>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

constexpr key_t kKey = 0x7469'6e03;
constexpr size_t kMost = 8192;

struct Letter {
  long type;
  char text[kMost + 16];
};

class Messages : public testing::Test {
 protected:
  void SetUp() override { noted = {}; }
  void TearDown() override {
    for (const int id : made_) msgctl(id, IPC_RMID, nullptr);
    set_action(SIGUSR1, SIG_DFL);
  }
  int make(key_t key, int flags) {
    const int id = msgget(key, flags);
    if (id >= 0) made_.push_back(id);
    return id;
  }
  int make() { return make(IPC_PRIVATE, IPC_CREAT | 0600); }

 private:
  std::vector<int> made_;
};

msqid_ds status(int id) {
  msqid_ds status{};
  EXPECT_EQ(msgctl(id, IPC_STAT, &status), 0);
  return status;
}

int send(int id, long type, const std::string& text, int flags = 0) {
  Letter letter;
  letter.type = type;
  memcpy(letter.text, text.data(), text.size());
  return msgsnd(id, &letter, text.size(), flags);
}

// The text, or "-" and the errno.
std::string receive(int id, long type, int flags = IPC_NOWAIT,
                    size_t most = kMost, long* its_type = nullptr) {
  Letter letter;
  const ssize_t bytes = msgrcv(id, &letter, most, type, flags);
  if (bytes < 0) return "-" + std::to_string(errno);
  if (its_type != nullptr) *its_type = letter.type;
  return std::string(letter.text, static_cast<size_t>(bytes));
}

std::string error(int number) { return "-" + std::to_string(number); }

TEST_F(Messages, ByKey) {
  EXPECT_EQ(msgget(kKey, 0600), -1);
  EXPECT_EQ(errno, ENOENT);
  const int id = make(kKey, IPC_CREAT | IPC_EXCL | 0640);
  ASSERT_GE(id, 0);
  EXPECT_EQ(msgget(kKey, 0), id);
  EXPECT_EQ(msgget(kKey, IPC_CREAT | 0600), id);
  EXPECT_EQ(msgget(kKey, IPC_CREAT | IPC_EXCL | 0600), -1);
  EXPECT_EQ(errno, EEXIST);
  const msqid_ds now = status(id);
  EXPECT_EQ(now.msg_perm.mode, 0640);
  EXPECT_EQ(now.msg_perm.uid, geteuid());
  EXPECT_EQ(now.msg_perm.cgid, getegid());
  EXPECT_EQ(now.msg_perm.__key, kKey);
  EXPECT_EQ(now.msg_qnum, 0u);
  EXPECT_EQ(now.__msg_cbytes, 0u);
  EXPECT_EQ(now.msg_qbytes, 16384u);
  EXPECT_EQ(now.msg_lspid, 0);
  EXPECT_EQ(now.msg_lrpid, 0);
  EXPECT_EQ(now.msg_stime, 0);
  EXPECT_EQ(now.msg_rtime, 0);
  EXPECT_LE(std::abs(now.msg_ctime - time(nullptr)), 2);
  ASSERT_EQ(msgctl(id, IPC_RMID, nullptr), 0);
  EXPECT_EQ(msgget(kKey, 0), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(send(id, 1, "x"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(receive(id, 0), error(EINVAL));
  EXPECT_EQ(msgctl(id, IPC_RMID, nullptr), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST_F(Messages, InOrder) {
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(receive(id, 0), error(ENOMSG));
  EXPECT_EQ(send(id, 3, "three"), 0);
  EXPECT_EQ(send(id, 1, "one"), 0);
  EXPECT_EQ(send(id, 2, ""), 0);
  EXPECT_EQ(send(id, 1, "another one"), 0);
  msqid_ds now = status(id);
  EXPECT_EQ(now.msg_qnum, 4u);
  EXPECT_EQ(now.__msg_cbytes, 19u);
  EXPECT_EQ(now.msg_lspid, getpid());
  EXPECT_NE(now.msg_stime, 0);
  long type = 0;
  EXPECT_EQ(receive(id, 0, IPC_NOWAIT, kMost, &type), "three");
  EXPECT_EQ(type, 3);
  EXPECT_EQ(receive(id, 2, IPC_NOWAIT, kMost, &type), "");
  EXPECT_EQ(type, 2);
  EXPECT_EQ(receive(id, 2), error(ENOMSG));
  EXPECT_EQ(receive(id, 1), "one");
  EXPECT_EQ(receive(id, 1), "another one");
  now = status(id);
  EXPECT_EQ(now.msg_qnum, 0u);
  EXPECT_EQ(now.__msg_cbytes, 0u);
  EXPECT_EQ(now.msg_lrpid, getpid());
  EXPECT_NE(now.msg_rtime, 0);
}

TEST_F(Messages, ByType) {
  const int id = make();
  ASSERT_GE(id, 0);
  for (const long type : {5L, 3L, 9L, 3L, 7L}) {
    EXPECT_EQ(send(id, type, std::to_string(type)), 0);
  }
  EXPECT_EQ(receive(id, -2), error(ENOMSG));
  EXPECT_EQ(receive(id, -5), "3");
  EXPECT_EQ(receive(id, -5), "3");
  EXPECT_EQ(receive(id, -6), "5");
  EXPECT_EQ(receive(id, 9, IPC_NOWAIT | MSG_EXCEPT), "7");
  EXPECT_EQ(receive(id, 9, IPC_NOWAIT | MSG_EXCEPT), error(ENOMSG));
  EXPECT_EQ(receive(id, LONG_MIN), "9");
}

TEST_F(Messages, Sizes) {
  const int id = make();
  ASSERT_GE(id, 0);
  const std::string large(kMost, 'x');
  EXPECT_EQ(send(id, 1, large), 0);
  EXPECT_EQ(receive(id, 0, IPC_NOWAIT, 100), error(E2BIG));
  EXPECT_EQ(status(id).msg_qnum, 1u) << "it is still there";
  EXPECT_EQ(receive(id, 0, IPC_NOWAIT | MSG_NOERROR, 100),
            large.substr(0, 100));
  EXPECT_EQ(status(id).msg_qnum, 0u) << "the rest is lost";
  EXPECT_EQ(send(id, 1, large + "x"), -1);
  EXPECT_EQ(errno, EINVAL);
  Letter letter{1, {}};
  EXPECT_EQ(msgsnd(id, &letter, static_cast<size_t>(-1), 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(msgrcv(id, &letter, static_cast<size_t>(-1), 0, IPC_NOWAIT), -1);
  EXPECT_EQ(errno, EINVAL);
  // Every byte of it.
  std::string text(5000, '\0');
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7);
  EXPECT_EQ(send(id, 1, text), 0);
  EXPECT_EQ(receive(id, 0), text);
}

TEST_F(Messages, Refusals) {
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(send(id, 0, "x"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(send(id, -1, "x"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(send(-1, 1, "x"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(send(0x7fff'fff0, 1, "x"), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(msgsnd(id, reinterpret_cast<void*>(8), 1, 0), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(receive(-1, 0), error(EINVAL));
  EXPECT_EQ(send(id, 1, "x"), 0);
  EXPECT_EQ(msgrcv(id, reinterpret_cast<void*>(8), 1, 0, IPC_NOWAIT), -1);
  EXPECT_EQ(errno, EFAULT);
  Letter letter{1, {}};
  EXPECT_EQ(msgrcv(id, &letter, 1, 0, MSG_COPY), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(msgrcv(id, &letter, 1, 0, MSG_COPY | IPC_NOWAIT | MSG_EXCEPT), -1);
  EXPECT_EQ(errno, EINVAL);
  msqid_ds now{};
  EXPECT_EQ(msgctl(id, 99, &now), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(msgctl(-1, IPC_STAT, &now), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(msgctl(id, IPC_STAT, reinterpret_cast<msqid_ds*>(8)), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(msgctl(id, IPC_SET, reinterpret_cast<msqid_ds*>(8)), -1);
  EXPECT_EQ(errno, EFAULT);
}

// A message by its place in the queue, where it stays.
TEST_F(Messages, Copies) {
  const int id = make();
  ASSERT_GE(id, 0);
  constexpr int kFlags = MSG_COPY | IPC_NOWAIT;
  EXPECT_EQ(receive(id, 0, kFlags), error(ENOMSG));
  ASSERT_EQ(send(id, 5, "first"), 0);
  ASSERT_EQ(send(id, 3, "other"), 0);
  long type = 0;
  EXPECT_EQ(receive(id, 0, kFlags, kMost, &type), "first");
  EXPECT_EQ(type, 5);
  EXPECT_EQ(receive(id, 1, kFlags, kMost, &type), "other");
  EXPECT_EQ(type, 3);
  EXPECT_EQ(receive(id, 2, kFlags), error(ENOMSG));
  EXPECT_EQ(receive(id, -1, kFlags), error(ENOMSG));
  EXPECT_EQ(receive(id, 0, kFlags, 4), error(E2BIG));
  EXPECT_EQ(receive(id, 0, kFlags | MSG_NOERROR, 4), error(EINVAL));
  EXPECT_EQ(receive(id, 0, kFlags, 5), "first");
  EXPECT_EQ(msgrcv(id, reinterpret_cast<void*>(8), 5, 0, kFlags), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(status(id).msg_qnum, 2u);
  EXPECT_EQ(status(id).msg_lrpid, 0);
}

TEST_F(Messages, ReceiverWaits) {
  const int id = make();
  ASSERT_GE(id, 0);
  const pid_t child = start_child([id] {
    long type = 0;
    CHILD_CHECK(receive(id, 7, 0, kMost, &type) == "for you");
    CHILD_CHECK(type == 7);
    CHILD_CHECK(send(id, 8, "thanks") == 0);
    return 0;
  });
  sleep_ms(20);
  EXPECT_EQ(send(id, 6, "not for you"), 0);
  sleep_ms(5);
  EXPECT_EQ(send(id, 7, "for you"), 0);
  EXPECT_EQ(receive(id, 8, 0), "thanks");
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(status(id).msg_qnum, 1u);
  EXPECT_EQ(receive(id, 0), "not for you");
}

// One with too little room hears of it; the message goes to the next.
TEST_F(Messages, WaitingReceiverWithTooLittleRoom) {
  const int id = make();
  ASSERT_GE(id, 0);
  const pid_t small = start_child([id] {
    CHILD_CHECK(receive(id, 0, 0, 3) == error(E2BIG));
    return 0;
  });
  sleep_ms(20);
  EXPECT_EQ(send(id, 1, "longer"), 0);
  EXPECT_EQ(wait_for(small), 0);
  EXPECT_EQ(receive(id, 0), "longer");
  const pid_t cut = start_child([id] {
    CHILD_CHECK(receive(id, 0, MSG_NOERROR, 3) == "lon");
    return 0;
  });
  sleep_ms(20);
  EXPECT_EQ(send(id, 1, "longer"), 0);
  EXPECT_EQ(wait_for(cut), 0);
  EXPECT_EQ(status(id).msg_qnum, 0u);
}

TEST_F(Messages, SenderWaitsForRoom) {
  const int id = make();
  ASSERT_GE(id, 0);
  const std::string large(kMost, 'a');
  EXPECT_EQ(send(id, 1, large), 0);
  EXPECT_EQ(send(id, 1, large), 0);
  EXPECT_EQ(send(id, 1, "x", IPC_NOWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
  const pid_t child = start_child([id] {
    CHILD_CHECK(send(id, 2, "late") == 0);
    return 0;
  });
  sleep_ms(30);
  EXPECT_EQ(status(id).msg_qnum, 2u);
  EXPECT_EQ(receive(id, 0), large);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(status(id).msg_qnum, 2u);
  EXPECT_EQ(status(id).msg_lspid, child);
  EXPECT_EQ(receive(id, 2), "late");
}

TEST_F(Messages, LimitOfAQueue) {
  const int id = make();
  ASSERT_GE(id, 0);
  msqid_ds wanted = status(id);
  wanted.msg_qbytes = 10;
  ASSERT_EQ(msgctl(id, IPC_SET, &wanted), 0);
  EXPECT_EQ(send(id, 1, "12345678901", IPC_NOWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(send(id, 1, "1234567890", IPC_NOWAIT), 0);
  const pid_t child = start_child([id] { return send(id, 1, "more"); });
  sleep_ms(20);
  wanted.msg_qbytes = 20;
  ASSERT_EQ(msgctl(id, IPC_SET, &wanted), 0);
  EXPECT_EQ(wait_for(child), 0) << "there is room now";
  // Empty messages count, too.
  wanted.msg_qbytes = 4;
  ASSERT_EQ(msgctl(id, IPC_SET, &wanted), 0);
  while (receive(id, 0)[0] != '-') {
  }
  for (int i = 0; i < 4; ++i) EXPECT_EQ(send(id, 1, "", IPC_NOWAIT), 0);
  EXPECT_EQ(send(id, 1, "", IPC_NOWAIT), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(Messages, RemovedWhileWaitedFor) {
  const int id = make();
  ASSERT_GE(id, 0);
  const pid_t receiver =
      start_child([id] { return receive(id, 5, 0) == error(EIDRM) ? 0 : 1; });
  const std::string large(kMost, 'a');
  EXPECT_EQ(send(id, 1, large), 0);
  EXPECT_EQ(send(id, 1, large), 0);
  const pid_t sender = start_child(
      [id] { return send(id, 1, "x") == -1 && errno == EIDRM ? 0 : 1; });
  sleep_ms(30);
  EXPECT_EQ(msgctl(id, IPC_RMID, nullptr), 0);
  EXPECT_EQ(wait_for(receiver), 0);
  EXPECT_EQ(wait_for(sender), 0);
}

// A handler ends the wait, whatever its flags; a stop does not.
TEST_F(Messages, InterruptedBySignals) {
  const int id = make();
  ASSERT_GE(id, 0);
  const pid_t child = start_child([id] {
    handle(SIGUSR1, note, SA_RESTART);
    CHILD_CHECK(receive(id, 5, 0) == error(EINTR));
    CHILD_CHECK(noted.count == 1);
    CHILD_CHECK(send(id, 1, "ready") == 0);
    CHILD_CHECK(receive(id, 5, 0) == "after the stop");
    return 0;
  });
  sleep_ms(40);
  kill(child, SIGUSR1);
  EXPECT_EQ(receive(id, 1, 0), "ready");
  sleep_ms(20);
  int status;
  kill(child, SIGSTOP);
  ASSERT_EQ(waitpid(child, &status, WUNTRACED), child);
  kill(child, SIGCONT);
  sleep_ms(20);
  EXPECT_EQ(send(id, 5, "after the stop"), 0);
  EXPECT_EQ(wait_for(child), 0);
}

TEST_F(Messages, KilledWaitersLeave) {
  const int id = make();
  ASSERT_GE(id, 0);
  const pid_t receiver = start_child([id] {
    receive(id, 0, 0);
    return 0;
  });
  sleep_ms(20);
  kill(receiver, SIGKILL);
  EXPECT_EQ(wait_for(receiver), -SIGKILL);
  const std::string large(kMost, 'a');
  EXPECT_EQ(send(id, 1, large), 0);
  EXPECT_EQ(send(id, 1, large), 0);
  EXPECT_EQ(status(id).msg_qnum, 2u);
  const pid_t sender = start_child([id] { return send(id, 1, "never"); });
  sleep_ms(20);
  kill(sender, SIGKILL);
  EXPECT_EQ(wait_for(sender), -SIGKILL);
  EXPECT_EQ(receive(id, 0), large);
  EXPECT_EQ(receive(id, 0), large);
  EXPECT_EQ(receive(id, 0), error(ENOMSG));
}

TEST_F(Messages, OthersNeedRights) {
  const int id = make(kKey, IPC_CREAT | 0600);
  ASSERT_GE(id, 0);
  const int write_only = make(kKey + 1, IPC_CREAT | 0602);
  ASSERT_GE(write_only, 0);
  const int end = run_child([&] {
    if (geteuid() != 0 || !become_a_user()) return kNoOtherUser;
    CHILD_CHECK(msgget(kKey, 0600) == -1 && errno == EACCES);
    CHILD_CHECK(msgget(kKey, 0) == id);
    CHILD_CHECK(send(id, 1, "x") == -1 && errno == EACCES);
    CHILD_CHECK(receive(id, 0) == error(EACCES));
    msqid_ds now{};
    CHILD_CHECK(msgctl(id, IPC_STAT, &now) == -1 && errno == EACCES);
    CHILD_CHECK(msgctl(id, IPC_SET, &now) == -1 && errno == EPERM);
    CHILD_CHECK(msgctl(id, IPC_RMID, nullptr) == -1 && errno == EPERM);
    CHILD_CHECK(send(write_only, 1, "x") == 0);
    CHILD_CHECK(receive(write_only, 0) == error(EACCES));
    const int own = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    CHILD_CHECK(own >= 0);
    CHILD_CHECK(msgctl(own, IPC_STAT, &now) == 0);
    now.msg_qbytes = 16385;
    CHILD_CHECK(msgctl(own, IPC_SET, &now) == -1 && errno == EPERM);
    CHILD_CHECK(msgctl(own, IPC_RMID, nullptr) == 0);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

TEST_F(Messages, Lists) {
  const int id = make();
  ASSERT_GE(id, 0);
  EXPECT_EQ(send(id, 1, "12345"), 0);
  msginfo info{};
  ASSERT_GE(msgctl(0, IPC_INFO, reinterpret_cast<msqid_ds*>(&info)), 0);
  EXPECT_EQ(info.msgmax, 8192);
  EXPECT_EQ(info.msgmnb, 16384);
  EXPECT_GE(info.msgmni, 1000);
  const int highest = msgctl(0, MSG_INFO, reinterpret_cast<msqid_ds*>(&info));
  ASSERT_GE(highest, 0);
  EXPECT_GE(info.msgpool, 1);
  EXPECT_GE(info.msgmap, 1);
  EXPECT_GE(info.msgtql, 5);
  int found = 0;
  for (int i = 0; i <= highest; ++i) {
    msqid_ds each{};
    if (msgctl(i, MSG_STAT, &each) != id) continue;
    ++found;
    EXPECT_EQ(each.msg_qnum, 1u);
    EXPECT_EQ(msgctl(i, 13 /* MSG_STAT_ANY */, &each), id);
  }
  EXPECT_EQ(found, 1);
}

// Everybody's letters arrive, each once.
TEST_F(Messages, ManySendersAndReceivers) {
  const int id = make();
  ASSERT_GE(id, 0);
  constexpr int kSenders = 4;
  constexpr int kEach = 100;
  std::vector<pid_t> children;
  for (int i = 0; i < kSenders; ++i) {
    children.push_back(start_child([id, i] {
      for (int n = 0; n < kEach; ++n) {
        const std::string text(static_cast<size_t>(n * 7), 'x');
        CHILD_CHECK(send(id, i + 1, text) == 0);
      }
      return 0;
    }));
    children.push_back(start_child([id, i] {
      for (int n = 0; n < kEach; ++n) {
        const std::string text = receive(id, i + 1, 0);
        CHILD_CHECK(text.size() == static_cast<size_t>(n * 7));
      }
      return 0;
    }));
  }
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(status(id).msg_qnum, 0u);
}

// Until there is no more memory for them, or no more are allowed.
TEST_F(Messages, ThereIsALimit) {
  EXPECT_EQ(run_child([] {
              constexpr int kMostQueues = 40'000;
              static int ids[kMostQueues];
              int count = 0;
              while (count < kMostQueues) {
                ids[count] = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
                if (ids[count] < 0) break;
                ++count;
              }
              const int error = errno;
              for (int i = 0; i < count; ++i) msgctl(ids[i], IPC_RMID, nullptr);
              CHILD_CHECK(count < kMostQueues);
              CHILD_CHECK(error == ENOSPC || error == ENOMEM);
              CHILD_CHECK(count >= 500);
              return 0;
            }),
            0);
  const int id = make();
  EXPECT_GE(id, 0);
}

}  // namespace
}  // namespace tine::guest
