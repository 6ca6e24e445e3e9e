// Processes that wait for each other at pipes.
// feature-map: 70
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <ctime>
#include <string>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/time.h"

namespace tine::guest {
namespace {

constexpr size_t kCapacity = 64 * 1024;

struct Ends {
  int read = -1;
  int write = -1;
  Ends() {
    int fds[2];
    EXPECT_EQ(pipe(fds), 0);
    read = fds[0];
    write = fds[1];
  }
  ~Ends() {
    close_read();
    close_write();
  }
  void close_read() {
    if (read >= 0) close(read);
    read = -1;
  }
  void close_write() {
    if (write >= 0) close(write);
    write = -1;
  }
};

TEST(PipeWait, AReaderWaitsForAWriter) {
  Ends ends;
  const pid_t child = start_child([&] {
    sleep_ms(20);
    return write(ends.write, "late", 4) == 4 ? 0 : 1;
  });
  char text[10];
  EXPECT_EQ(read(ends.read, text, sizeof(text)), 4);
  EXPECT_EQ(std::string(text, 4), "late");
  EXPECT_EQ(wait_for(child), 0);
}

TEST(PipeWait, AWriterWaitsForRoom) {
  Ends ends;
  const pid_t child = start_child([&] {
    ends.close_read();
    const std::string much(3 * kCapacity + 17, 'w');
    return write(ends.write, much.data(), much.size()) ==
                   static_cast<ssize_t>(much.size())
               ? 0
               : 1;
  });
  ends.close_write();
  sleep_ms(20);
  size_t total = 0;
  std::vector<char> some(10'000);
  for (;;) {
    const ssize_t got = read(ends.read, some.data(), some.size());
    ASSERT_GE(got, 0);
    if (got == 0) break;
    for (ssize_t i = 0; i < got; ++i)
      ASSERT_EQ(some[static_cast<size_t>(i)], 'w');
    total += static_cast<size_t>(got);
  }
  EXPECT_EQ(total, 3 * kCapacity + 17);
  EXPECT_EQ(wait_for(child), 0);
}

// The last writer's end by exit, not by close: `sleep 1 | cat`.
TEST(PipeWait, ExitOfTheLastWriterEndsTheFile) {
  Ends ends;
  const pid_t sleeper = start_child([&] {
    ends.close_read();
    sleep_ms(30);
    return 0;
  });
  const pid_t reader = start_child([&] {
    ends.close_write();
    char byte;
    return static_cast<int>(read(ends.read, &byte, 1));
  });
  ends.close_write();
  EXPECT_EQ(wait_for(reader), 0);
  EXPECT_EQ(wait_for(sleeper), 0);
}

TEST(PipeWait, AKilledWriterEndsTheFile) {
  Ends ends;
  const pid_t writer = start_child([&] {
    pause();
    return 0;
  });
  ends.close_write();
  const pid_t killer = start_child([&] {
    sleep_ms(20);
    kill(writer, SIGKILL);
    return 0;
  });
  char byte;
  EXPECT_EQ(read(ends.read, &byte, 1), 0);
  EXPECT_EQ(wait_for(writer), -SIGKILL);
  EXPECT_EQ(wait_for(killer), 0);
}

TEST(PipeWait, AWaitingWriterGetsSigpipe) {
  Ends ends;
  const pid_t writer = start_child([&] {
    ends.close_read();
    const std::string much(2 * kCapacity, 'w');
    const ssize_t done = write(ends.write, much.data(), much.size());
    return done < 0 ? 1 : 2;
  });
  ends.close_write();
  sleep_ms(20);
  ends.close_read();
  EXPECT_EQ(wait_for(writer), -SIGPIPE);
}

TEST(PipeWait, AWaitingWriterThatIgnoresItHasWhatItWrote) {
  Ends ends;
  const pid_t writer = start_child([&] {
    signal(SIGPIPE, SIG_IGN);
    ends.close_read();
    const std::string much(2 * kCapacity, 'w');
    const ssize_t done = write(ends.write, much.data(), much.size());
    CHILD_CHECK(done == static_cast<ssize_t>(kCapacity));
    CHILD_CHECK(write(ends.write, "x", 1) == -1 && errno == EPIPE);
    return 0;
  });
  ends.close_write();
  sleep_ms(20);
  ends.close_read();
  EXPECT_EQ(wait_for(writer), 0);
}

TEST(PipeWait, AKilledReaderTakesNothing) {
  Ends ends;
  const pid_t reader = start_child([&] {
    char byte;
    return static_cast<int>(read(ends.read, &byte, 1));
  });
  sleep_ms(20);
  kill(reader, SIGKILL);
  EXPECT_EQ(wait_for(reader), -SIGKILL);
  ASSERT_EQ(write(ends.write, "kept", 4), 4);
  char text[10];
  EXPECT_EQ(read(ends.read, text, sizeof(text)), 4);
}

// Each byte goes to one reader.
TEST(PipeWait, ReadersShare) {
  Ends ends;
  Ends results;
  constexpr int kReaders = 5;
  constexpr int kBytes = 500;
  pid_t readers[kReaders];
  for (pid_t& reader : readers) {
    reader = start_child([&] {
      ends.close_write();
      int count = 0;
      char some[7];
      for (;;) {
        const ssize_t got = read(ends.read, some, sizeof(some));
        if (got <= 0) break;
        count += static_cast<int>(got);
      }
      return write(results.write, &count, sizeof(count)) == 4 ? 0 : 1;
    });
  }
  for (int i = 0; i < kBytes; ++i) ASSERT_EQ(write(ends.write, "x", 1), 1);
  ends.close_write();
  int total = 0;
  for (int i = 0; i < kReaders; ++i) {
    int count = 0;
    ASSERT_EQ(read(results.read, &count, sizeof(count)), 4);
    total += count;
  }
  EXPECT_EQ(total, kBytes);
  for (const pid_t reader : readers) EXPECT_EQ(wait_for(reader), 0);
}

// Writers of PIPE_BUF or less are never mixed up.
TEST(PipeWait, WritesOfManyAreWhole) {
  Ends ends;
  constexpr int kWriters = 4;
  constexpr int kEach = 30;
  constexpr size_t kBytes = 3000;
  pid_t writers[kWriters];
  for (int w = 0; w < kWriters; ++w) {
    writers[w] = start_child([&] {
      ends.close_read();
      const std::string text(kBytes, static_cast<char>('a' + w));
      for (int i = 0; i < kEach; ++i) {
        CHILD_CHECK(write(ends.write, text.data(), kBytes) ==
                    static_cast<ssize_t>(kBytes));
      }
      return 0;
    });
  }
  ends.close_write();
  std::string all;
  char some[5000];
  for (;;) {
    const ssize_t got = read(ends.read, some, sizeof(some));
    ASSERT_GE(got, 0);
    if (got == 0) break;
    all.append(some, static_cast<size_t>(got));
  }
  ASSERT_EQ(all.size(), kWriters * kEach * kBytes);
  for (size_t at = 0; at < all.size(); at += kBytes) {
    ASSERT_EQ(all.substr(at, kBytes), std::string(kBytes, all[at])) << at;
  }
  for (const pid_t writer : writers) EXPECT_EQ(wait_for(writer), 0);
}

TEST(PipeWait, AlternatingProcesses) {
  Ends there;
  Ends back;
  const pid_t child = start_child([&] {
    there.close_write();
    for (;;) {
      int value;
      const ssize_t got = read(there.read, &value, sizeof(value));
      if (got == 0) return 0;
      ++value;
      CHILD_CHECK(write(back.write, &value, sizeof(value)) == 4);
    }
  });
  there.close_read();
  for (int i = 0; i < 300; ++i) {
    ASSERT_EQ(write(there.write, &i, sizeof(i)), 4);
    int value = 0;
    ASSERT_EQ(read(back.read, &value, sizeof(value)), 4);
    ASSERT_EQ(value, i + 1);
  }
  there.close_write();
  EXPECT_EQ(wait_for(child), 0);
}

// A chain of processes, as a shell makes it, with the end passed on by dup2.
TEST(PipeWait, AChainOfDescriptors) {
  constexpr int kLength = 6;
  int input = -1;
  Ends first;
  input = dup(first.read);
  pid_t children[kLength];
  for (int i = 0; i < kLength; ++i) {
    int fds[2];
    ASSERT_EQ(pipe(fds), 0);
    children[i] = start_child([&] {
      first.close_read();
      first.close_write();
      dup2(input, 0);
      dup2(fds[1], 1);
      close(input);
      close(fds[0]);
      close(fds[1]);
      char c;
      while (read(0, &c, 1) == 1) {
        ++c;
        CHILD_CHECK(write(1, &c, 1) == 1);
      }
      return 0;
    });
    close(input);
    close(fds[1]);
    input = fds[0];
  }
  ASSERT_EQ(write(first.write, "ABC", 3), 3);
  first.close_write();
  first.close_read();
  std::string all;
  char c;
  while (read(input, &c, 1) == 1) all += c;
  close(input);
  EXPECT_EQ(all, "GHI");
  for (const pid_t child : children) EXPECT_EQ(wait_for(child), 0);
}

}  // namespace
}  // namespace tine::guest
