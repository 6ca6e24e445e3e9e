// fork_soak [N]: N forks in a row (20,000 by default), each with a pipe and a
// signal: the child tells its parent by SIGUSR1 and through the pipe, whose end
// the parent then sees. Ends with 0 if all arrived, and says how much memory
// and how many processes were gone at the end.
// feature-map: 46, 70, 133
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace {

volatile sig_atomic_t signals = 0;

void count_signal(int) { signals = signals + 1; }

// Reads whatever a signal interrupts again.
ssize_t read_all(int fd, void* to, size_t bytes) {
  ssize_t got;
  do {
    got = read(fd, to, bytes);
  } while (got < 0 && errno == EINTR);
  return got;
}

bool fork_once(long turn) {
  int ends[2];
  const int before = signals;
  if (pipe(ends) != 0) return false;
  const pid_t self = getpid();
  const pid_t child = fork();
  if (child == 0) {
    close(ends[0]);
    const bool told = kill(self, SIGUSR1) == 0 &&
                      write(ends[1], &turn, sizeof(turn)) == sizeof(turn);
    _exit(told ? static_cast<int>(turn & 0x7f) : 255);
  }
  close(ends[1]);
  long said = -1;
  char beyond;
  const bool heard = child > 0 &&
                     read_all(ends[0], &said, sizeof(said)) == sizeof(said) &&
                     read_all(ends[0], &beyond, 1) == 0;
  close(ends[0]);
  int status = 0;
  pid_t waited;
  do {
    waited = waitpid(child, &status, 0);
  } while (waited < 0 && errno == EINTR);
  return heard && said == turn && waited == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == (turn & 0x7f) && signals == before + 1;
}

// The state of a machine that had a moment to give memory back.
bool settled(struct sysinfo& state) {
  constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 200'000'000};
  return nanosleep(&kMoment, nullptr) == 0 && sysinfo(&state) == 0;
}

bool fork_many(long count) {
  for (long i = 0; i < count; ++i) {
    if (fork_once(i)) continue;
    std::fprintf(stderr, "fork_soak: turn %ld: ", i + 1);
    std::perror(nullptr);
    return false;
  }
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 20'000;
  struct sigaction action = {};
  action.sa_handler = count_signal;
  if (sigaction(SIGUSR1, &action, nullptr) != 0) return EXIT_FAILURE;
  struct sysinfo before;
  struct sysinfo after;
  // The first ones fill caches.
  if (!fork_many(16) || !settled(before)) return EXIT_FAILURE;
  signals = 0;
  if (!fork_many(count) || !settled(after)) return EXIT_FAILURE;
  std::printf("%ld forks, %d signals, %ld pages fewer, %d processes more\n",
              count, static_cast<int>(signals),
              static_cast<long>(before.freeram - after.freeram) / 4096,
              after.procs - before.procs);
  return EXIT_SUCCESS;
}
