// Threads of the C++ library, told in an order that does not depend on the
// system: what it prints here it must print everywhere.
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <exception>
#include <future>
#include <mutex>
#include <numeric>
#include <semaphore>
#include <shared_mutex>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

thread_local int mine = 100;
std::atomic<int> destroyed = 0;

struct AtThreadEnd {
  ~AtThreadEnd() { destroyed += mine; }
};
thread_local AtThreadEnd at_thread_end;

// A queue with room for few, so that both sides wait for one another.
class Queue {
 public:
  void put(int value) {
    std::unique_lock lock(mutex_);
    room_.wait(lock, [this] { return values_.size() < kRoom; });
    values_.push_back(value);
    some_.notify_one();
  }
  int take() {
    std::unique_lock lock(mutex_);
    some_.wait(lock, [this] { return !values_.empty(); });
    const int value = values_.front();
    values_.pop_front();
    room_.notify_one();
    return value;
  }

 private:
  static constexpr size_t kRoom = 4;
  std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable some_;
  std::deque<int> values_;
};

void join_and_count() {
  std::vector<int> squares(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < squares.size(); ++i) {
    threads.emplace_back(
        [&squares, i] { squares[i] = static_cast<int>(i * i); });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("threads: %d\n",
              std::accumulate(squares.begin(), squares.end(), 0));
}

void thread_locals() {
  std::array<int, 3> seen{};
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&seen, i] {
      static_cast<void>(&at_thread_end);
      mine += i;
      seen[static_cast<size_t>(i)] = mine;
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("thread_local: %d %d %d, main %d, destroyed %d\n", seen[0],
              seen[1], seen[2], mine, destroyed.load());
}

void producers_and_consumers() {
  Queue queue;
  std::atomic<long> sum = 0;
  constexpr int kEach = 5000;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      for (int n = 1; n <= kEach; ++n) queue.put(n);
    });
    threads.emplace_back([&] {
      for (int n = 1; n <= kEach; ++n) sum += queue.take();
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::printf("condition variables: %ld\n", sum.load());
}

void futures() {
  auto doubled = std::async(std::launch::async, [] { return 21 * 2; });
  auto thrown = std::async(std::launch::async, []() -> int {
    throw std::runtime_error("from afar");
  });
  std::promise<std::string> promise;
  std::future<std::string> word = promise.get_future();
  std::thread keeper([&promise] { promise.set_value("kept"); });
  std::string what;
  try {
    thrown.get();
  } catch (const std::exception& error) {
    what = error.what();
  }
  std::printf("async: %d, exception: %s, promise: %s\n", doubled.get(),
              what.c_str(), word.get().c_str());
  keeper.join();
}

void other_waits() {
  std::counting_semaphore<8> semaphore(0);
  std::barrier barrier(3);
  std::shared_mutex shared;
  std::once_flag once;
  std::atomic<int> calls = 0;
  int protected_value = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 3; ++i) {
    threads.emplace_back([&] {
      std::call_once(once, [&] { ++calls; });
      barrier.arrive_and_wait();
      {
        const std::unique_lock lock(shared);
        ++protected_value;
      }
      barrier.arrive_and_wait();
      const std::shared_lock lock(shared);
      if (protected_value == 3) semaphore.release();
    });
  }
  for (int i = 0; i < 3; ++i) semaphore.acquire();
  threads.clear();
  std::printf("semaphore, barrier, shared_mutex: %d; call_once: %d\n",
              protected_value, calls.load());
}

void timed_waits() {
  using namespace std::chrono_literals;
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock lock(mutex);
  const auto before = std::chrono::steady_clock::now();
  const bool timed_out = never.wait_for(lock, 30ms) == std::cv_status::timeout;
  const auto waited = std::chrono::steady_clock::now() - before;
  std::timed_mutex held;
  held.lock();
  bool refused = false;
  std::thread([&] { refused = !held.try_lock_for(10ms); }).join();
  std::printf("timed: %s %s %s\n", timed_out ? "timeout" : "woken",
              waited >= 30ms ? "in time" : "early",
              refused ? "refused" : "got");
}

// A thread forks: the child is that thread alone.
void fork_in_a_thread() {
  int status = -1;
  std::thread([&status] {
    mine = 7;
    const pid_t child = fork();
    if (child == 0) {
      int found = 0;
      std::thread([&found] { found = 35; }).join();
      _exit(found + mine);
    }
    waitpid(child, &status, 0);
  }).join();
  std::printf("fork in a thread: %d\n", WEXITSTATUS(status));
}

void many() {
  std::atomic<int> ran = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 25; ++i) threads.emplace_back([&ran] { ++ran; });
    for (std::thread& thread : threads) thread.join();
  }
  std::printf("in a row: %d\n", ran.load());
}

}  // namespace

int main() {
  join_and_count();
  thread_locals();
  producers_and_consumers();
  futures();
  other_waits();
  timed_waits();
  fork_in_a_thread();
  many();
  // Others still wait when the process ends.
  std::thread([] { pause(); }).detach();
  std::printf("the end\n");
  std::fflush(stdout);
  return 5;
}
