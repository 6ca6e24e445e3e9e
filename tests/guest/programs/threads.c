// Threads of POSIX and posix_spawn, told in an order that does not depend on
// the system or the C library.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static _Thread_local int mine = 100;
static pthread_key_t key;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static int turn;
static int keys_destroyed;
static int cleaned_up;

static void destroy(void* value) {
  pthread_mutex_lock(&mutex);
  keys_destroyed += *(int*)value;
  pthread_mutex_unlock(&mutex);
}

// Three threads take turns, so that their order is one.
static void* take_turns(void* argument) {
  const int self = *(int*)argument;
  pthread_setspecific(key, argument);
  mine += self;
  for (int round = 0; round < 3; ++round) {
    pthread_mutex_lock(&mutex);
    while (turn % 3 != self) pthread_cond_wait(&turn_changed, &mutex);
    printf("turn %d: thread %d has %d\n", turn, self, mine);
    ++turn;
    pthread_cond_broadcast(&turn_changed);
    pthread_mutex_unlock(&mutex);
  }
  return argument;
}

static void clean_up(void* unused) {
  (void)unused;
  cleaned_up = 1;
}

static void* wait_to_be_cancelled(void* argument) {
  pthread_cleanup_push(clean_up, NULL);
  sem_post(argument);
  for (;;) sleep(100);
  pthread_cleanup_pop(0);
  return NULL;
}

static volatile sig_atomic_t signalled;
static void on_signal(int number) { signalled = number; }

static void* wait_for_a_signal(void* argument) {
  sem_post(argument);
  while (signalled == 0) {
    const struct timespec moment = {0, 1000000};
    nanosleep(&moment, NULL);
  }
  return NULL;
}

static int spawn(char* const* words,
                 const posix_spawn_file_actions_t* actions) {
  pid_t child;
  int status = 0;
  const int error =
      posix_spawnp(&child, words[0], actions, NULL, words, environ);
  if (error != 0) {
    printf("spawn: %s\n", strerror(error));
    return -1;
  }
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

static void spawns(char* self) {
  char* const seven[] = {self, "exit", "7", NULL};
  char* const missing[] = {"/nonexistent/program", NULL};
  char* const say[] = {self, "say", "through a pipe", NULL};
  printf("spawned: %d\n", spawn(seven, NULL));
  spawn(missing, NULL);

  int ends[2];
  if (pipe(ends) != 0) return;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  posix_spawn_file_actions_addclose(&actions, ends[0]);
  const int status = spawn(say, &actions);
  close(ends[1]);
  char heard[64] = "";
  const ssize_t got = read(ends[0], heard, sizeof heard - 1);
  printf("spawned: %d, %d bytes: %s\n", status, (int)got, heard);
  close(ends[0]);
  posix_spawn_file_actions_destroy(&actions);
}

int main(int argc, char** argv) {
  if (argc == 3 && strcmp(argv[1], "exit") == 0) return atoi(argv[2]);
  if (argc == 3 && strcmp(argv[1], "say") == 0) return puts(argv[2]) < 0;
  setvbuf(stdout, NULL, _IOLBF, 0);

  pthread_key_create(&key, destroy);
  int numbers[3] = {0, 1, 2};
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) {
    pthread_create(&threads[i], NULL, take_turns, &numbers[i]);
  }
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    void* result;
    pthread_join(threads[i], &result);
    sum += *(int*)result;
  }
  printf("joined: %d, main has %d, keys: %d\n", sum, mine, keys_destroyed);

  sem_t ready;
  sem_init(&ready, 0, 0);
  pthread_t thread;
  void* result;
  pthread_create(&thread, NULL, wait_to_be_cancelled, &ready);
  sem_wait(&ready);
  pthread_cancel(thread);
  pthread_join(thread, &result);
  printf("cancelled: %d, cleaned up: %d\n", result == PTHREAD_CANCELED,
         cleaned_up);

  struct sigaction action = {0};
  action.sa_handler = on_signal;
  sigaction(SIGUSR1, &action, NULL);
  pthread_create(&thread, NULL, wait_for_a_signal, &ready);
  sem_wait(&ready);
  pthread_kill(thread, SIGUSR1);
  pthread_join(thread, NULL);
  printf("signalled: %d\n", signalled == SIGUSR1);

  struct timespec soon;
  clock_gettime(CLOCK_REALTIME, &soon);
  soon.tv_nsec += 20000000;
  if (soon.tv_nsec >= 1000000000) {
    soon.tv_nsec -= 1000000000;
    ++soon.tv_sec;
  }
  const int waited = sem_timedwait(&ready, &soon);
  printf("timed wait: %d\n", waited == -1 && errno == ETIMEDOUT);

  spawns(argv[0]);
  return 0;
}
