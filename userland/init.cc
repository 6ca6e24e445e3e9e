// Process 1. With /etc/tine/exec (NUL-terminated argument words) it runs that
// one command and ends with its status; without, it runs a login shell. It
// reaps what becomes its child because its parent has ended.
//
// It keeps to few system calls, so that it is the first program that runs, and
// never changes a signal's action, which is why its children start with the
// default ones.
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string_view>

namespace {

constexpr const char* kExecFile = "/etc/tine/exec";
constexpr const char* kConsole = "/dev/console";
constexpr std::array<std::string_view, 4> kPath = {"/bin/", "/sbin/",
                                                   "/usr/bin/", "/usr/sbin/"};
constexpr size_t kMaxExecBytes = size_t{256} * 1024;
constexpr size_t kMaxWords = size_t{4} * 1024;
constexpr size_t kMaxPathBytes = 4096;
constexpr const char* kMessageOfTheDay = "/etc/motd";
constexpr const char* kHome = "/root";

// Statuses of a shell for a command that did not start.
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

std::array<char, kMaxExecBytes> exec_bytes;
std::array<char*, kMaxWords + 1> exec_words;

std::array<char*, 7> environment = {
    const_cast<char*>("PATH=/bin:/sbin:/usr/bin:/usr/sbin"),
    const_cast<char*>("HOME=/root"),
    const_cast<char*>("TERM=linux"),
    // The rest is for a login shell.
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

struct Shell {
  const char* path;
  char* name;  // With the dash of a login shell.
  char* variable;
};

// The first that is there.
constexpr std::array<Shell, 2> kShells = {{
    {"/bin/bash", const_cast<char*>("-bash"),
     const_cast<char*>("SHELL=/bin/bash")},
    {"/bin/sh", const_cast<char*>("-sh"), const_cast<char*>("SHELL=/bin/sh")},
}};

void put(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void complain(std::string_view subject, std::string_view problem) {
  put(STDERR_FILENO, "init: ");
  put(STDERR_FILENO, subject);
  put(STDERR_FILENO, ": ");
  put(STDERR_FILENO, problem);
  put(STDERR_FILENO, "\n");
}

// open() gives the lowest free descriptor, so this fills 0, 1 and 2 and nothing
// else, whichever of them the system has opened already.
void open_standard_files() {
  for (;;) {
    const int fd = open(kConsole, O_RDWR | O_NOCTTY);
    if (fd < 0) return;
    if (fd > STDERR_FILENO) {
      close(fd);
      return;
    }
  }
}

// Makes the console the terminal of a session of our own, so that its keys
// signal jobs. A console that is no terminal stays a channel of bytes.
void take_terminal() {
  if (isatty(STDIN_FILENO) == 0) return;
  if (setsid() >= 0) ioctl(STDIN_FILENO, TIOCSCTTY, 0);
}

// Replaces this process by the command; returns the errno if that fails.
int execute(char** words) {
  const std::string_view name = words[0];
  if (name.contains('/')) {
    execve(words[0], words, environment.data());
    return errno;
  }
  int problem = ENOENT;
  for (const std::string_view directory : kPath) {
    std::array<char, kMaxPathBytes> path;
    if (directory.size() + name.size() >= path.size()) return ENAMETOOLONG;
    memcpy(path.data(), directory.data(), directory.size());
    memcpy(path.data() + directory.size(), name.data(), name.size());
    path[directory.size() + name.size()] = '\0';
    execve(path.data(), words, environment.data());
    if (errno != ENOENT) problem = errno;
  }
  return problem;
}

// Runs a child to its end and reaps every process that ends meanwhile, orphans
// included. `start` replaces the child by a program, or returns the errno.
// Returns the child's status as wait4 gives it.
template <typename Start>
int run(const char* name, Start start) {
  const pid_t child = fork();
  if (child == 0) {
    take_terminal();
    const int problem = start();
    complain(name, strerror(problem));
    _exit(problem == ENOENT ? kNotFound : kNotExecutable);
  }
  if (child < 0) {
    complain("fork", strerror(errno));
    return W_EXITCODE(kNotExecutable, 0);
  }
  for (;;) {
    int status = 0;
    const pid_t ended = waitpid(-1, &status, 0);
    if (ended == child) return status;
    if (ended < 0 && errno != EINTR) {
      complain("wait4", strerror(errno));
      return W_EXITCODE(kNotExecutable, 0);
    }
  }
}

int shell_status(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int run_exec_file(int fd) {
  size_t length = 0;
  for (;;) {
    // One byte stays free for the NUL of a last word that has none.
    const size_t room = exec_bytes.size() - 1 - length;
    const ssize_t got = read(fd, &exec_bytes[length], room);
    if (got < 0) {
      complain(kExecFile, strerror(errno));
      return kNotExecutable;
    }
    if (got == 0) break;
    length += static_cast<size_t>(got);
  }
  close(fd);
  if (length == exec_bytes.size() - 1) {
    complain(kExecFile, strerror(E2BIG));
    return kNotExecutable;
  }

  size_t count = 0;
  for (size_t at = 0; at < length;) {
    if (count == kMaxWords) {
      complain(kExecFile, strerror(E2BIG));
      return kNotExecutable;
    }
    exec_words[count++] = &exec_bytes[at];
    at += strlen(&exec_bytes[at]) + 1;
  }
  if (count == 0) {
    complain(kExecFile, "names no program");
    return kNotFound;
  }
  return shell_status(
      run(exec_words[0], [] { return execute(exec_words.data()); }));
}

void show_message_of_the_day() {
  const int fd = open(kMessageOfTheDay, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  std::array<char, 1024> bytes;
  for (;;) {
    const ssize_t got = read(fd, bytes.data(), bytes.size());
    if (got <= 0) break;
    put(STDOUT_FILENO,
        std::string_view(bytes.data(), static_cast<size_t>(got)));
  }
  close(fd);
}

// Replaces this process by the shell; returns the errno if that fails.
int execute_shell() {
  // Someone who sends commands through a pipe wants their output alone.
  if (isatty(STDIN_FILENO) != 0) show_message_of_the_day();
  if (chdir(kHome) != 0) complain(kHome, strerror(errno));
  environment[3] = const_cast<char*>("USER=root");
  environment[4] = const_cast<char*>("LOGNAME=root");
  for (const Shell& shell : kShells) {
    environment[5] = shell.variable;
    std::array<char*, 2> words = {shell.name, nullptr};
    execve(shell.path, words.data(), environment.data());
    if (errno != ENOENT) break;
  }
  return errno;
}

}  // namespace

int main() {
  open_standard_files();
  const int exec_file = open(kExecFile, O_RDONLY | O_CLOEXEC);
  if (exec_file >= 0) return run_exec_file(exec_file);
  return shell_status(run("shell", execute_shell));
}
