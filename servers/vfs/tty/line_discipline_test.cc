// The line discipline against Linux's own: the same keys, writes and settings
// go to both, and the same bytes must come out at each end.
#include "servers/vfs/tty/line_discipline.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <random>
#include <string>

namespace tine::vfs::tty {
namespace {

using namespace linux_abi;

// One end's view of what happened, so that failures read well.
std::string readable(const std::string& bytes) {
  std::string text;
  for (char c : bytes) {
    char part[8];
    const auto byte = static_cast<unsigned char>(c);
    std::snprintf(part, sizeof(part),
                  byte >= 0x20 && byte < 0x7f ? "%c" : "\\x%02x", byte);
    text += part;
  }
  return text;
}

// A pseudo-terminal of the host; null if the sandbox has none.
class HostTerminal {
 public:
  // `patience`: microseconds that the kernel gets after each step.
  static std::unique_ptr<HostTerminal> open(unsigned patience) {
    const int master = posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0) {
      return nullptr;
    }
    const int slave =
        ioctl(master, static_cast<int>(kTiocGetPtyPeer), O_RDWR | O_NOCTTY);
    if (slave < 0) return nullptr;
    fcntl(master, F_SETFL, O_NONBLOCK);
    fcntl(slave, F_SETFL, O_NONBLOCK);
    return std::unique_ptr<HostTerminal>(
        new HostTerminal(master, slave, patience));
  }
  ~HostTerminal() {
    close(slave_);
    close(master_);
  }
  void set_termios(const Termios& termios) {
    ASSERT_EQ(ioctl(slave_, kTcSets2, &termios), 0);
  }
  Termios termios() {
    Termios termios;
    EXPECT_EQ(ioctl(slave_, kTcGets2, &termios), 0);
    return termios;
  }
  // After this, what was typed has been worked on.
  void type(const std::string& keys) {
    ASSERT_EQ(::write(master_, keys.data(), keys.size()),
              static_cast<ssize_t>(keys.size()));
    settle();
  }
  bool can_read() {
    pollfd poll_fd = {slave_, POLLIN, 0};
    return poll(&poll_fd, 1, 0) == 1;
  }
  std::string read(size_t room) { return read_from(slave_, room); }
  std::string shown() {
    settle();
    return read_from(master_, 20000);
  }
  size_t write(const std::string& bytes) {
    const ssize_t count = ::write(slave_, bytes.data(), bytes.size());
    return count < 0 ? 0 : static_cast<size_t>(count);
  }
  u64 input_bytes() {
    int bytes = 0;
    EXPECT_EQ(ioctl(slave_, kTiocInputQueue, &bytes), 0);
    return static_cast<u64>(bytes);
  }
  void flush_input() {
    ASSERT_EQ(ioctl(slave_, static_cast<int>(kTcFlush), kFlushInput), 0);
  }

 private:
  HostTerminal(int master, int slave, unsigned patience)
      : master_(master), slave_(slave), patience_(patience) {}
  // The kernel hands bytes to the other end in work of its own, which cannot
  // be waited for. A poll that finds nothing to read usually does it.
  void settle() {
    for (int fd : {slave_, master_, slave_}) {
      pollfd poll_fd = {fd, POLLIN, 0};
      poll(&poll_fd, 1, 0);
    }
    usleep(patience_);
  }
  static std::string read_from(int fd, size_t room) {
    std::string bytes(room, '\0');
    const ssize_t count = ::read(fd, bytes.data(), room);
    bytes.resize(count < 0 ? 0 : static_cast<size_t>(count));
    return bytes;
  }
  int master_;
  int slave_;
  unsigned patience_;
};

class TineTerminal {
 public:
  TineTerminal() { discipline_->start(kNewTerminal); }
  void set_termios(const Termios& termios) {
    discipline_->set_termios(termios);
  }
  void type(const std::string& keys) {
    ASSERT_EQ(discipline_->receive(reinterpret_cast<const u8*>(keys.data()),
                                   keys.size()),
              keys.size());
  }
  bool can_read() {
    return discipline_->has_input(discipline_->poll_minimum());
  }
  std::string read(size_t room) {
    std::string bytes(room, '\0');
    bytes.resize(
        discipline_->has_input()
            ? discipline_->read(reinterpret_cast<u8*>(bytes.data()), room)
            : 0);
    return bytes;
  }
  std::string shown() {
    std::string bytes(20000, '\0');
    bytes.resize(discipline_->take_output(reinterpret_cast<u8*>(bytes.data()),
                                          bytes.size()));
    return bytes;
  }
  size_t write(const std::string& bytes) {
    return discipline_->write(reinterpret_cast<const u8*>(bytes.data()),
                              bytes.size());
  }
  u64 input_bytes() { return discipline_->input_bytes(); }
  void flush_input() { discipline_->flush_input(); }
  LineDiscipline& discipline() { return *discipline_; }

