// One fork, told by both processes: who is who, and whose memory is whose.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

int main() {
  int apples = 3;
  std::printf("parent: I am process %d and have %d apples. I fork.\n",
              static_cast<int>(getpid()), apples);
  // What is still buffered would be printed by both processes.
  std::fflush(stdout);

  const pid_t child = fork();
  if (child < 0) {
    std::perror("hello_fork: fork");
    return EXIT_FAILURE;
  }
  if (child == 0) {
    std::printf("child:  fork gave me 0; I am process %d, my parent is %d.\n",
                static_cast<int>(getpid()), static_cast<int>(getppid()));
    apples = 1;
    std::printf("child:  I ate two apples: %d is left. Bye.\n", apples);
    std::fflush(stdout);
    _exit(apples);
  }

  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) {
    std::fprintf(stderr, "hello_fork: process %d: status %#x\n",
                 static_cast<int>(child), static_cast<unsigned>(status));
    return EXIT_FAILURE;
  }
  std::printf("parent: fork gave me %d; it ended with status %d.\n",
              static_cast<int>(child), WEXITSTATUS(status));
  std::printf("parent: I still have %d apples.\n", apples);
  return WEXITSTATUS(status) == 1 && apples == 3 ? EXIT_SUCCESS : EXIT_FAILURE;
}
