// fork_storm [N]: N forks in a row (20,000 by default), each child's end waited
// for. Ends with 0 if every child was another process and ended as it should.
// feature-map: 46, 125, 133
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
  const long count = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 20'000;
  const pid_t self = getpid();
  for (long i = 0; i < count; ++i) {
    const int expected = static_cast<int>(i & 0xff);
    const pid_t child = fork();
    if (child == 0) _exit(getppid() == self ? expected : 255 - expected);
    if (child < 0) {
      std::fprintf(stderr, "fork_storm: fork %ld: ", i + 1);
      std::perror(nullptr);
      return EXIT_FAILURE;
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) ||
        WEXITSTATUS(status) != expected) {
      std::fprintf(stderr, "fork_storm: child %ld: status %#x\n", i + 1,
                   static_cast<unsigned>(status));
      return EXIT_FAILURE;
    }
  }
  std::printf("%ld forks, %ld children ended as they should.\n", count, count);
  return EXIT_SUCCESS;
}
