/*
 * Forks 100 children, all alive together. Each must find the 1 MiB that its
 * parent had at its own fork, although the parent changes it before and after,
 * and must be able to change it unseen. The same as cow_children.cc, in C.
 * feature-map: 31, 32, 129
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kBytes = 1 << 20, kChildren = 100 };

static uint8_t byte_of(int generation, int at) {
  return (uint8_t)(generation * 101 + at % 251 + at / 4096);
}

static void fill(uint8_t* memory, int generation) {
  for (int i = 0; i < kBytes; ++i) memory[i] = byte_of(generation, i);
}

/* Whether the memory is of that generation; says on stderr where not. */
static int check(const uint8_t* memory, int generation) {
  for (int i = 0; i < kBytes; ++i) {
    if (memory[i] != byte_of(generation, i)) {
      fprintf(stderr, "generation %d differs at byte %d\n", generation, i);
      return 0;
    }
  }
  return 1;
}

/* Adler-32, for something to print. */
static uint32_t checksum(const uint8_t* memory) {
  uint32_t a = 1;
  uint32_t b = 0;
  for (int i = 0; i < kBytes; ++i) {
    a = (a + memory[i]) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

/* What a child does; its status says whether all was as it must be. */
static int child_main(uint8_t* memory, int number) {
  if (!check(memory, number)) return 0;
  fill(memory, 1000 + number);
  return check(memory, 1000 + number) ? number : 0;
}

int main(void) {
  static pid_t children[kChildren + 1];
  uint8_t* memory = malloc(kBytes);
  if (memory == NULL) {
    perror("cow_children: malloc");
    return 2;
  }
  for (int number = 1; number <= kChildren; ++number) {
    fill(memory, number);
    const pid_t child = fork();
    if (child < 0) {
      perror("cow_children: fork");
      return 2;
    }
    if (child == 0) _exit(child_main(memory, number));
    children[number] = child;
    if (!check(memory, number)) return 1;
  }
  fill(memory, kChildren + 1);

  int good = 0;
  for (int number = 1; number <= kChildren; ++number) {
    int status = 0;
    if (waitpid(children[number], &status, 0) != children[number]) {
      perror("cow_children: waitpid");
      return 2;
    }
    const int ok = WIFEXITED(status) && WEXITSTATUS(status) == number;
    printf("child %3d: %s\n", number, ok ? "its own copy" : "WRONG");
    good += ok;
  }
  if (!check(memory, kChildren + 1)) return 1;
  printf(
      "%d of %d children had their copy of %d bytes; "
      "the parent's has checksum %08x.\n",
      good, kChildren, kBytes, (unsigned)checksum(memory));
  free(memory);
  return good == kChildren ? 0 : 1;
}
