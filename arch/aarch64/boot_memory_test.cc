#include "arch/aarch64/boot_memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tine::hw {
namespace {

using testing::HasSubstr;

constexpr u64 kLimit = u64{1} << 44;
constexpr PhysRange kImage = {{0x4020'0000}, {0x4030'0000}};

void expect_range(const PhysRange& range, u64 begin, u64 end) {
  EXPECT_EQ(range.begin.value, begin);
  EXPECT_EQ(range.end.value, end);
}

Machine machine_with(std::initializer_list<MachineRange> memory) {
  Machine machine{};
  for (const MachineRange range : memory) {
    machine.memory[machine.memory_count++] = range;
  }
  machine.cpu_count = 1;
  return machine;
}

TEST(BootMemory, SortsTrimsAndJoins) {
  const Machine machine = machine_with({{0x9000'0000, 0x1800},
                                        {0x4000'0000, 0x100'0000},
                                        {0x4100'0000, 0x100'0000},
                                        {0x8000'0801, 0x2000}});
  BootMemory memory;
  ASSERT_EQ(fill_boot_memory(machine, kImage, kLimit, memory), nullptr);
  ASSERT_EQ(memory.usable_count, 3u);
  expect_range(memory.usable[0], 0x4000'0000, 0x4200'0000);
  expect_range(memory.usable[1], 0x8000'1000, 0x8000'2000);
  expect_range(memory.usable[2], 0x9000'0000, 0x9000'1000);
}

TEST(BootMemory, NothingAboveTheLimit) {
  const Machine machine = machine_with({{0x4000'0000, 0x100'0000},
                                        {kLimit - 0x1000, 0x10000},
                                        {kLimit, 1 << 20}});
  BootMemory memory;
  ASSERT_EQ(fill_boot_memory(machine, kImage, kLimit, memory), nullptr);
  ASSERT_EQ(memory.usable_count, 2u);
  expect_range(memory.usable[1], kLimit - 0x1000, kLimit);
}

TEST(BootMemory, ReservesImageInitrdAndFirmware) {
  Machine machine = machine_with({{0x4000'0000, 0x1000'0000}});
  machine.initrd_begin = 0x4800'0123;
  machine.initrd_end = 0x4800'2001;
  machine.reserved[machine.reserved_count++] = {0x402f'f800, 0x1000};
  BootMemory memory;
  ASSERT_EQ(fill_boot_memory(machine, kImage, kLimit, memory), nullptr);
  ASSERT_EQ(memory.reserved_count, 2u);
  expect_range(memory.reserved[0], 0x4020'0000, 0x4030'1000);
  expect_range(memory.reserved[1], 0x4800'0000, 0x4800'3000);
  EXPECT_EQ(memory.initrd_begin.value, 0x4800'0123u);
  EXPECT_EQ(memory.initrd_end.value, 0x4800'2001u);
}

TEST(BootMemory, RefusesWhatIsNotInMemory) {
  BootMemory no_image;
  EXPECT_THAT(fill_boot_memory(machine_with({{0x8000'0000, 0x1000'0000}}),
                               kImage, kLimit, no_image),
              HasSubstr("image"));
  Machine machine = machine_with({{0x4000'0000, 0x100'0000}});
  machine.initrd_begin = 0x40ff'f000;
  machine.initrd_end = 0x4100'0001;
  BootMemory no_initrd;
  EXPECT_THAT(fill_boot_memory(machine, kImage, kLimit, no_initrd),
              HasSubstr("initrd"));
}

TEST(BootMemory, RefusesTooManyReservations) {
  Machine machine = machine_with({{0x4000'0000, 0x1000'0000}});
  while (machine.reserved_count < Machine::kMaxRanges) {
    machine.reserved[machine.reserved_count] = {
        0x4400'0000 + u64{machine.reserved_count} * 0x2000, 0x1000};
    ++machine.reserved_count;
  }
  BootMemory memory;
  EXPECT_THAT(fill_boot_memory(machine, kImage, kLimit, memory),
              HasSubstr("reserved"));
}

}  // namespace
}  // namespace tine::hw
