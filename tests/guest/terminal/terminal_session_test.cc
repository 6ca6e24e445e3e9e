// Sessions and their terminals: who controls one, who may use it, and what its
// keys, its size and its end do to whom.
// feature-map: 73, 94
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cerrno>

#include "tests/guest/child.h"
#include "tests/guest/pseudo_terminal.h"
#include "tests/guest/shared_memory.h"
#include "tests/guest/signals.h"

namespace tine::guest {
namespace {

// Makes the calling process, a child, lead a session on the terminal.
void lead_session(int slave) {
  CHILD_CHECK(setsid() == getpid());
  CHILD_CHECK(ioctl(slave, TIOCSCTTY, 0) == 0);
}

// Waits for a signal, which is blocked; which it was.
int await(int signal) {
  const sigset_t set = set_of({signal});
  const timespec soon = {10, 0};
  return sigtimedwait(&set, nullptr, &soon);
}

// A background process of the caller's session: in a group of its own.
template <typename Body>
pid_t start_background(Body&& body) {
  const pid_t child = start_child([&] {
    CHILD_CHECK(setpgid(0, 0) == 0);
    return body();
  });
  setpgid(child, child);
  return child;
}

// Waits for the child to stop; the signal, 0 if it ended.
int stop_signal_of(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, WUNTRACED) != child) return -1;
  return WIFSTOPPED(status) ? WSTOPSIG(status) : 0;
}

bool kill_and_wait(pid_t child) {
  return kill(child, SIGKILL) == 0 && wait_for(child) == -SIGKILL;
}

TEST(TerminalSession, ControllingTerminal) {
  PseudoTerminal pty;
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setsid() == getpid());
              CHILD_CHECK(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
              CHILD_CHECK(tcgetpgrp(pty.slave) == -1 && errno == ENOTTY);
              CHILD_CHECK(ioctl(pty.slave, TIOCSCTTY, 0) == 0);
              CHILD_CHECK(ioctl(pty.slave, TIOCSCTTY, 0) == 0);
              CHILD_CHECK(tcgetpgrp(pty.slave) == getpid());
              CHILD_CHECK(tcgetsid(pty.slave) == getpid());
              const int tty = open("/dev/tty", O_RDWR);
              CHILD_CHECK(tty >= 0);
              put(tty, "hello");
              CHILD_CHECK(tcgetpgrp(tty) == getpid());
              // A child has it, too.
              CHILD_CHECK(run_child([&] {
                            return open("/dev/tty", O_RDWR) >= 0 &&
                                           tcgetsid(tty) == getppid()
                                       ? 0
                                       : 1;
                          }) == 0);
              return 0;
            }),
            0);
  EXPECT_EQ(get(pty.master, 5), "hello");
}

TEST(TerminalSession, OpenByALeaderTakesIt) {
  PseudoTerminal pty;
  EXPECT_EQ(run_child([&] {
              CHILD_CHECK(setsid() == getpid());
              CHILD_CHECK(open(pty.path.c_str(), O_RDWR | O_NOCTTY) >= 0);
              CHILD_CHECK(open("/dev/tty", O_RDWR) == -1);
              CHILD_CHECK(open(pty.path.c_str(), O_RDWR) >= 0);
              CHILD_CHECK(open("/dev/tty", O_RDWR) >= 0);
              return 0;
            }),
            0);
}

TEST(TerminalSession, OnlyALeaderWithoutOneTakesIt) {
  PseudoTerminal pty;
  PseudoTerminal other;
  EXPECT_EQ(run_child([&] {
              lead_session(pty.slave);
              // It has one already.
              CHILD_CHECK(ioctl(other.slave, TIOCSCTTY, 0) == -1);
              CHILD_CHECK(errno == EPERM);
              CHILD_CHECK(run_child([&] {
                            // No leader.
                            CHILD_CHECK(ioctl(other.slave, TIOCSCTTY, 0) == -1);
                            CHILD_CHECK(errno == EPERM);
                            // A leader, but the terminal is taken.
                            CHILD_CHECK(setsid() == getpid());
                            CHILD_CHECK(ioctl(pty.slave, TIOCSCTTY, 0) == -1);
                            CHILD_CHECK(errno == EPERM);
                            return 0;
                          }) == 0);
              return 0;
            }),
            0);
}

