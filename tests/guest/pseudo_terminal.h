// A pseudo-terminal for tests.
#ifndef TINE_TESTS_GUEST_PSEUDO_TERMINAL_H_
#define TINE_TESTS_GUEST_PSEUDO_TERMINAL_H_

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <string>

namespace tine::guest {

// Both ends; -1 if there is none. The slave is opened without becoming anyone's
// controlling terminal.
struct PseudoTerminal {
  PseudoTerminal() : master(posix_openpt(O_RDWR | O_NOCTTY)) {
    int number = -1;
    int lock = 0;
    if (ioctl(master, TIOCGPTN, &number) != 0) return;
    ioctl(master, TIOCSPTLCK, &lock);
    path = "/dev/pts/" + std::to_string(number);
    slave = open(path.c_str(), O_RDWR | O_NOCTTY);
  }
  PseudoTerminal(const PseudoTerminal&) = delete;
  PseudoTerminal& operator=(const PseudoTerminal&) = delete;
  ~PseudoTerminal() {
    close_slave();
    close_master();
  }
  void close_slave() { close_end(slave); }
  void close_master() { close_end(master); }

  int master;
  int slave = -1;
  std::string path;

 private:
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
};

constexpr int kSoon = 10'000;  // ms: more than it ever takes

inline void put(int fd, const std::string& bytes) {
  if (write(fd, bytes.data(), bytes.size()) !=
      static_cast<ssize_t>(bytes.size())) {
    abort();
  }
}

// Waits for something to read, and reads it; "" at the end of the file, "error"
// if there is none or nothing comes.
inline std::string get(int fd) {
  pollfd ready = {fd, POLLIN, 0};
  char bytes[4096];
  if (poll(&ready, 1, kSoon) != 1) return "error";
  const ssize_t count = read(fd, bytes, sizeof(bytes));
  return count < 0 ? "error" : std::string(bytes, static_cast<size_t>(count));
}

// Reads until so many bytes have come.
inline std::string get(int fd, size_t bytes) {
  std::string all;
  while (all.size() < bytes) {
    const std::string part = get(fd);
    if (part.empty() || part == "error") return all + "|" + part;
    all += part;
  }
  return all;
}

// What poll() says now of these events.
inline int events(int fd, short wanted = POLLIN | POLLOUT) {
  pollfd ready = {fd, wanted, 0};
  return poll(&ready, 1, 0) < 0 ? -1 : ready.revents;
}

inline termios settings(int fd) {
  termios mode = {};
  if (tcgetattr(fd, &mode) != 0) abort();
  return mode;
}

inline void make_raw(int fd, cc_t minimum = 1, cc_t time = 0) {
  termios mode = settings(fd);
  cfmakeraw(&mode);
  mode.c_cc[VMIN] = minimum;
  mode.c_cc[VTIME] = time;
  if (tcsetattr(fd, TCSANOW, &mode) != 0) abort();
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_PSEUDO_TERMINAL_H_