 private:
  std::unique_ptr<LineDiscipline> discipline_ =
      std::make_unique<LineDiscipline>();
};

constexpr unsigned kPatience = 20'000;

// Both terminals, and what differed.
class Pair {
 public:
  explicit Pair(unsigned patience) : host(HostTerminal::open(patience)) {}
  void set(const Termios& value) {
    char flags[64];
    std::snprintf(flags, sizeof(flags), " set %o %o %o", value.iflag,
                  value.oflag, value.lflag);
    log += flags;
    host->set_termios(value);
    tine.set_termios(value);
    compare();
  }
  void type(const std::string& keys) {
    log += " type \"" + readable(keys) + "\"";
    host->type(keys);
    tine.type(keys);
    compare();
  }
  void write(const std::string& bytes) {
    log += " write \"" + readable(bytes) + "\"";
    expect("written", std::to_string(host->write(bytes)),
           std::to_string(tine.write(bytes)));
    compare();
  }
  // What both return.
  std::string read(size_t room) {
    log += " read " + std::to_string(room);
    std::string expected = host->read(room);
    expect("read", readable(expected), readable(tine.read(room)));
    compare();
    return expected;
  }
  void flush_input() {
    log += " flush";
    host->flush_input();
    tine.flush_input();
    compare();
  }
  void compare() {
    expect("shown", readable(host->shown()), readable(tine.shown()));
    expect("FIONREAD", std::to_string(host->input_bytes()),
           std::to_string(tine.input_bytes()));
    expect("POLLIN", host->can_read() ? "yes" : "no",
           tine.can_read() ? "yes" : "no");
  }

  std::unique_ptr<HostTerminal> host;
  TineTerminal tine;
  std::string log;
  std::string difference;  // the first one

 private:
  void expect(const char* what, const std::string& host_says,
              const std::string& tine_says) {
    if (host_says == tine_says || !difference.empty()) return;
    difference = std::string(what) + ": Linux \"" + host_says + "\", Tine \"" +
                 tine_says + "\" after" + log;
  }
};

class LineDisciplineTest : public testing::Test {
 protected:
  void SetUp() override {
    if (pair.host == nullptr) GTEST_SKIP() << "no pseudo-terminals here";
  }
  void TearDown() override { EXPECT_EQ(pair.difference, ""); }
  void set(const Termios& value) { pair.set(value); }
  void type(const std::string& keys) { pair.type(keys); }
  void write(const std::string& bytes) { pair.write(bytes); }
  std::string read(size_t room) { return pair.read(room); }

