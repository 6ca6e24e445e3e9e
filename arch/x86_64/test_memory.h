// Memory for tests of what reads the loader's and the firmware's tables.
#ifndef ARCH_X86_64_TEST_MEMORY_H_
#define ARCH_X86_64_TEST_MEMORY_H_

#include <cstring>
#include <string>
#include <vector>

#include "arch/x86_64/memory_view.h"

namespace tine::hw {

// A small physical memory to lay tables out in. The vector's end is where the
// address sanitizer notices a parser that reads past it.
class TestMemory {
 public:
  explicit TestMemory(u64 size) : bytes_(size) {}

  template <typename T>
  void put(u64 address, T value) {
    std::memcpy(bytes_.data() + address, &value, sizeof(value));
  }
  void put_text(u64 address, const std::string& text) {
    std::memcpy(bytes_.data() + address, text.data(), text.size());
  }
  void fix_checksum(u64 address, u64 bytes, u64 at) {
    bytes_[address + at] = 0;
    u8 sum = 0;
    for (u64 i = 0; i < bytes; ++i) {
      sum = static_cast<u8>(sum + bytes_[address + i]);
    }
    bytes_[address + at] = static_cast<u8>(-sum);
  }
  MemoryView view() const { return {bytes_.data(), bytes_.size()}; }
  std::vector<u8>& bytes() { return bytes_; }

 private:
  std::vector<u8> bytes_;
};

}  // namespace tine::hw

#endif  // ARCH_X86_64_TEST_MEMORY_H_
