// The kernel's symbol table, if the build linked one in.
#ifndef KERNEL_SYMBOLS_H_
#define KERNEL_SYMBOLS_H_

#include "kernel/base/types.h"

namespace tine {

// Sorted by address. A build step that has the linked kernel's symbols may
// provide the three; without it names are left out of backtraces.
struct KernelSymbol {
  u64 address;
  u32 name;  // offset in kernel_symbol_names, NUL-terminated
  u32 reserved;
};
extern "C" {
[[gnu::weak]] extern const KernelSymbol kernel_symbols_start[];
[[gnu::weak]] extern const KernelSymbol kernel_symbols_end[];
[[gnu::weak]] extern const char kernel_symbol_names[];
}

// The function around `address`, or null.
inline const char* find_symbol(u64 address, u64& offset) {
  const char* name = nullptr;
  for (const KernelSymbol* symbol = kernel_symbols_start;
       symbol != kernel_symbols_end && symbol->address <= address; ++symbol) {
    name = kernel_symbol_names + symbol->name;
    offset = address - symbol->address;
  }
  return name;
}

}  // namespace tine

#endif  // KERNEL_SYMBOLS_H_