  Pair pair{kPatience};
  Termios termios = kNewTerminal;
};

TEST_F(LineDisciplineTest, NewTerminal) {
  const Termios termios = pair.host->termios();
  EXPECT_EQ(std::memcmp(&termios, &kNewTerminal, sizeof(termios)), 0);
}

TEST_F(LineDisciplineTest, LineWithCorrections) {
  type("ab\tc\x7f\x7f\x7f");
  type("xy zz\x17one\ttwo\x15three\x12");
  type("\x16\x03\x01\x7f end\n");
  read(100);
}

TEST_F(LineDisciplineTest, EndOfFile) {
  type("abc\x04");
  EXPECT_EQ(read(3), "abc");
  read(3);
  type("\x04");
  EXPECT_EQ(read(3), "");
  type("one\ntwo\nthr");
  EXPECT_EQ(read(2), "on");
  EXPECT_EQ(read(100), "e\n");
  EXPECT_EQ(read(100), "two\n");
  EXPECT_EQ(read(100), "");
}

TEST_F(LineDisciplineTest, SignalKeysTakeBackWhatWasTyped) {
  type("abc");
  type("def\x03");
  type("x\x1ay\x1cz\n");
  read(100);
  // 2 is SIGINT, 3 SIGQUIT, 20 SIGTSTP.
  EXPECT_EQ(pair.tine.discipline().take_signals(),
            1u << 1 | 1u << 2 | 1u << 19);
  EXPECT_EQ(pair.tine.discipline().take_signals(), 0u);
}

TEST_F(LineDisciplineTest, LongLineKeepsItsEnd) {
  type(std::string(4000, 'a'));
  type(std::string(95, 'b'));
  type("cd");
  type("e\n");
  EXPECT_EQ(read(5000).size(), 4096u);
}

TEST_F(LineDisciplineTest, FlowControl) {
  type("\x13");
  write("held");
  type("typed");
  type("\x11");
  write("on");
}

TEST_F(LineDisciplineTest, TabsAndColumns) {
  Termios tabs = termios;
  tabs.oflag |= kXtabs;
  set(tabs);
  write("a\tb\n\t\tc\b\td\re\tf");
  type("g\th\x7f\x7f\x7fi");
  tabs.oflag |= kOcrnl | kOnlret;
  set(tabs);
  write("ab\rc\td\n\te");
}

TEST_F(LineDisciplineTest, RawAndBack) {
  Termios raw = termios;
  raw.lflag &= ~(kIcanon | kEcho);
  type("begun");
  set(raw);
  read(2);
  type("more\n");
  set(kNewTerminal);
  read(100);
  read(100);
  raw.cc[kVmin] = 3;
  set(raw);
  type("ab");
  type("c");
  read(100);
}

// Settings and bytes at random, with the special ones often.
void run_script(unsigned script, Pair& pair) {
  constexpr char kOften[] =
      "\x03\x04\x7f\x15\x17\x12\x16\x1a\x1c\x11\x13\n\r\t\b\0 ab_-\\\xc3\xa4"
      "\xff\x01";
  constexpr u32 kInput[] = {kIstrip, kInlcr, kIgncr,  kIcrnl, kIuclc,
                            kIxon,   kIxany, kParmrk, kIutf8};
  constexpr u32 kOutput[] = {kOpost, kOlcuc,  kOnlcr, kOcrnl,
                             kOnocr, kOnlret, kXtabs};
  constexpr u32 kLocal[] = {kIsig,   kIcanon,  kEcho,   kEchoe,
                            kEchok,  kEchonl,  kNoflsh, kEchoctl,
                            kEchoke, kEchoprt, kIexten};
  std::mt19937 random(script);
  const auto below = [&](unsigned n) {
    return static_cast<unsigned>(random() % n);
  };
  const auto text = [&](unsigned most) {
    std::string bytes;
    for (unsigned n = 1 + below(most); n != 0; --n) {
      bytes += below(3) == 0 ? static_cast<char>('a' + below(26))
                             : kOften[below(sizeof(kOften) - 1)];
    }
    return bytes;
  };
  pair.log = " script " + std::to_string(script) + ":";
  Termios now = kNewTerminal;
  for (unsigned step = 0; step < 40 && pair.difference.empty(); ++step) {
    switch (below(6)) {
      case 0:
        // Linux shapes echo that a stop holds back as the settings are when
        // it goes on, Tine as they were when the key came.
        if (pair.tine.discipline().is_stopped()) break;
        now.iflag ^= kInput[below(std::size(kInput))];
        now.oflag ^= kOutput[below(std::size(kOutput))];
        now.lflag ^= kLocal[below(std::size(kLocal))];
        if (below(8) == 0) now.cc[kVeol] = '-';
        if (below(8) == 0) now.cc[kVeol2] = '_';
        if (below(8) == 0) now.cc[kVmin] = static_cast<u8>(below(4));
        if (below(4) == 0) now = kNewTerminal;
        pair.set(now);
        break;
      case 1:
      case 2:
        pair.type(text(12));
        break;
      case 3:
        pair.write(text(8));
        break;
      case 4:
        pair.read(1 + below(20));
        break;
      default:
        if (below(8) == 0) {
          pair.flush_input();
        } else {
          pair.type("\n");
        }
        break;
    }
  }
}

TEST_F(LineDisciplineTest, RandomScripts) {
  constexpr unsigned kScripts = 150;
  unsigned repeated = 0;
  for (unsigned script = 0; script < kScripts; ++script) {
    Pair quick(50);
    run_script(script, quick);
    if (quick.difference.empty()) continue;
    ++repeated;
    // Linux may only have been late.
    Pair slow(kPatience);
    run_script(script, slow);
    ASSERT_EQ(slow.difference, "");
  }
  EXPECT_LT(repeated, kScripts / 2);
}

}  // namespace
}  // namespace tine::vfs::tty
