// Threads of a C library other than glibc: locks, conditions, thread-local
// variables, keys, detached threads, exits.
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(condition)                                     \
  do {                                                       \
    if (!(condition)) {                                      \
      printf("line %d: not so: %s\n", __LINE__, #condition); \
      exit(1);                                               \
    }                                                        \
  } while (0)

enum { kThreads = 8, kRounds = 300 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_barrier_t barrier;
static pthread_key_t key;
static sem_t ended;
static int counter;
static int turn;
static atomic_int inits;
static atomic_int destroyed;
static _Thread_local int local = 5;

static void init(void) { ++inits; }
static void destroy(void* value) { destroyed += *(int*)value; }

static void* work(void* number) {
  const int me = (int)(long)number;
  static int one = 1;
  pthread_once(&once, init);
  CHECK(pthread_setspecific(key, &one) == 0);
  CHECK(local == 5);
  local += me;
  pthread_barrier_wait(&barrier);
  for (int i = 0; i < kRounds; ++i) {
    pthread_mutex_lock(&mutex);
    ++counter;
    pthread_mutex_unlock(&mutex);
  }
  for (int i = 0; i < kRounds / 10; ++i) {
    pthread_mutex_lock(&mutex);
    while (turn % kThreads != me) pthread_cond_wait(&changed, &mutex);
    ++turn;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&mutex);
  }
  CHECK(local == 5 + me);
  return (void*)(long)(me * me);
}

static void* detached(void* unused) {
  (void)unused;
  sem_post(&ended);
  return NULL;
}

static void* end_process(void* unused) {
  (void)unused;
  exit(23);
}

int main(void) {
  CHECK(pthread_barrier_init(&barrier, NULL, kThreads) == 0);
  CHECK(pthread_key_create(&key, destroy) == 0);
  CHECK(sem_init(&ended, 0, 0) == 0);

  pthread_t threads[kThreads];
  for (long i = 0; i < kThreads; ++i) {
    CHECK(pthread_create(&threads[i], NULL, work, (void*)i) == 0);
  }
  long sum = 0;
  for (int i = 0; i < kThreads; ++i) {
    void* result;
    CHECK(pthread_join(threads[i], &result) == 0);
    sum += (long)result;
  }
  CHECK(sum == 140);
  CHECK(counter == kThreads * kRounds);
  CHECK(turn == kThreads * (kRounds / 10));
  CHECK(inits == 1);
  CHECK(destroyed == kThreads);
  CHECK(local == 5);

  for (int i = 0; i < 50; ++i) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, detached, NULL) == 0);
    CHECK(pthread_detach(thread) == 0);
  }
  for (int i = 0; i < 50; ++i) CHECK(sem_wait(&ended) == 0);

  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += 20 * 1000 * 1000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_nsec -= 1000000000;
    ++until.tv_sec;
  }
  CHECK(sem_timedwait(&ended, &until) == -1);

  const pid_t child = fork();
  if (child == 0) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, end_process, NULL) == 0);
    for (;;) pause();
  }
  int status;
  CHECK(waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 23);
  printf("threads: all as expected\n");
  return 0;
}
