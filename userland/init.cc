// Process 1. With /etc/tine/exec (NUL-terminated argument words) it runs that
// one command and ends with its status; without, it shows a menu of programs.
//
// It keeps to fork, execve, wait4, open, read, write, close and exit_group, so
// that it is the first program that runs. It never changes a signal's action,
// which is why its children start with the default ones.
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <string_view>

#include "userland/init_menu.h"

namespace {

constexpr const char* kExecFile = "/etc/tine/exec";
constexpr const char* kConsole = "/dev/console";
constexpr std::array<std::string_view, 4> kPath = {"/bin/", "/sbin/",
                                                   "/usr/bin/", "/usr/sbin/"};
constexpr size_t kMaxExecBytes = size_t{256} * 1024;
constexpr size_t kMaxWords = size_t{4} * 1024;
constexpr size_t kMaxPathBytes = 4096;
constexpr std::string_view kColumn = "                        ";

// Statuses of a shell for a command that did not start.
constexpr int kNotExecutable = 126;
constexpr int kNotFound = 127;

std::array<char, kMaxExecBytes> exec_bytes;
std::array<char*, kMaxWords + 1> exec_words;

std::array<char*, 4> environment = {
    const_cast<char*>("PATH=/bin:/sbin:/usr/bin:/usr/sbin"),
    const_cast<char*>("HOME=/root"),
    const_cast<char*>("TERM=linux"),
    nullptr,
};

void put(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<size_t>(written));
  }
}

void put_number(int fd, int number) {
  std::array<char, 12> digits;
  size_t at = digits.size();
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  put(fd, std::string_view(&digits[at], digits.size() - at));
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

// Runs the command in a child and reaps every process that ends meanwhile,
// orphans included. Returns the child's status as wait4 gives it.
int run(char** words) {
  const pid_t child = fork();
  if (child == 0) {
    const int problem = execute(words);
    complain(words[0], strerror(problem));
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
  return shell_status(run(exec_words.data()));
}

void show_status(int status) {
  if (WIFSIGNALED(status)) {
    put(STDOUT_FILENO, "[signal ");
    put_number(STDOUT_FILENO, WTERMSIG(status));
    put(STDOUT_FILENO, ", ");
    put(STDOUT_FILENO, strsignal(WTERMSIG(status)));
  } else {
    put(STDOUT_FILENO, "[status ");
    put_number(STDOUT_FILENO, WEXITSTATUS(status));
  }
  put(STDOUT_FILENO, "]\n");
}

// Reads one line, without its end, into `line` and ends it with a NUL. False
// at the end of the input. What does not fit is dropped.
bool read_line(std::span<char> line) {
  size_t length = 0;
  for (;;) {
    char byte = 0;
    const ssize_t got = read(STDIN_FILENO, &byte, 1);
    if (got <= 0) {
      line[length] = '\0';
      return length > 0;
    }
    if (byte == '\n' || byte == '\r') break;
    if (length < line.size() - 1) line[length++] = byte;
  }
  line[length] = '\0';
  return true;
}

// Splits at blanks, in place; a menu needs no quoting.
size_t split(std::span<char> line, std::span<char*> words) {
  size_t count = 0;
  char* rest = line.data();
  while (count + 1 < words.size()) {
    rest += strspn(rest, " \t");
    if (*rest == '\0') break;
    words[count++] = rest;
    rest += strcspn(rest, " \t");
    if (*rest == '\0') break;
    *rest++ = '\0';
  }
  words[count] = nullptr;
  return count;
}

int run_menu() {
  put(STDOUT_FILENO, "Tine. Programs:\n");
  for (const tine::MenuEntry& entry : tine::kMenu) {
    put(STDOUT_FILENO, "  ");
    put(STDOUT_FILENO, entry.command);
    put(STDOUT_FILENO, kColumn.substr(entry.command.size()));
    put(STDOUT_FILENO, entry.description);
    put(STDOUT_FILENO, "\n");
  }
  put(STDOUT_FILENO, "Any other program by its name or path; q ends.\n");

  std::array<char, 1024> line;
  std::array<char*, 64> words;
  for (;;) {
    put(STDOUT_FILENO, "tine> ");
    if (!read_line(line)) {
      put(STDOUT_FILENO, "\n");
      return 0;
    }
    if (split(line, words) == 0) continue;
    if (std::string_view(words[0]) == "q") return 0;
    show_status(run(words.data()));
  }
}

}  // namespace

int main() {
  open_standard_files();
  const int exec_file = open(kExecFile, O_RDONLY | O_CLOEXEC);
  if (exec_file >= 0) return run_exec_file(exec_file);
  return run_menu();
}
