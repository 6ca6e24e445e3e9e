// The counter that programs can read.
#ifndef TESTS_SYSTEM_X86_64_CYCLES_H_
#define TESTS_SYSTEM_X86_64_CYCLES_H_

#include <cstdint>

namespace tine {

inline uint64_t cycles() { return __builtin_ia32_rdtsc(); }

}  // namespace tine

#endif  // TESTS_SYSTEM_X86_64_CYCLES_H_
