// inotify: what watchers of files and directories hear, in which order, and
// what they read.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

struct Heard {
  int watch;
  uint32_t mask;
  std::string name = "";
  bool operator==(const Heard&) const = default;
};

std::ostream& operator<<(std::ostream& out, const Heard& heard) {
  return out << "{" << heard.watch << ", 0x" << std::hex << heard.mask
             << std::dec << ", \"" << heard.name << "\"}";
}

using List = std::vector<Heard>;

class Inotify : public testing::Test {
 protected:
  void SetUp() override {
    fd_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    ASSERT_GE(fd_, 0);
    ASSERT_TRUE(put_file(file_, "some text"));
  }
  void TearDown() override { close(fd_); }

  int watch(const std::string& path, uint32_t mask = IN_ALL_EVENTS) {
    return inotify_add_watch(fd_, path.c_str(), mask);
  }
  // All that is to be heard now. Cookies come to cookies_, of those that have
  // one.
  List hear() {
    int waiting = -1;
    EXPECT_EQ(ioctl(fd_, FIONREAD, &waiting), 0);
    alignas(inotify_event) char buffer[8192];
    const ssize_t got = read(fd_, buffer, sizeof(buffer));
    EXPECT_EQ(got < 0 ? 0 : got, waiting);
    List list;
    cookies_.clear();
    for (ssize_t at = 0; at < got;) {
      inotify_event head;
      memcpy(&head, buffer + at, sizeof(head));
      const char* name = buffer + at + sizeof(head);
      EXPECT_EQ(head.len % sizeof(head), 0u);
      list.push_back({head.wd, head.mask, head.len == 0 ? "" : name});
      if (head.cookie != 0) cookies_.push_back(head.cookie);
      at += static_cast<ssize_t>(sizeof(head) + head.len);
    }
    return list;
  }

  TemporaryDirectory directory_;
  const std::string file_ = directory_ / "file";
  int fd_ = -1;
  std::vector<uint32_t> cookies_;
};

TEST_F(Inotify, Arguments) {
  EXPECT_ERRNO(EINVAL, inotify_init1(1));
  EXPECT_EQ(fcntl(fd_, F_GETFD), FD_CLOEXEC);
  EXPECT_EQ(fcntl(fd_, F_GETFL) & (O_ACCMODE | O_NONBLOCK),
            O_RDONLY | O_NONBLOCK);
  EXPECT_ERRNO(EBADF, write(fd_, "x", 1));
  EXPECT_ERRNO(EINVAL, watch(file_, 0));
  EXPECT_ERRNO(EINVAL, watch(file_, 0x1000));
  EXPECT_ERRNO(EINVAL, watch(file_, IN_OPEN | IN_MASK_ADD | IN_MASK_CREATE));
  EXPECT_ERRNO(ENOENT, watch(directory_ / "none"));
  EXPECT_ERRNO(ENOTDIR, watch(file_, IN_OPEN | IN_ONLYDIR));
  EXPECT_ERRNO(EFAULT, inotify_add_watch(fd_, nullptr, IN_OPEN));
  EXPECT_ERRNO(EBADF, inotify_add_watch(-1, file_.c_str(), IN_OPEN));
  EXPECT_ERRNO(EINVAL, inotify_add_watch(0, file_.c_str(), IN_OPEN));
  EXPECT_ERRNO(EBADF, inotify_rm_watch(-1, 1));
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(0, 1));
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(fd_, 1));
  EXPECT_EQ(watch(directory_.path(), IN_OPEN | IN_ONLYDIR), 1);
  EXPECT_ERRNO(EEXIST, watch(directory_.path(), IN_OPEN | IN_MASK_CREATE));
  EXPECT_EQ(watch(file_, IN_OPEN | IN_MASK_CREATE), 2);
  EXPECT_EQ(watch(file_, IN_CLOSE), 2);
  EXPECT_EQ(inotify_rm_watch(fd_, 2), 0);
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(fd_, 2));
  EXPECT_EQ(hear(), (List{{2, IN_IGNORED}}));
  // Numbers are not given again at once.
  EXPECT_EQ(watch(file_), 3);
}

