// Pseudo-terminals: both ends, their modes, sizes and ends.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>

#include <cerrno>
#include <cstring>

#include "tests/guest/child.h"
#include "tests/guest/pseudo_terminal.h"

namespace tine::guest {
namespace {

int64_t now_ms() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

TEST(Pty, NewOneHasTheUsualSettings) {
  PseudoTerminal pty;
  ASSERT_GE(pty.slave, 0) << strerror(errno);
  const termios mode = settings(pty.slave);
  EXPECT_EQ(mode.c_iflag, static_cast<tcflag_t>(ICRNL | IXON));
  EXPECT_EQ(mode.c_oflag, static_cast<tcflag_t>(OPOST | ONLCR));
  EXPECT_EQ(mode.c_cflag & CSIZE, static_cast<tcflag_t>(CS8));
  EXPECT_EQ(mode.c_lflag,
            static_cast<tcflag_t>(ISIG | ICANON | ECHO | ECHOE | ECHOK |
                                  ECHOCTL | ECHOKE | IEXTEN));
  EXPECT_EQ(mode.c_cc[VINTR], 3);
  EXPECT_EQ(mode.c_cc[VEOF], 4);
  EXPECT_EQ(mode.c_cc[VMIN], 1);
  EXPECT_EQ(cfgetospeed(&mode), static_cast<speed_t>(B38400));
  EXPECT_EQ(isatty(pty.slave), 1);
  EXPECT_EQ(isatty(pty.master), 1);
  // The master answers with the slave's.
  const termios same = settings(pty.master);
  EXPECT_EQ(same.c_lflag, mode.c_lflag);
}

TEST(Pty, NodeIsThereAsLongAsTheMaster) {
  PseudoTerminal pty;
  struct stat node;
  ASSERT_EQ(stat(pty.path.c_str(), &node), 0);
  EXPECT_TRUE(S_ISCHR(node.st_mode));
  EXPECT_EQ(major(node.st_rdev), 136u);
  EXPECT_EQ(std::to_string(minor(node.st_rdev)), pty.path.substr(9));
  struct stat open_one;
  ASSERT_EQ(fstat(pty.slave, &open_one), 0);
  EXPECT_EQ(open_one.st_ino, node.st_ino);
  pty.close_master();
  EXPECT_EQ(stat(pty.path.c_str(), &node), -1);
  EXPECT_EQ(errno, ENOENT);
}

TEST(Pty, LockedUntilUnlocked) {
  const int master = posix_openpt(O_RDWR | O_NOCTTY);
  ASSERT_GE(master, 0);
  int number = -1;
  int locked = 0;
  ASSERT_EQ(ioctl(master, TIOCGPTN, &number), 0);
  ASSERT_EQ(ioctl(master, TIOCGPTLCK, &locked), 0);
  EXPECT_EQ(locked, 1);
  const std::string path = "/dev/pts/" + std::to_string(number);
  EXPECT_EQ(open(path.c_str(), O_RDWR | O_NOCTTY), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY), -1);
  EXPECT_EQ(errno, EIO);
  locked = 0;
  ASSERT_EQ(ioctl(master, TIOCSPTLCK, &locked), 0);
  // The other end without its name.
  const int peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY);
  ASSERT_GE(peer, 0);
  put(peer, "x");
  EXPECT_EQ(get(master), "x");
  EXPECT_EQ(close(peer), 0);
  EXPECT_EQ(close(master), 0);
}

TEST(Pty, LinesAndEcho) {
  PseudoTerminal pty;
  EXPECT_EQ(events(pty.slave), POLLOUT);
  put(pty.master, "ab");
  EXPECT_EQ(get(pty.master, 2), "ab");
  EXPECT_EQ(events(pty.slave), POLLOUT) << "not a line yet";
  put(pty.master,
      "\x7f\x7f"
      "cd\x01\r");
  EXPECT_EQ(get(pty.master, 12), "\b \b\b \bcd^A\r\n");
  EXPECT_EQ(events(pty.slave), POLLIN | POLLOUT);
  int waiting = 0;
  ASSERT_EQ(ioctl(pty.slave, FIONREAD, &waiting), 0);
  EXPECT_EQ(waiting, 4);
  EXPECT_EQ(get(pty.slave), "cd\x01\n");
  put(pty.slave, "x\ny\n");
  EXPECT_EQ(get(pty.master, 6), "x\r\ny\r\n");
}

