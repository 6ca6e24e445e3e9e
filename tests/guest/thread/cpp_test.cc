// What a C++ program leans on, before, across and after a fork: exceptions,
// thread-local variables, streams, the heap.
// feature-map: 31, 35, 129
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <functional>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/guest/child.h"

namespace tine::guest {
namespace {

struct CountsItsEnd {
  explicit CountsItsEnd(int& count) : count_(count) {}
  CountsItsEnd(const CountsItsEnd&) = delete;
  CountsItsEnd& operator=(const CountsItsEnd&) = delete;
  ~CountsItsEnd() { ++count_; }
  int& count_;
};

__attribute__((noinline)) int throw_from(int depth, int& ended) {
  const CountsItsEnd frame(ended);
  if (depth == 0) throw std::runtime_error("deep");
  return throw_from(depth - 1, ended) + 1;
}

bool unwinds(int depth) {
  int ended = 0;
  try {
    throw_from(depth, ended);
  } catch (const std::runtime_error& error) {
    return std::string(error.what()) == "deep" && ended == depth + 1;
  }
  return false;
}

TEST(Cpp, ExceptionsUnwind) { EXPECT_TRUE(unwinds(100)); }

TEST(Cpp, ExceptionsInAChildBeforeAnyInTheParent) {
  EXPECT_EQ(run_child([] { return unwinds(100) ? 0 : 1; }), 0);
}

// The fork happens in the middle of the stack that both then unwind.
__attribute__((noinline)) void fork_and_throw(int depth, int& ended,
                                              pid_t& child) {
  const CountsItsEnd frame(ended);
  if (depth == 0) {
    child = fork();
    throw std::out_of_range(child == 0 ? "child" : "parent");
  }
  fork_and_throw(depth - 1, ended, child);
}

TEST(Cpp, OneForkTwoExceptions) {
  int ended = 0;
  pid_t child = -1;
  std::string what;
  try {
    fork_and_throw(50, ended, child);
  } catch (const std::out_of_range& error) {
    what = error.what();
  }
  if (child == 0) _exit(what == "child" && ended == 51 ? 0 : 1);
  EXPECT_EQ(what, "parent");
  EXPECT_EQ(ended, 51);
  EXPECT_EQ(wait_for(child), 0);
}

TEST(Cpp, UncaughtExceptionAborts) {
  EXPECT_EQ(run_child([]() noexcept -> int {
              // Not to be seen: the library says what it terminates for.
              close(STDERR_FILENO);
              int ended = 0;
              return throw_from(3, ended);
            }),
            -SIGABRT);
}

thread_local int counter = 7;
thread_local std::string name = "before";

TEST(Cpp, ThreadLocalsAreForked) {
  counter = 8;
  name = "parent's, long enough to live on the heap";
  EXPECT_EQ(run_child([] {
              CHILD_CHECK(counter == 8);
              CHILD_CHECK(name == "parent's, long enough to live on the heap");
              counter = 9;
              name = "child's";
              return 0;
            }),
            0);
  EXPECT_EQ(counter, 8);
  EXPECT_EQ(name, "parent's, long enough to live on the heap");
}

// Grows, shrinks and rebuilds containers as `seed` says; gives a digest.
class Churn {
 public:
  explicit Churn(uint32_t seed) : random_(seed) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) {
      const auto dice = static_cast<uint32_t>(random_());
      const int key = static_cast<int>(dice % 500);
      switch (dice >> 30) {
        case 0:
          map_[key] =
              std::string(dice % 3000, static_cast<char>('a' + key % 26));
          break;
        case 1:
          map_.erase(key);
          break;
        case 2:
          vectors_.emplace_back(dice % 5000, dice);
          break;
        default:
          if (!vectors_.empty()) vectors_.erase(vectors_.begin());
      }
    }
  }

  size_t digest() const {
    size_t result = 17;
    for (const auto& [key, value] : map_) {
      result = result * 31 + static_cast<size_t>(key);
      result = result * 31 + std::hash<std::string>()(value);
    }
    for (const auto& vector : vectors_) {
      for (const uint32_t value : vector) result = result * 31 + value;
    }
    return result;
  }

 private:
  std::mt19937 random_;
  std::map<int, std::string> map_;
  std::vector<std::vector<uint32_t>> vectors_;
};

TEST(Cpp, HeapChurnAcrossForks) {
  Churn mine(1);
  Churn oracle(1);
  mine.run(2000);
  oracle.run(2000);
  for (uint32_t i = 0; i < 10; ++i) {
    const size_t at_fork = mine.digest();
    const pid_t child = start_child([&] {
      CHILD_CHECK(mine.digest() == at_fork);
      Churn own(100 + i);
      own.run(1000);
      mine.run(1000);
      Churn again(100 + i);
      again.run(1000);
      CHILD_CHECK(own.digest() == again.digest());
      return 0;
    });
    mine.run(300);
    oracle.run(300);
    EXPECT_EQ(mine.digest(), oracle.digest());
    EXPECT_EQ(wait_for(child), 0);
  }
}

TEST(Cpp, StreamsBufferInEachProcess) {
  std::ostringstream stream;
  stream << "pi is about " << 3.25 << ", ";
  EXPECT_EQ(run_child([&stream] {
              stream << "says the child";
              CHILD_CHECK(stream.str() == "pi is about 3.25, says the child");
              std::cout.flush();
              return std::cout.good() ? 0 : 1;
            }),
            0);
  stream << "says the parent";
  EXPECT_EQ(stream.str(), "pi is about 3.25, says the parent");
}

}  // namespace
}  // namespace tine::guest