TEST_F(Inotify, RightToRead) {
  ASSERT_EQ(chmod(directory_.path().c_str(), 0755), 0);
  ASSERT_EQ(chmod(file_.c_str(), 0200), 0);
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    CHILD_CHECK(watch(file_, IN_OPEN) == -1 && errno == EACCES);
    return 0;
  });
  if (end == kNoOtherUser) GTEST_SKIP() << "no other user here";
  EXPECT_EQ(end, 0);
}

TEST_F(Inotify, ReadsAndWrites) {
  const int in_directory = watch(directory_.path());
  const int of_file = watch(file_);
  const int fd = open(file_.c_str(), O_RDWR);
  ASSERT_GE(fd, 0);
  EXPECT_EQ(hear(),
            (List{{in_directory, IN_OPEN, "file"}, {of_file, IN_OPEN}}));
  char c;
  EXPECT_EQ(read(fd, &c, 0), 0);
  EXPECT_EQ(write(fd, &c, 0), 0);
  EXPECT_EQ(hear(), List{});
  EXPECT_EQ(read(fd, &c, 1), 1);
  EXPECT_EQ(hear(),
            (List{{in_directory, IN_ACCESS, "file"}, {of_file, IN_ACCESS}}));
  EXPECT_EQ(pwrite(fd, "ab", 2, 0), 2);
  EXPECT_EQ(ftruncate(fd, 4), 0);
  EXPECT_EQ(truncate(file_.c_str(), 5), 0);
  EXPECT_EQ(hear(), (List{{in_directory, IN_MODIFY, "file"},
                          {of_file, IN_MODIFY},
                          {in_directory, IN_MODIFY, "file"},
                          {of_file, IN_MODIFY},
                          {in_directory, IN_MODIFY, "file"},
                          {of_file, IN_MODIFY}}));
  EXPECT_ERRNO(EINVAL, ftruncate(fd, -1));
  EXPECT_EQ(hear(), List{});
  EXPECT_EQ(close(fd), 0);
  EXPECT_EQ(hear(), (List{{in_directory, IN_CLOSE_WRITE, "file"},
                          {of_file, IN_CLOSE_WRITE}}));
  // Kernels differ in whether O_TRUNC or the open is told first.
  EXPECT_EQ(close(open(file_.c_str(), O_RDONLY | O_TRUNC)), 0);
  ASSERT_EQ(inotify_rm_watch(fd_, in_directory), 0);
  List heard = hear();
  ASSERT_EQ(heard.size(), 7u);
  if (heard[0].mask == IN_OPEN) {
    std::swap(heard[0], heard[2]);
    std::swap(heard[1], heard[3]);
  }
  EXPECT_EQ(heard, (List{{in_directory, IN_MODIFY, "file"},
                         {of_file, IN_MODIFY},
                         {in_directory, IN_OPEN, "file"},
                         {of_file, IN_OPEN},
                         {in_directory, IN_CLOSE_NOWRITE, "file"},
                         {of_file, IN_CLOSE_NOWRITE},
                         {in_directory, IN_IGNORED}}));
  EXPECT_EQ(close(open(file_.c_str(), O_PATH)), 0);
  EXPECT_EQ(hear(), List{});
}

TEST_F(Inotify, SameEventsAreOne) {
  const int watched = watch(file_, IN_ACCESS | IN_MODIFY);
  const int fd = open(file_.c_str(), O_RDWR);
  char c;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pread(fd, &c, 1, 0), 1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pwrite(fd, &c, 1, 0), 1);
  EXPECT_EQ(pread(fd, &c, 1, 0), 1);
  EXPECT_EQ(
      hear(),
      (List{{watched, IN_ACCESS}, {watched, IN_MODIFY}, {watched, IN_ACCESS}}));
  close(fd);
}

