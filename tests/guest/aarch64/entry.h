// The registers with which the kernel starts a new image.
#ifndef TINE_TESTS_GUEST_AARCH64_ENTRY_H_
#define TINE_TESTS_GUEST_AARCH64_ENTRY_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "tests/guest/elf_fixtures.h"

namespace tine::guest {

inline constexpr ElfMachine kElfMachine = ElfMachine::kAarch64;
inline constexpr size_t kEntryRegisters = 33;  // x0 to x30, sp, flags.
inline constexpr size_t kEntryStack = 31;      // Index of sp.
inline constexpr size_t kEntryFlags = 32;
inline constexpr uint64_t kEntryFlagsValue = 0;

extern "C" {
// The program's entry point: stores the registers and goes to _start.
void tine_entry();
extern std::array<uint64_t, kEntryRegisters> tine_entry_registers;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_ENTRY_H_