TEST(TerminalSession, GivingItUp) {
  PseudoTerminal pty;
  EXPECT_EQ(run_child([&] {
              lead_session(pty.slave);
              signal(SIGHUP, SIG_IGN);
              CHILD_CHECK(ioctl(pty.slave, TIOCNOTTY) == 0);
              CHILD_CHECK(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
              CHILD_CHECK(ioctl(pty.slave, TIOCNOTTY) == -1);
              CHILD_CHECK(errno == ENOTTY);
              return 0;
            }),
            0);
}

TEST(TerminalSession, KeysSignalTheForegroundGroupOnly) {
  PseudoTerminal pty;
  const pid_t leader = start_child([&] {
    lead_session(pty.slave);
    block({SIGINT, SIGQUIT});
    const pid_t background = start_background([&] {
      put(pty.slave, "B");
      sleep(100);
      return 1;
    });
    const int interrupt = await(SIGINT);
    const int quit = await(SIGQUIT);
    CHILD_CHECK(interrupt == SIGINT && quit == SIGQUIT);
    CHILD_CHECK(kill_and_wait(background));
    return 0;
  });
  EXPECT_EQ(get(pty.master, 1), "B");
  put(pty.master, "\x03");
  put(pty.master, "\x1c");
  EXPECT_EQ(wait_for(leader), 0);
}

TEST(TerminalSession, InterruptEndsAReadAndDropsTheLine) {
  PseudoTerminal pty;
  const pid_t leader = start_child([&] {
    lead_session(pty.slave);
    handle(SIGINT, note);
    put(pty.slave, "R");
    char bytes[10];
    CHILD_CHECK(read(pty.slave, bytes, sizeof(bytes)) == -1 && errno == EINTR);
    CHILD_CHECK(noted.signal == SIGINT);
    handle(SIGINT, note, SA_RESTART);
    put(pty.slave, "S");
    CHILD_CHECK(read(pty.slave, bytes, sizeof(bytes)) == 2);
    return bytes[0] == 'z' ? 0 : 1;
  });
  EXPECT_EQ(get(pty.master, 1), "R");
  put(pty.master, "typed");
  EXPECT_EQ(get(pty.master, 5), "typed");
  usleep(20'000);
  put(pty.master, "\x03");
  EXPECT_EQ(get(pty.master, 3), "^CS");
  usleep(20'000);
  put(pty.master, "\x03");
  EXPECT_EQ(get(pty.master, 2), "^C");
  put(pty.master, "z\n");
  EXPECT_EQ(wait_for(leader), 0);
}

TEST(TerminalSession, SuspendKeyStops) {
  PseudoTerminal pty;
  const pid_t leader = start_child([&] {
    lead_session(pty.slave);
    signal(SIGTTOU, SIG_IGN);
    signal(SIGTSTP, SIG_IGN);
    const pid_t job = start_background([&] {
      CHILD_CHECK(tcsetpgrp(pty.slave, getpid()) == 0);
      signal(SIGTSTP, SIG_DFL);
      put(pty.slave, "J");
      sleep(100);
      return 1;
    });
    CHILD_CHECK(stop_signal_of(job) == SIGTSTP);
    CHILD_CHECK(tcgetpgrp(pty.slave) == job);
    CHILD_CHECK(tcsetpgrp(pty.slave, getpid()) == 0);
    CHILD_CHECK(kill(-job, SIGTERM) == 0 && kill(-job, SIGCONT) == 0);
    CHILD_CHECK(wait_for(job) == -SIGTERM);
    return 0;
  });
  EXPECT_EQ(get(pty.master, 1), "J");
  put(pty.master, "\x1a");
  EXPECT_EQ(wait_for(leader), 0);
}

TEST(TerminalSession, BackgroundReadStops) {
  PseudoTerminal pty;
  const pid_t leader = start_child([&] {
    lead_session(pty.slave);
    signal(SIGTTOU, SIG_IGN);
    const pid_t job = start_background([&] {
      char bytes[10];
      return read(pty.slave, bytes, sizeof(bytes)) == 3 ? bytes[0] : 1;
    });
    CHILD_CHECK(stop_signal_of(job) == SIGTTIN);
    // In the foreground it goes on where it was: the read is made again.
    CHILD_CHECK(tcsetpgrp(pty.slave, job) == 0);
    CHILD_CHECK(kill(-job, SIGCONT) == 0);
    return wait_for(job) == 'o' ? 0 : 2;
  });
  put(pty.master, "ok\n");
  EXPECT_EQ(wait_for(leader), 0);
}

TEST(TerminalSession, BackgroundReadOfTheDeafFails) {
  PseudoTerminal pty;
  EXPECT_EQ(run_child([&] {
              lead_session(pty.slave);
              const pid_t ignores = start_background([&] {
                signal(SIGTTIN, SIG_IGN);
                char byte;
                return read(pty.slave, &byte, 1) == -1 && errno == EIO ? 0 : 1;
              });
              CHILD_CHECK(wait_for(ignores) == 0);
              const pid_t blocks = start_background([&] {
                block({SIGTTIN});
                char byte;
                return read(pty.slave, &byte, 1) == -1 && errno == EIO ? 0 : 1;
              });
              CHILD_CHECK(wait_for(blocks) == 0);
              // A handler gets the signal, and EINTR follows.
              const pid_t handles = start_background([&] {
                handle(SIGTTIN, note);
                char byte;
                CHILD_CHECK(read(pty.slave, &byte, 1) == -1);
                return errno == EINTR && noted.signal == SIGTTIN ? 0 : 1;
              });
              CHILD_CHECK(wait_for(handles) == 0);
              return 0;
            }),
            0);
}

TEST(TerminalSession, OrphanedGroupReadFails) {
  PseudoTerminal pty;
  Shared<std::atomic<int>> result;
  const pid_t leader = start_child([&] {
    lead_session(pty.slave);
    CHILD_CHECK(run_child([&] {
                  // The parent ends, so its child's group is an orphan.
                  start_background([&] {
                    while (getppid() == 0) {
                    }
                    usleep(50'000);
                    char byte;
                    const bool failed =
                        read(pty.slave, &byte, 1) == -1 && errno == EIO;
                    *result = failed ? 1 : 2;
                    return 0;
                  });
                  return 0;
                }) == 0);
    for (int i = 0; i < 1000 && *result == 0; ++i) usleep(10'000);
    return 0;
  });
  EXPECT_EQ(wait_for(leader), 0);
  EXPECT_EQ(*result, 1);
}

TEST(TerminalSession, BackgroundWrite) {
  PseudoTerminal pty;
  const pid_t leader = start_child([&] {
    lead_session(pty.slave);
    // Allowed unless TOSTOP is set.
    CHILD_CHECK(wait_for(start_background([&] {
                  put(pty.slave, "free");
                  return 0;
                })) == 0);
    termios mode = settings(pty.slave);
    mode.c_lflag |= TOSTOP;
    CHILD_CHECK(tcsetattr(pty.slave, TCSANOW, &mode) == 0);
    const pid_t job = start_background([&] {
      put(pty.slave, "bound");
      return 0;
    });
    CHILD_CHECK(stop_signal_of(job) == SIGTTOU);
    CHILD_CHECK(kill_and_wait(job));
    // Who ignores the signal may write.
    CHILD_CHECK(wait_for(start_background([&] {
                  signal(SIGTTOU, SIG_IGN);
                  put(pty.slave, "deaf");
                  return 0;
                })) == 0);
    return 0;
  });
  EXPECT_EQ(get(pty.master, 8), "freedeaf");
  EXPECT_EQ(wait_for(leader), 0);
}

TEST(TerminalSession, BackgroundSettings) {
  PseudoTerminal pty;
  EXPECT_EQ(run_child([&] {
              lead_session(pty.slave);
              const pid_t job = start_background([&] {
                const termios mode = settings(pty.slave);
                tcsetattr(pty.slave, TCSANOW, &mode);
                return 0;
              });
              CHILD_CHECK(stop_signal_of(job) == SIGTTOU);
              CHILD_CHECK(kill_and_wait(job));
              return 0;
            }),
            0);
}

TEST(TerminalSession, ForegroundGroupRules) {
  PseudoTerminal pty;
  EXPECT_EQ(run_child([&] {
              lead_session(pty.slave);
              CHILD_CHECK(tcsetpgrp(pty.slave, -1) == -1 && errno == EINVAL);
              CHILD_CHECK(tcsetpgrp(pty.slave, 99'999) == -1);
              CHILD_CHECK(errno == ESRCH);
              // A group of another session.
              CHILD_CHECK(tcsetpgrp(pty.slave, getppid()) == -1);
              CHILD_CHECK(errno == EPERM);
              CHILD_CHECK(ioctl(pty.slave, TIOCSPGRP, nullptr) == -1);
              CHILD_CHECK(errno == EFAULT);
              return 0;
            }),
            0);
  // The master may look, but nobody else.
  EXPECT_EQ(tcgetpgrp(pty.slave), -1);
  EXPECT_EQ(errno, ENOTTY);
}

TEST(TerminalSession, WindowSizeSignals) {
  PseudoTerminal pty;
  const pid_t leader = start_child([&] {
    block({SIGWINCH});
    lead_session(pty.slave);
    put(pty.slave, "R");
    CHILD_CHECK(await(SIGWINCH) == SIGWINCH);
    winsize size;
    CHILD_CHECK(ioctl(pty.slave, TIOCGWINSZ, &size) == 0);
    return size.ws_row;
  });
  EXPECT_EQ(get(pty.master, 1), "R");
  const winsize size = {33, 44, 0, 0};
  ASSERT_EQ(ioctl(pty.master, TIOCSWINSZ, &size), 0);
  EXPECT_EQ(wait_for(leader), 33);
}

TEST(TerminalSession, LeaderEndsAndTheForegroundHears) {
  PseudoTerminal pty;
  Shared<std::atomic<int>> result;
  const pid_t leader = start_child([&] {
    lead_session(pty.slave);
    signal(SIGTTOU, SIG_IGN);
    const pid_t job = start_background([&] {
      block({SIGHUP});
      CHILD_CHECK(tcsetpgrp(pty.slave, getpid()) == 0);
      put(pty.slave, "R");
      const int got = await(SIGHUP);
      const bool has_none = open("/dev/tty", O_RDWR) == -1 && errno == ENXIO;
      *result = got == SIGHUP && has_none ? 1 : 2;
      return 0;
    });
    CHILD_CHECK(job > 0);
    sleep(100);
    return 0;
  });
  EXPECT_EQ(get(pty.master, 1), "R");
  kill(leader, SIGKILL);
  EXPECT_EQ(wait_for(leader), -SIGKILL);
  for (int i = 0; i < 1000 && *result == 0; ++i) usleep(10'000);
  EXPECT_EQ(*result, 1);
}

TEST(TerminalSession, HangUpReachesTheLeader) {
  PseudoTerminal pty;
  const int slave = pty.slave;
  const pid_t leader = start_child([&] {
    close(pty.master);
    block({SIGHUP, SIGCONT});
    lead_session(slave);
    put(slave, "R");
    CHILD_CHECK(await(SIGHUP) == SIGHUP);
    CHILD_CHECK(await(SIGCONT) == SIGCONT);
    char byte;
    CHILD_CHECK(read(slave, &byte, 1) == 0);
    CHILD_CHECK(open("/dev/tty", O_RDWR) == -1 && errno == ENXIO);
    return 0;
  });
  EXPECT_EQ(get(pty.master, 1), "R");
  pty.close_master();
  EXPECT_EQ(wait_for(leader), 0);
}

}  // namespace
}  // namespace tine::guest