TEST_F(Inotify, Attributes) {
  const int watched = watch(file_);
  const int fd = open(file_.c_str(), O_RDONLY);
  EXPECT_EQ(hear(), (List{{watched, IN_OPEN}}));
  EXPECT_EQ(chmod(file_.c_str(), 0600), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_ATTRIB}}));
  EXPECT_EQ(fchmod(fd, 0644), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_ATTRIB}}));
  EXPECT_EQ(chown(file_.c_str(), geteuid(), getegid()), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_ATTRIB}}));
  EXPECT_EQ(fchown(fd, geteuid(), getegid()), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_ATTRIB}}));
  EXPECT_EQ(utimensat(AT_FDCWD, file_.c_str(), nullptr, 0), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_ATTRIB}}));
  const timespec only_access[2] = {{5, 0}, {0, UTIME_OMIT}};
  EXPECT_EQ(futimens(fd, only_access), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_ACCESS}}));
  const timespec only_change[2] = {{0, UTIME_OMIT}, {5, 0}};
  EXPECT_EQ(futimens(fd, only_change), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_MODIFY}}));
  close(fd);
}

TEST_F(Inotify, Names) {
  const int watched = watch(directory_.path());
  const std::string made = directory_ / "made";
  EXPECT_EQ(close(open(made.c_str(), O_CREAT | O_EXCL | O_WRONLY, 0644)), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_CREATE, "made"},
                          {watched, IN_OPEN, "made"},
                          {watched, IN_CLOSE_WRITE, "made"}}));
  EXPECT_EQ(mkdir((directory_ / "sub").c_str(), 0755), 0);
  EXPECT_EQ(symlink("made", (directory_ / "link").c_str()), 0);
  EXPECT_EQ(mkfifo((directory_ / "fifo").c_str(), 0644), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_CREATE | IN_ISDIR, "sub"},
                          {watched, IN_CREATE, "link"},
                          {watched, IN_CREATE, "fifo"}}));
  const int of_made = watch(made);
  EXPECT_EQ(link(made.c_str(), (directory_ / "more").c_str()), 0);
  EXPECT_EQ(hear(), (List{{of_made, IN_ATTRIB}, {watched, IN_CREATE, "more"}}));
  EXPECT_EQ(watch(directory_ / "more"), of_made);
  EXPECT_EQ(unlink(made.c_str()), 0);
  EXPECT_EQ(hear(), (List{{of_made, IN_ATTRIB}, {watched, IN_DELETE, "made"}}));
  // What happens two levels below is not told.
  ASSERT_TRUE(put_file(directory_ / "sub" + "/below", ""));
  EXPECT_EQ(unlink((directory_ / "sub" + "/below").c_str()), 0);
  EXPECT_EQ(hear(), List{});
  EXPECT_EQ(rmdir((directory_ / "sub").c_str()), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_DELETE | IN_ISDIR, "sub"}}));
}

TEST_F(Inotify, TheEndOfAFile) {
  const int watched = watch(directory_.path());
  const int of_file = watch(file_);
  const int fd = open(file_.c_str(), O_RDONLY);
  EXPECT_EQ(hear().size(), 2u);
  // Somebody still has it open: its end is told when it is closed.
  EXPECT_EQ(unlink(file_.c_str()), 0);
  EXPECT_EQ(hear(), (List{{of_file, IN_ATTRIB}, {watched, IN_DELETE, "file"}}));
  EXPECT_EQ(inotify_rm_watch(fd_, watched), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_IGNORED}}));
  EXPECT_EQ(close(fd), 0);
  EXPECT_EQ(hear(), (List{{of_file, IN_CLOSE_NOWRITE},
                          {of_file, IN_DELETE_SELF},
                          {of_file, IN_IGNORED}}));
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(fd_, of_file));
}

TEST_F(Inotify, TheEndOfADirectory) {
  const std::string sub = directory_ / "sub";
  ASSERT_EQ(mkdir(sub.c_str(), 0755), 0);
  const int watched = watch(sub);
  EXPECT_EQ(rmdir(sub.c_str()), 0);
  EXPECT_EQ(hear(), (List{{watched, IN_DELETE_SELF}, {watched, IN_IGNORED}}));
}

