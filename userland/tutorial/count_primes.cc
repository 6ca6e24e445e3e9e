#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "primes.h"

int main(int argc, char** argv) {
  const int children = argc > 1 ? std::atoi(argv[1]) : 4;
  const int limit = argc > 2 ? std::atoi(argv[2]) : 100000;

  int ends[2];  // of a pipe: the parent reads from one, its children write
  if (pipe(ends) != 0) return EXIT_FAILURE;

  for (int i = 0; i < children; ++i) {
    const pid_t child = fork();
    if (child < 0) return EXIT_FAILURE;
    if (child == 0) {
      // The child's copy of everything begins here; only the pipe is shared.
      const int found = count_primes(i, children, limit);
      const bool told = write(ends[1], &found, sizeof found) == sizeof found;
      _exit(told ? EXIT_SUCCESS : EXIT_FAILURE);
    }
  }

  close(ends[1]);  // so that reading ends when the last child has
  int total = 0;
  int found = 0;
  while (read(ends[0], &found, sizeof found) == sizeof found) total += found;

  int failed = 0;
  int status = 0;
  while (wait(&status) > 0) failed += status != 0 ? 1 : 0;
  std::printf("%d children found %d primes below %d\n", children, total, limit);
  return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
