// A fork bomb ends at its limit, and the limit is free again afterwards.
// feature-map: 52
#include <gtest/gtest.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/guest/child.h"
#include "tests/guest/shared_memory.h"

namespace tine::guest {
namespace {

constexpr int kLimit = 20;
constexpr int kEnough = 60;     // Forks after which there is no limit.
constexpr uid_t kUser = 54321;  // Nobody else's.
constexpr int kExempt = 77;

// Forks until it fails or is enough; the children stay until *go.
std::vector<pid_t> fork_until_refused(Shared<int>& go) {
  std::vector<pid_t> children;
  while (children.size() < kEnough) {
    const pid_t child = start_child([&go] {
      while (__atomic_load_n(&*go, __ATOMIC_ACQUIRE) == 0) sched_yield();
      return 0;
    });
    if (child < 0) break;
    children.push_back(child);
  }
  return children;
}

TEST(ProcessLimit, StopsAForkBombWhichRecovers) {
  // The processes of a real user count, whoever started them.
  if (getuid() != 0) GTEST_SKIP() << "needs the superuser";
  const int end = run_child([] {
    const rlimit limit = {kLimit, kLimit};
    CHILD_CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
    // The superuser is exempt on Linux.
    const bool ordinary = setuid(kUser) == 0;
    size_t first_round = 0;
    for (int round = 0; round < 3; ++round) {
      Shared<int> go;
      const std::vector<pid_t> children = fork_until_refused(go);
      const int error = errno;
      __atomic_store_n(&*go, 1, __ATOMIC_RELEASE);
      for (const pid_t child : children) CHILD_CHECK(wait_for(child) == 0);
      if (!ordinary && children.size() == kEnough) return kExempt;
      CHILD_CHECK(error == EAGAIN);
      // This process counts, too.
      if (ordinary) CHILD_CHECK(children.size() == kLimit - 1);
      CHILD_CHECK(!children.empty() && children.size() < kLimit);
      if (round == 0) first_round = children.size();
      CHILD_CHECK(children.size() == first_round);
    }
    return 0;
  });
  if (end == kExempt) GTEST_SKIP() << "cannot leave the superuser";
  EXPECT_EQ(end, 0);
}

TEST(ProcessLimit, ThreadsCountAsProcesses) {
  EXPECT_EQ(
      run_child([] {
        const rlimit limit{6, 6};
        CHILD_CHECK(setrlimit(RLIMIT_NPROC, &limit) == 0);
        if (setuid(54'321) != 0) return 0;  // not as root
        std::atomic<bool> stop = false;
        std::vector<std::thread> threads;
        for (int i = 0; i < 5; ++i) {
          threads.emplace_back([&] {
            while (!stop) usleep(1000);
          });
        }
        errno = 0;
        CHILD_CHECK(fork() == -1 && errno == EAGAIN);
        pthread_t extra;
        CHILD_CHECK(pthread_create(
                        &extra, nullptr, [](void*) -> void* { return nullptr; },
                        nullptr) == EAGAIN);
        stop = true;
        for (std::thread& thread : threads) thread.join();
        for (int i = 0; i < 100; ++i) {
          const pid_t pid = fork();
          if (pid == 0) _exit(0);
          if (pid > 0) return wait_for(pid);
          usleep(1000);  // the last thread is still on its way out
        }
        return 1;
      }),
      0);
}

}  // namespace
}  // namespace tine::guest