TEST_F(Inotify, Moves) {
  const std::string sub = directory_ / "sub";
  ASSERT_EQ(mkdir(sub.c_str(), 0755), 0);
  const int above = watch(directory_.path());
  const int below = watch(sub);
  const int of_file = watch(file_);
  const std::string moved = directory_ / "moved";
  EXPECT_EQ(rename(file_.c_str(), moved.c_str()), 0);
  EXPECT_EQ(hear(), (List{{above, IN_MOVED_FROM, "file"},
                          {above, IN_MOVED_TO, "moved"},
                          {of_file, IN_MOVE_SELF}}));
  ASSERT_EQ(cookies_.size(), 2u);
  EXPECT_EQ(cookies_[0], cookies_[1]);
  const uint32_t first = cookies_[0];
  EXPECT_EQ(rename(moved.c_str(), (sub + "/file").c_str()), 0);
  EXPECT_EQ(hear(), (List{{above, IN_MOVED_FROM, "moved"},
                          {below, IN_MOVED_TO, "file"},
                          {of_file, IN_MOVE_SELF}}));
  ASSERT_EQ(cookies_.size(), 2u);
  EXPECT_EQ(cookies_[0], cookies_[1]);
  EXPECT_NE(cookies_[0], first);
  // A directory; then over a file, which ends.
  EXPECT_EQ(rename(sub.c_str(), (directory_ / "other").c_str()), 0);
  EXPECT_EQ(hear(), (List{{above, IN_MOVED_FROM | IN_ISDIR, "sub"},
                          {above, IN_MOVED_TO | IN_ISDIR, "other"},
                          {below, IN_MOVE_SELF}}));
  ASSERT_TRUE(put_file(moved, ""));
  hear();
  EXPECT_EQ(rename(moved.c_str(), (directory_ / "other/file").c_str()), 0);
  EXPECT_EQ(hear(), (List{{above, IN_MOVED_FROM, "moved"},
                          {below, IN_MOVED_TO, "file"},
                          {of_file, IN_ATTRIB},
                          {of_file, IN_DELETE_SELF},
                          {of_file, IN_IGNORED}}));
}

TEST_F(Inotify, MasksAddUpOrAreReplaced) {
  const int watched = watch(file_, IN_OPEN);
  EXPECT_EQ(watch(file_, IN_ACCESS | IN_MASK_ADD), watched);
  EXPECT_EQ(get_file(file_), "some text");
  EXPECT_EQ(hear(), (List{{watched, IN_OPEN}, {watched, IN_ACCESS}}));
  EXPECT_EQ(watch(file_, IN_CLOSE_NOWRITE), watched);
  EXPECT_EQ(get_file(file_), "some text");
  EXPECT_EQ(hear(), (List{{watched, IN_CLOSE_NOWRITE}}));
}

TEST_F(Inotify, OneEvent) {
  const int watched = watch(file_, IN_ALL_EVENTS | IN_ONESHOT);
  EXPECT_EQ(get_file(file_), "some text");
  EXPECT_EQ(hear(), (List{{watched, IN_OPEN}, {watched, IN_IGNORED}}));
  EXPECT_ERRNO(EINVAL, inotify_rm_watch(fd_, watched));
}

TEST_F(Inotify, LinksThatAreNotFollowed) {
  const std::string link = directory_ / "link";
  ASSERT_EQ(symlink("file", link.c_str()), 0);
  const int of_file = watch(link);
  const int of_link = watch(link, IN_ALL_EVENTS | IN_DONT_FOLLOW);
  EXPECT_NE(of_file, of_link);
  EXPECT_EQ(watch(file_), of_file);
  EXPECT_EQ(unlink(link.c_str()), 0);
  EXPECT_EQ(hear(), (List{{of_link, IN_ATTRIB},
                          {of_link, IN_DELETE_SELF},
                          {of_link, IN_IGNORED}}));
}