TEST(Pty, EndOfFileKey) {
  PseudoTerminal pty;
  put(pty.master, "ab\x04");
  EXPECT_EQ(get(pty.slave), "ab");
  put(pty.master, "\x04");
  EXPECT_EQ(get(pty.slave), "");
  put(pty.master, "c\n");
  EXPECT_EQ(get(pty.slave), "c\n");
}

TEST(Pty, RawMode) {
  PseudoTerminal pty;
  make_raw(pty.slave);
  put(pty.master, "\x03\x04\r\n\x7f");
  EXPECT_EQ(get(pty.slave, 5), "\x03\x04\r\n\x7f");
  put(pty.slave, "a\nb");
  EXPECT_EQ(get(pty.master, 3), "a\nb");
}

TEST(Pty, RawModeMinimum) {
  PseudoTerminal pty;
  make_raw(pty.slave, 3);
  put(pty.master, "ab");
  EXPECT_EQ(events(pty.slave, POLLIN), 0);
  const pid_t child = start_child([&] {
    usleep(20'000);
    put(pty.master, "cd");
    return 0;
  });
  char bytes[10];
  const ssize_t count = read(pty.slave, bytes, sizeof(bytes));
  EXPECT_GE(count, 3);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(Pty, RawModeTimes) {
  PseudoTerminal pty;
  char bytes[10];
  make_raw(pty.slave, 0, 0);
  EXPECT_EQ(read(pty.slave, bytes, sizeof(bytes)), 0);
  make_raw(pty.slave, 0, 1);
  int64_t start = now_ms();
  EXPECT_EQ(read(pty.slave, bytes, sizeof(bytes)), 0);
  EXPECT_GE(now_ms() - start, 90);
  // With a minimum the time runs between bytes.
  make_raw(pty.slave, 5, 1);
  put(pty.master, "ab");
  start = now_ms();
  EXPECT_EQ(read(pty.slave, bytes, sizeof(bytes)), 2);
  EXPECT_GE(now_ms() - start, 90);
}

TEST(Pty, NonBlocking) {
  PseudoTerminal pty;
  ASSERT_EQ(fcntl(pty.slave, F_SETFL, O_RDWR | O_NONBLOCK), 0);
  ASSERT_EQ(fcntl(pty.master, F_SETFL, O_RDWR | O_NONBLOCK), 0);
  char byte;
  EXPECT_EQ(read(pty.slave, &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
  EXPECT_EQ(read(pty.master, &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST(Pty, WriterWaitsForTheMaster) {
  PseudoTerminal pty;
  constexpr size_t kBytes = 100'000;
  const pid_t child = start_child([&] {
    const std::string all(kBytes, 'x');
    CHILD_CHECK(write(pty.slave, all.data(), kBytes) == kBytes);
    return 0;
  });
  size_t seen = 0;
  while (seen < kBytes) {
    const std::string part = get(pty.master);
    ASSERT_NE(part, "error");
    seen += part.size();
  }
  EXPECT_EQ(seen, kBytes);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(Pty, MasterWaitsForTheReader) {
  PseudoTerminal pty;
  make_raw(pty.slave);
  constexpr size_t kBytes = 60'000;
  const pid_t child = start_child([&] {
    const std::string all(kBytes, 'y');
    CHILD_CHECK(write(pty.master, all.data(), kBytes) == kBytes);
    return 0;
  });
  EXPECT_EQ(get(pty.slave, kBytes).size(), kBytes);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(Pty, StopAndGoOn) {
  PseudoTerminal pty;
  ASSERT_EQ(tcflow(pty.slave, TCOOFF), 0);
  EXPECT_EQ(events(pty.slave), 0);
  const pid_t child = start_child([&] {
    put(pty.slave, "held");
    return 0;
  });
  usleep(20'000);
  EXPECT_EQ(events(pty.master, POLLIN), 0);
  ASSERT_EQ(tcflow(pty.slave, TCOON), 0);
  EXPECT_EQ(get(pty.master, 4), "held");
  EXPECT_EQ(wait_for(child), 0);
  EXPECT_EQ(tcflow(pty.slave, 9), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(Pty, Flush) {
  PseudoTerminal pty;
  put(pty.master, "abc\n");
  EXPECT_EQ(get(pty.master, 5), "abc\r\n");
  ASSERT_EQ(tcflush(pty.slave, TCIFLUSH), 0);
  EXPECT_EQ(events(pty.slave, POLLIN), 0);
  EXPECT_EQ(tcflush(pty.slave, 9), -1);
  EXPECT_EQ(errno, EINVAL);
  // Setting with TCSAFLUSH drops what was not read, too.
  put(pty.master, "def\n");
  EXPECT_EQ(get(pty.master, 5), "def\r\n");
  const termios mode = settings(pty.slave);
  ASSERT_EQ(tcsetattr(pty.slave, TCSAFLUSH, &mode), 0);
  EXPECT_EQ(events(pty.slave, POLLIN), 0);
  EXPECT_EQ(tcdrain(pty.slave), 0);
}

TEST(Pty, PacketMode) {
  PseudoTerminal pty;
  if (pty.slave < 0) GTEST_SKIP() << "no pseudo-terminals here";
  int mode = -1;
  ASSERT_EQ(ioctl(pty.master, TIOCGPKT, &mode), 0);
  EXPECT_EQ(mode, 0);
  mode = 1;
  EXPECT_EQ(ioctl(pty.slave, TIOCPKT, &mode), -1);
  EXPECT_EQ(errno, ENOTTY);
  ASSERT_EQ(ioctl(pty.master, TIOCPKT, &mode), 0);
  ASSERT_EQ(ioctl(pty.master, TIOCGPKT, &mode), 0);
  EXPECT_EQ(mode, 1);
  // Data come after a zero; the other end sees nothing of all this.
  put(pty.slave, "out\n");
  EXPECT_EQ(get(pty.master), std::string("\0out\r\n", 6));
  put(pty.master, "in\n");
  EXPECT_EQ(get(pty.slave), "in\n");
  EXPECT_EQ(get(pty.master), std::string("\0in\r\n", 5));
  const auto news = [&](int expected) {
    pollfd ready = {pty.master, POLLIN | POLLPRI, 0};
    EXPECT_EQ(poll(&ready, 1, kSoon), 1) << expected;
    EXPECT_NE(ready.revents & POLLPRI, 0) << expected;
    EXPECT_EQ(get(pty.master), std::string(1, static_cast<char>(expected)));
  };
  ASSERT_EQ(tcflush(pty.slave, TCIFLUSH), 0);
  news(TIOCPKT_FLUSHREAD);
  ASSERT_EQ(tcflush(pty.slave, TCOFLUSH), 0);
  news(TIOCPKT_FLUSHWRITE);
  ASSERT_EQ(tcflow(pty.slave, TCOOFF), 0);
  news(TIOCPKT_STOP);
  ASSERT_EQ(tcflow(pty.slave, TCOON), 0);
  news(TIOCPKT_START);
  termios now = settings(pty.slave);
  now.c_iflag &= ~static_cast<tcflag_t>(IXON);
  ASSERT_EQ(tcsetattr(pty.slave, TCSANOW, &now), 0);
  news(TIOCPKT_NOSTOP);
  now.c_iflag |= IXON;
  ASSERT_EQ(tcsetattr(pty.slave, TCSANOW, &now), 0);
  news(TIOCPKT_DOSTOP);
  EXPECT_EQ(events(pty.master, POLLIN | POLLPRI), 0);
  // Keys do the same; of what contradicts the later is told.
  put(pty.master, "\023");
  news(TIOCPKT_STOP);
  put(pty.master, "\021");
  news(TIOCPKT_START);
  put(pty.master, "ab\003");
  news(TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE);
  EXPECT_EQ(get(pty.master), std::string("\0^C", 3));
  // Turned on again it forgets nothing, turned off it does.
  ASSERT_EQ(tcflush(pty.slave, TCIOFLUSH), 0);
  ASSERT_EQ(ioctl(pty.master, TIOCPKT, &mode), 0);
  news(TIOCPKT_FLUSHREAD | TIOCPKT_FLUSHWRITE);
  ASSERT_EQ(tcflush(pty.slave, TCIOFLUSH), 0);
  mode = 0;
  ASSERT_EQ(ioctl(pty.master, TIOCPKT, &mode), 0);
  put(pty.slave, "out\n");
  EXPECT_EQ(get(pty.master), "out\r\n");
  mode = 1;
  ASSERT_EQ(ioctl(pty.master, TIOCPKT, &mode), 0);
  EXPECT_EQ(events(pty.master, POLLIN | POLLPRI), 0);
  int discipline = 99;
  EXPECT_EQ(ioctl(pty.slave, TIOCSETD, &discipline), -1);
  EXPECT_EQ(errno, EINVAL);
}

TEST(Pty, TheOtherEndMayEditLines) {
  PseudoTerminal pty;
  if (pty.slave < 0) GTEST_SKIP() << "no pseudo-terminals here";
  const int on = 1;
  ASSERT_EQ(ioctl(pty.master, TIOCPKT, &on), 0);
  termios now = settings(pty.slave);
  now.c_lflag |= EXTPROC;
  ASSERT_EQ(tcsetattr(pty.slave, TCSANOW, &now), 0);
  EXPECT_EQ(get(pty.master), std::string(1, TIOCPKT_IOCTL));
  // Nothing is a key, nothing is echoed, and no line is waited for.
  put(pty.master, "a\003\b");
  EXPECT_EQ(get(pty.slave), "a\003\b");
  EXPECT_EQ(events(pty.master, POLLIN), 0);
  put(pty.master, "rest");
  pollfd ready = {pty.slave, POLLIN, 0};
  ASSERT_EQ(poll(&ready, 1, kSoon), 1);
  now.c_lflag &= ~static_cast<tcflag_t>(EXTPROC);
  ASSERT_EQ(tcsetattr(pty.slave, TCSANOW, &now), 0);
  EXPECT_EQ(get(pty.master), std::string(1, TIOCPKT_IOCTL));
  EXPECT_EQ(get(pty.slave), "rest");
}

TEST(Pty, TypedByPrograms) {
  PseudoTerminal pty;
  if (pty.slave < 0) GTEST_SKIP() << "no pseudo-terminals here";
  if (ioctl(pty.slave, TIOCSTI, "x") != 0) {
    GTEST_SKIP() << "nobody may type for others here";
  }
  EXPECT_EQ(ioctl(pty.slave, TIOCSTI, 8), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(ioctl(pty.slave, TIOCSTI, "\n"), 0);
  EXPECT_EQ(get(pty.slave), "x\n");
  EXPECT_EQ(get(pty.master, 3), "x\r\n");
  const int end = run_child([&] {
    if (!become_a_user()) return kNoOtherUser;
    return ioctl(pty.slave, TIOCSTI, "x") == 0 ? 0 : errno;
  });
  // EIO where the system forbids it to all.
  if (end != kNoOtherUser) EXPECT_TRUE(end == EPERM || end == EIO) << end;
}

TEST(Pty, WiresThatAreNone) {
  PseudoTerminal pty;
  if (pty.slave < 0) GTEST_SKIP() << "no pseudo-terminals here";
  EXPECT_EQ(ioctl(pty.slave, TIOCGPTPEER, O_RDWR), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(ioctl(pty.slave, TIOCSBRK), 0);
  EXPECT_EQ(ioctl(pty.slave, TIOCCBRK), 0);
  for (const int on : {1, 0}) {
    int now = -1;
    EXPECT_EQ(ioctl(pty.slave, TIOCSSOFTCAR, &on), 0);
    EXPECT_EQ(ioctl(pty.slave, TIOCGSOFTCAR, &now), 0);
    EXPECT_EQ(now, on);
    EXPECT_EQ((settings(pty.slave).c_cflag & CLOCAL) != 0, on == 1);
  }
}

TEST(Pty, WindowSize) {
  PseudoTerminal pty;
  winsize size = {9, 9, 9, 9};
  ASSERT_EQ(ioctl(pty.slave, TIOCGWINSZ, &size), 0);
  EXPECT_EQ(size.ws_row, 0);
  EXPECT_EQ(size.ws_col, 0);
  size = {30, 90, 1, 2};
  ASSERT_EQ(ioctl(pty.master, TIOCSWINSZ, &size), 0);
  size = {};
  ASSERT_EQ(ioctl(pty.slave, TIOCGWINSZ, &size), 0);
  EXPECT_EQ(size.ws_row, 30);
  EXPECT_EQ(size.ws_col, 90);
  EXPECT_EQ(size.ws_ypixel, 2);
}

TEST(Pty, SlaveClosed) {
  PseudoTerminal pty;
  put(pty.slave, "last");
  pty.close_slave();
  EXPECT_EQ(events(pty.master, POLLIN) & (POLLIN | POLLHUP), POLLIN | POLLHUP);
  EXPECT_EQ(get(pty.master), "last");
  char byte;
  EXPECT_EQ(read(pty.master, &byte, 1), -1);
  EXPECT_EQ(errno, EIO);
  // It can be opened again.
  pty.slave = open(pty.path.c_str(), O_RDWR | O_NOCTTY);
  ASSERT_GE(pty.slave, 0);
  EXPECT_EQ(events(pty.master), POLLOUT);
  put(pty.slave, "again");
  EXPECT_EQ(get(pty.master), "again");
}

TEST(Pty, MasterClosed) {
  PseudoTerminal pty;
  put(pty.master, "lost\n");
  pty.close_master();
  EXPECT_EQ(events(pty.slave), POLLIN | POLLOUT | POLLERR | POLLHUP);
  char byte = 0;
  EXPECT_EQ(read(pty.slave, &byte, 1), 0);
  EXPECT_EQ(write(pty.slave, &byte, 1), -1);
  EXPECT_EQ(errno, EIO);
  termios mode;
  EXPECT_EQ(tcgetattr(pty.slave, &mode), -1);
  EXPECT_EQ(errno, EIO);
  EXPECT_EQ(tcsetpgrp(pty.slave, getpgrp()), -1);
  EXPECT_EQ(errno, ENOTTY);
}

TEST(Pty, ReaderSeesTheMasterGo) {
  PseudoTerminal pty;
  const int slave = pty.slave;
  const pid_t child = start_child([&] {
    close(pty.master);
    char byte;
    return read(slave, &byte, 1) == -1 && errno == EIO ? 5 : 6;
  });
  usleep(20'000);
  pty.close_master();
  EXPECT_EQ(wait_for(child), 5);
}

TEST(Pty, OldFormOfSettings) {
  PseudoTerminal pty;
  // struct termio, and termios2 with its speeds.
  struct {
    uint16_t iflag, oflag, cflag, lflag;
    uint8_t line, cc[8];
  } old;
  ASSERT_EQ(ioctl(pty.slave, TCGETA, &old), 0);
  EXPECT_EQ(old.oflag, OPOST | ONLCR);
  old.oflag = OPOST;
  ASSERT_EQ(ioctl(pty.slave, TCSETA, &old), 0);
  EXPECT_EQ(settings(pty.slave).c_oflag, static_cast<tcflag_t>(OPOST));
  uint32_t newer[11];
  ASSERT_EQ(ioctl(pty.slave, 0x802c542a /* TCGETS2 */, newer), 0);
  EXPECT_EQ(newer[9], 38400u);
  EXPECT_EQ(newer[10], 38400u);
  newer[2] = (newer[2] & ~010017u) | 010000u;  // any speed
  newer[10] = 12345;
  ASSERT_EQ(ioctl(pty.slave, 0x402c542b /* TCSETS2 */, newer), 0);
  newer[10] = 0;
  ASSERT_EQ(ioctl(pty.slave, 0x802c542a, newer), 0);
  EXPECT_EQ(newer[10], 12345u);
}

TEST(Pty, Refusals) {
  PseudoTerminal pty;
  int number = 0;
  EXPECT_EQ(ioctl(pty.slave, TIOCGPTN, &number), -1);
  EXPECT_EQ(errno, ENOTTY);
  EXPECT_EQ(ioctl(pty.slave, 0x54ff, &number), -1);
  EXPECT_EQ(errno, ENOTTY);
  EXPECT_EQ(ioctl(pty.slave, TCGETS, nullptr), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(ioctl(pty.slave, TCSETS, nullptr), -1);
  EXPECT_EQ(errno, EFAULT);
  EXPECT_EQ(lseek(pty.slave, 0, SEEK_SET), -1);
  EXPECT_EQ(errno, ESPIPE);
  EXPECT_EQ(open("/dev/pts/9999", O_RDWR), -1);
  EXPECT_EQ(errno, ENOENT);
}

}  // namespace
}  // namespace tine::guest
