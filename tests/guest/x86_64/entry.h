// The registers with which the kernel starts a new image.
#ifndef TINE_TESTS_GUEST_X86_64_ENTRY_H_
#define TINE_TESTS_GUEST_X86_64_ENTRY_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "tests/guest/elf_fixtures.h"

namespace tine::guest {

inline constexpr ElfMachine kElfMachine = ElfMachine::kX86_64;
inline constexpr size_t kEntryRegisters = 17;  // rax to r15, then the flags.
inline constexpr size_t kEntryStack = 4;       // Index of rsp.
inline constexpr size_t kEntryFlags = 16;
inline constexpr uint64_t kEntryFlagsValue = 0x202;  // Interrupts on, no more.

extern "C" {
// The program's entry point: stores the registers and goes to _start.
void tine_entry();
extern std::array<uint64_t, kEntryRegisters> tine_entry_registers;
}

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_ENTRY_H_