TEST_F(Inotify, UnlinkedChildren) {
  for (const uint32_t without : {0u, uint32_t{IN_EXCL_UNLINK}}) {
    ASSERT_TRUE(put_file(file_, "some text"));
    const int fd = open(file_.c_str(), O_RDWR);
    const int watched = watch(directory_.path(), IN_ALL_EVENTS | without);
    hear();
    EXPECT_EQ(unlink(file_.c_str()), 0);
    EXPECT_EQ(write(fd, "x", 1), 1);
    List expected{{watched, IN_DELETE, "file"}};
    if (without == 0) expected.push_back({watched, IN_MODIFY, "file"});
    EXPECT_EQ(hear(), expected) << without;
    // Changes of attributes are told in any case.
    EXPECT_EQ(fchmod(fd, 0600), 0);
    EXPECT_EQ(hear(), (List{{watched, IN_ATTRIB, "file"}})) << without;
    close(fd);
    hear();
  }
}

TEST_F(Inotify, DirectoriesAreRead) {
  const int watched = watch(directory_.path());
  const int fd = open(directory_.path().c_str(), O_RDONLY | O_DIRECTORY);
  char buffer[1024];
  EXPECT_GT(syscall(SYS_getdents64, fd, buffer, sizeof(buffer)), 0);
  close(fd);
  EXPECT_EQ(hear(), (List{{watched, IN_OPEN | IN_ISDIR},
                          {watched, IN_ACCESS | IN_ISDIR},
                          {watched, IN_CLOSE_NOWRITE | IN_ISDIR}}));
}

TEST_F(Inotify, BuffersThatAreTooSmall) {
  const int watched = watch(file_, IN_OPEN);
  char buffer[64];
  EXPECT_ERRNO(EAGAIN, read(fd_, buffer, sizeof(buffer)));
  close(open(file_.c_str(), O_RDONLY));
  EXPECT_ERRNO(EINVAL, read(fd_, buffer, sizeof(inotify_event) - 1));
  EXPECT_EQ(read(fd_, buffer, sizeof(inotify_event)),
            ssize_t{sizeof(inotify_event)});
  ASSERT_EQ(inotify_rm_watch(fd_, watched), 0);
  hear();
  watch(directory_.path(), IN_OPEN);
  // A name takes its place, the NUL with it.
  ASSERT_TRUE(put_file(directory_ / "sixteen_letters_", ""));
  EXPECT_ERRNO(EINVAL, read(fd_, buffer, 16));
  EXPECT_ERRNO(EINVAL, read(fd_, buffer, 47));
  EXPECT_EQ(read(fd_, buffer, 48), 48);
  // As many as have room, whole.
  close(open(file_.c_str(), O_RDONLY));
  close(open((directory_ / "sixteen_letters_").c_str(), O_RDONLY));
  EXPECT_EQ(read(fd_, buffer, 64), 32);
  EXPECT_EQ(hear().size(), 1u);
  // What cannot be written is gone.
  close(open(file_.c_str(), O_RDONLY));
  EXPECT_ERRNO(EFAULT, read(fd_, reinterpret_cast<void*>(8), 64));
  EXPECT_EQ(hear(), List{});
}

