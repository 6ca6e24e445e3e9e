// A PVH start information for tests.
#ifndef ARCH_X86_64_TEST_START_INFO_H_
#define ARCH_X86_64_TEST_START_INFO_H_

#include "arch/x86_64/test_memory.h"

namespace tine::hw {

inline constexpr u64 kStart = 0x10;
inline constexpr u64 kMap = 0x80;
inline constexpr u64 kModules = 0x180;
inline constexpr u64 kText = 0x1c0;

inline void put_map_entry(TestMemory& memory, u32 index, u64 begin, u64 end,
                          u32 type) {
  const u64 at = kMap + index * 24;
  memory.put<u64>(at, begin);
  memory.put<u64>(at + 8, end - begin);
  memory.put<u32>(at + 16, type);
}

inline TestMemory make_pvh() {
  TestMemory memory(0x200);
  memory.put<u32>(kStart, 0x336e'c578);
  memory.put<u32>(kStart + 4, 1);
  memory.put<u32>(kStart + 12, 1);
  memory.put<u64>(kStart + 16, kModules);
  memory.put<u64>(kStart + 24, kText);
  memory.put<u64>(kStart + 32, 0xf'0000);
  memory.put<u64>(kStart + 40, kMap);
  memory.put<u32>(kStart + 48, 4);
  put_map_entry(memory, 0, 0x10'0000, 0x3fd'f800, 1);
  put_map_entry(memory, 1, 0, 0x9'fc00, 1);
  put_map_entry(memory, 2, 0x3fd'f800, 0x400'0000, 2);
  put_map_entry(memory, 3, 0x1'0000'0000, 0x2'0000'0000, 1);
  memory.put<u64>(kModules, 0x20'0010);
  memory.put<u64>(kModules + 8, 0x123);
  memory.put_text(kText, "log=all");
  return memory;
}

}  // namespace tine::hw

#endif  // ARCH_X86_64_TEST_START_INFO_H_
