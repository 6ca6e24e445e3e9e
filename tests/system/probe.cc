// probe NAME [ARGUMENT...]: small deeds whose effect a test sees from outside.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string_view>
#include <vector>

#include "tests/system/arch/cycles.h"

namespace {

int fail(const char* what) {
  std::perror(what);
  return 99;
}

// Standard input, byte for byte, in writes of odd sizes.
int copy() {
  std::vector<char> buffer(4097);
  for (;;) {
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0) return fail("probe: read");
    if (got == 0) return 0;
    for (ssize_t done = 0; done < got;) {
      const ssize_t put = write(STDOUT_FILENO, buffer.data() + done,
                                static_cast<size_t>(got - done));
      if (put <= 0) return fail("probe: write");
      done += put;
    }
  }
}

// The same of a file, by one write.
int show(const char* path) {
  const int fd = open(path, O_RDONLY);
  struct stat status;
  if (fd < 0 || fstat(fd, &status) != 0) return fail(path);
  std::vector<char> bytes(static_cast<size_t>(status.st_size));
  for (size_t done = 0; done < bytes.size();) {
    const ssize_t got = read(fd, bytes.data() + done, bytes.size() - done);
    if (got <= 0) return fail(path);
    done += static_cast<size_t>(got);
  }
  const ssize_t put = write(STDOUT_FILENO, bytes.data(), bytes.size());
  return put == static_cast<ssize_t>(bytes.size()) ? 0 : fail("probe: write");
}

int arguments(int count, char** words) {
  for (int i = 0; i < count; ++i) std::printf("[%s]\n", words[i]);
  return 0;
}

int mode(const char* path) {
  struct stat status;
  if (stat(path, &status) != 0) return fail(path);
  std::printf("%o %lld\n", status.st_mode,
              static_cast<long long>(status.st_size));
  return 0;
}

// By an instruction, not by a call.
int fault() {
  volatile int* const nowhere = nullptr;
  return *nowhere;  // NOLINT(clang-analyzer-core.NullDereference)
}

[[noreturn]] int spin() {
  for (volatile unsigned turns = 0;; turns = turns + 1) {
  }
}

bool fork_once() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && status == 0;
}

// The machine's counter at each step, for runs that must be identical.
int steps() {
  constexpr int kSteps = 32;
  uint64_t times[kSteps];
  for (uint64_t& time : times) {
    if (!fork_once()) return fail("probe: fork");
    time = tine::cycles();
  }
  for (const uint64_t time : times) {
    std::printf("%llu\n", static_cast<unsigned long long>(time));
  }
  return 0;
}

// The state of a machine that had a moment to give memory back.
bool settled(struct sysinfo& state) {
  constexpr timespec kMoment = {.tv_sec = 0, .tv_nsec = 200'000'000};
  return nanosleep(&kMoment, nullptr) == 0 && sysinfo(&state) == 0;
}

// Free memory before and after many forks. The first ones fill caches.
int forks(long count) {
  struct sysinfo before;
  struct sysinfo after;
  for (int i = 0; i < 16; ++i) {
    if (!fork_once()) return fail("probe: fork");
  }
  if (!settled(before)) return fail("probe: sysinfo");
  for (long i = 0; i < count; ++i) {
    if (!fork_once()) return fail("probe: fork");
  }
  if (!settled(after)) return fail("probe: sysinfo");
  std::printf("%ld forks, %ld pages fewer, %d processes more\n", count,
              static_cast<long>(before.freeram - after.freeram) / 4096,
              after.procs - before.procs);
  return 0;
}

// So many forks, and after each of them one that is refused, because the memory
// that would be promised then is more than there is (tine.overcommit=strict).
int refused_forks(long count) {
  struct sysinfo state;
  if (sysinfo(&state) != 0) return fail("probe: sysinfo");
  const size_t bytes = state.totalram / 10 * 3;
  for (long i = 0; i < count; ++i) {
    if (!fork_once()) return fail("probe: fork");
    void* const promised = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                                MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (promised == MAP_FAILED) return fail("probe: mmap");
    if (fork() != -1) return 97;
    munmap(promised, bytes);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 98;
  const std::string_view name = argv[1];
  const long number = argc > 2 ? std::strtol(argv[2], nullptr, 0) : 0;
  if (name == "copy") return copy();
  if (name == "show" && argc > 2) return show(argv[2]);
  if (name == "arguments") return arguments(argc - 2, argv + 2);
  if (name == "mode" && argc > 2) return mode(argv[2]);
  if (name == "exit") return static_cast<int>(number);
  if (name == "raise") return raise(static_cast<int>(number));
  if (name == "fault") return fault();
  if (name == "spin") return spin();
  if (name == "steps") return steps();
  if (name == "forks") return forks(number);
  if (name == "refused_forks") return refused_forks(number);
  std::fprintf(stderr, "probe: no deed named %s\n", argv[1]);
  return 98;
}
