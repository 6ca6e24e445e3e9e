// The counter that programs can read.
#ifndef TESTS_SYSTEM_AARCH64_CYCLES_H_
#define TESTS_SYSTEM_AARCH64_CYCLES_H_

#include <cstdint>

namespace tine {

inline uint64_t cycles() {
  uint64_t count;
  asm volatile("isb; mrs %0, cntvct_el0" : "=r"(count));
  return count;
}

}  // namespace tine

#endif  // TESTS_SYSTEM_AARCH64_CYCLES_H_