TEST_F(Inotify, ReadersAndPollersWait) {
  watch(file_, IN_OPEN);
  const int set = epoll_create1(0);
  struct epoll_event event = {};
  event.events = EPOLLIN | EPOLLET;
  ASSERT_EQ(epoll_ctl(set, EPOLL_CTL_ADD, fd_, &event), 0);
  pollfd poller{fd_, POLLIN | POLLOUT, 0};
  EXPECT_EQ(poll(&poller, 1, 0), 0);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
  const auto open_later = [&] {
    usleep(20'000);
    close(open(file_.c_str(), O_RDONLY));
    return 0;
  };
  pid_t child = start_child(open_later);
  EXPECT_EQ(poll(&poller, 1, 10'000), 1);
  EXPECT_EQ(poller.revents, POLLIN);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 1);
  EXPECT_EQ(epoll_wait(set, &event, 1, 0), 0);
  EXPECT_EQ(hear().size(), 1u);
  ASSERT_EQ(fcntl(fd_, F_SETFL, 0), 0);
  child = start_child(open_later);
  inotify_event head;
  EXPECT_EQ(read(fd_, &head, sizeof(head)), ssize_t{sizeof(head)});
  EXPECT_EQ(head.mask, uint32_t{IN_OPEN});
  EXPECT_EQ(wait_for(child), 0);
  close(set);
}

TEST_F(Inotify, TooManyEvents) {
  const int most =
      std::stoi(get_file("/proc/sys/fs/inotify/max_queued_events"));
  const int watched = watch(file_, IN_ACCESS | IN_MODIFY);
  const int fd = open(file_.c_str(), O_RDWR);
  char c = 'x';
  for (int i = 0; i < most + 10; ++i) {
    ASSERT_EQ(i % 2 == 0 ? pread(fd, &c, 1, 0) : pwrite(fd, &c, 1, 0), 1);
  }
  int waiting = 0;
  ASSERT_EQ(ioctl(fd_, FIONREAD, &waiting), 0);
  ASSERT_EQ(waiting, (most + 1) * static_cast<int>(sizeof(inotify_event)));
  std::vector<inotify_event> events(static_cast<size_t>(most) + 2);
  ASSERT_EQ(read(fd_, events.data(), events.size() * sizeof(inotify_event)),
            waiting);
  EXPECT_EQ(events[static_cast<size_t>(most) - 1].wd, watched);
  EXPECT_EQ(events[static_cast<size_t>(most)].wd, -1);
  EXPECT_EQ(events[static_cast<size_t>(most)].mask, uint32_t{IN_Q_OVERFLOW});
  // Then all goes on.
  EXPECT_EQ(pread(fd, &c, 1, 0), 1);
  EXPECT_EQ(hear(), (List{{watched, IN_ACCESS}}));
  close(fd);
}

TEST_F(Inotify, ForkAndExec) {
  const std::string copy = directory_ / "program";
  ASSERT_TRUE(put_file(copy, get_file("/proc/self/exe"), 0755));
  const int watched = watch(copy);
  const int end = run_child([&] {
    execl(copy.c_str(), copy.c_str(), "--gtest_list_tests", nullptr);
    return 1;
  });
  EXPECT_EQ(end, 0);
  const List heard = hear();
  ASSERT_GE(heard.size(), 3u);
  EXPECT_EQ(heard.front(), (Heard{watched, IN_OPEN}));
  EXPECT_EQ(heard[1], (Heard{watched, IN_ACCESS}));
  EXPECT_EQ(heard.back(), (Heard{watched, IN_CLOSE_NOWRITE}));
  // A child reads what its parent watches.
  EXPECT_EQ(chmod(copy.c_str(), 0700), 0);
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(hear() == (List{{watched, IN_ATTRIB}}));
              return 0;
            }),
            0);
  EXPECT_EQ(hear(), List{});
}

TEST_F(Inotify, InstancesOfAUser) {
  const int most =
      std::stoi(get_file("/proc/sys/fs/inotify/max_user_instances"));
  if (most > 1000) GTEST_SKIP() << "this system allows " << most;
  std::vector<int> all;
  int fd;
  while ((fd = inotify_init1(0)) >= 0 && all.size() < 1000) all.push_back(fd);
  EXPECT_EQ(errno, EMFILE);
  EXPECT_LE(all.size(), static_cast<size_t>(most));
  for (const int one : all) close(one);
  fd = inotify_init1(0);
  EXPECT_GE(fd, 0);
  close(fd);
}

TEST_F(Inotify, WhatProcShows) {
  watch(file_, IN_OPEN);
  const std::string number = std::to_string(fd_);
  const std::string info = get_file("/proc/self/fdinfo/" + number);
  EXPECT_NE(info.find("\ninotify wd:1 ino:"), std::string::npos) << info;
  char target[64] = {};
  ASSERT_GT(readlink(("/proc/self/fd/" + number).c_str(), target, 63), 0);
  EXPECT_STREQ(target, "anon_inode:inotify");
}

}  // namespace
}  // namespace tine::guest
