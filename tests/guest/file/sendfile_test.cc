// sendfile and copy_file_range; splice and its kin may be refused.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "tests/guest/child.h"
#include "tests/guest/temporary_directory.h"

namespace tine::guest {
namespace {

std::string letters(size_t count) {
  std::string text(count, ' ');
  for (size_t i = 0; i < count; ++i) {
    text[i] = static_cast<char>('a' + static_cast<char>(i % 23));
  }
  return text;
}

class Sendfile : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(put_file(directory_ / "from", text_));
    from_ = open((directory_ / "from").c_str(), O_RDWR);
    to_ = open((directory_ / "to").c_str(), O_RDWR | O_CREAT, 0600);
    ASSERT_GE(from_, 0);
    ASSERT_GE(to_, 0);
  }
  void TearDown() override {
    close(from_);
    close(to_);
  }
  std::string copied() { return get_file(directory_ / "to"); }

  const std::string text_ = letters(100'000);
  TemporaryDirectory directory_;
  int from_ = -1;
  int to_ = -1;
};

TEST_F(Sendfile, FromFileToFile) {
  EXPECT_EQ(sendfile(to_, from_, nullptr, 10), 10);
  EXPECT_EQ(lseek(from_, 0, SEEK_CUR), 10);
  EXPECT_EQ(lseek(to_, 0, SEEK_CUR), 10);
  off_t offset = 50'000;
  EXPECT_EQ(sendfile(to_, from_, &offset, 1'000'000), 50'000);
  EXPECT_EQ(offset, 100'000);
  EXPECT_EQ(lseek(from_, 0, SEEK_CUR), 10);
  EXPECT_EQ(copied(), text_.substr(0, 10) + text_.substr(50'000));
  EXPECT_EQ(sendfile(to_, from_, &offset, 10), 0);
}

TEST_F(Sendfile, ThroughAPipeThatFills) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = start_child([&] {
    close(ends[1]);
    std::string all;
    char part[3000];
    ssize_t got;
    while ((got = read(ends[0], part, sizeof(part))) > 0) {
      all.append(part, static_cast<size_t>(got));
    }
    return all == text_ ? 0 : 1;
  });
  close(ends[0]);
  // A pipe takes what it has room for.
  size_t sent = 0;
  while (sent < text_.size()) {
    const ssize_t done = sendfile(ends[1], from_, nullptr, text_.size());
    ASSERT_GT(done, 0);
    sent += static_cast<size_t>(done);
  }
  EXPECT_EQ(sent, text_.size());
  close(ends[1]);
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(lseek(from_, 0, SEEK_CUR), static_cast<off_t>(text_.size()));
}

TEST_F(Sendfile, ToAFullPipe) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_NONBLOCK), 0);
  EXPECT_EQ(sendfile(ends[1], from_, nullptr, text_.size()), 65'536);
  EXPECT_EQ(lseek(from_, 0, SEEK_CUR), 65'536);
  EXPECT_EQ(sendfile(ends[1], from_, nullptr, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Sendfile, ToASocket) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  EXPECT_EQ(sendfile(ends[0], from_, nullptr, 5000), 5000);
  std::string got(5000, '?');
  EXPECT_EQ(recv(ends[1], got.data(), got.size(), MSG_WAITALL), 5000);
  EXPECT_EQ(got, text_.substr(0, 5000));
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Sendfile, Errors) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(sendfile(to_, ends[1], nullptr, 1), -1);
  EXPECT_EQ(errno, EBADF);
  EXPECT_EQ(sendfile(1000, from_, nullptr, 1), -1);
  EXPECT_EQ(errno, EBADF);
  off_t offset = -1;
  EXPECT_EQ(sendfile(to_, from_, &offset, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(sendfile(to_, from_, reinterpret_cast<off_t*>(16), 1), -1);
  EXPECT_EQ(errno, EFAULT);
  const int appends = open((directory_ / "to").c_str(), O_WRONLY | O_APPEND);
  EXPECT_EQ(sendfile(appends, from_, nullptr, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  close(appends);
  close(ends[0]);
  close(ends[1]);
}

TEST_F(Sendfile, CopyFileRange) {
  EXPECT_EQ(copy_file_range(from_, nullptr, to_, nullptr, 7, 0), 7);
  EXPECT_EQ(lseek(to_, 0, SEEK_CUR), 7);
  off_t in = 99'990;
  off_t out = 20;
  EXPECT_EQ(copy_file_range(from_, &in, to_, &out, 100, 0), 10);
  EXPECT_EQ(in, 100'000);
  EXPECT_EQ(out, 30);
  EXPECT_EQ(copied(),
            text_.substr(0, 7) + std::string(13, '\0') + text_.substr(99'990));
  EXPECT_EQ(copy_file_range(from_, &in, to_, nullptr, 100, 0), 0);
  EXPECT_EQ(copy_file_range(from_, nullptr, to_, nullptr, 1, 1), -1);
  EXPECT_EQ(errno, EINVAL);
  in = 0;
  out = 5;
  EXPECT_EQ(copy_file_range(from_, &in, from_, &out, 10, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(copy_file_range(from_, nullptr, ends[1], nullptr, 1, 0), -1);
  EXPECT_EQ(errno, EINVAL);
  EXPECT_EQ(copy_file_range(1000, nullptr, to_, nullptr, 1, 0), -1);
  EXPECT_EQ(errno, EBADF);
  close(ends[0]);
  close(ends[1]);
}

}  // namespace
}  // namespace tine::guest
