// Forks 100 children, all alive together. Each must find the 1 MiB that its
// parent had at its own fork, although the parent changes it before and after,
// and must be able to change it unseen. In C++ with streams and exceptions.
// feature-map: 31, 32, 129
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

constexpr size_t kBytes = size_t{1} << 20;
constexpr int kChildren = 100;

using Memory = std::vector<uint8_t>;

uint8_t byte_of(int generation, size_t at) {
  return static_cast<uint8_t>(generation * 101 + static_cast<int>(at % 251) +
                              static_cast<int>(at / 4096));
}

void fill(Memory& memory, int generation) {
  for (size_t i = 0; i < memory.size(); ++i) {
    memory[i] = byte_of(generation, i);
  }
}

class Mismatch : public std::runtime_error {
 public:
  Mismatch(int generation, size_t at)
      : std::runtime_error("generation " + std::to_string(generation) +
                           " differs at byte " + std::to_string(at)) {}
};

void check(const Memory& memory, int generation) {
  for (size_t i = 0; i < memory.size(); ++i) {
    if (memory[i] != byte_of(generation, i)) throw Mismatch(generation, i);
  }
}

// Adler-32, for something to print.
uint32_t checksum(const Memory& memory) {
  uint32_t a = 1;
  uint32_t b = 0;
  for (const uint8_t byte : memory) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

// What a child does; its status says whether all was as it must be.
int child_main(Memory& memory, int number) {
  try {
    check(memory, number);
    fill(memory, 1000 + number);
    check(memory, 1000 + number);
    throw number;  // Good news takes the same road as bad.
  } catch (const Mismatch& mismatch) {
    std::cerr << "child " << number << ": " << mismatch.what() << std::endl;
    return 0;
  } catch (const int result) {
    return result;
  }
}

int run() {
  Memory memory(kBytes);
  std::vector<pid_t> children;
  for (int number = 1; number <= kChildren; ++number) {
    fill(memory, number);
    const pid_t child = fork();
    if (child < 0) throw std::runtime_error("fork failed");
    if (child == 0) _exit(child_main(memory, number));
    children.push_back(child);
    check(memory, number);
  }
  fill(memory, kChildren + 1);

  int good = 0;
  for (int number = 1; number <= kChildren; ++number) {
    const pid_t child = children[static_cast<size_t>(number - 1)];
    int status = 0;
    if (waitpid(child, &status, 0) != child) {
      throw std::runtime_error("wait failed");
    }
    const bool ok = WIFEXITED(status) && WEXITSTATUS(status) == number;
    std::cout << "child " << std::setw(3) << number << ": "
              << (ok ? "its own copy" : "WRONG") << '\n';
    good += ok ? 1 : 0;
  }
  check(memory, kChildren + 1);
  std::cout << good << " of " << kChildren << " children had their copy of "
            << kBytes << " bytes; the parent's has checksum " << std::hex
            << std::setfill('0') << std::setw(8) << checksum(memory) << '.'
            << std::endl;
  return good == kChildren ? 0 : 1;
}

}  // namespace

int main() {
  try {
    return run();
  } catch (const std::exception& error) {
    std::cerr << "cow_children: " << error.what() << std::endl;
    return 2;
  }
}
