#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

#include "arch/x86_64/acpi.h"
#include "arch/x86_64/boot_memory.h"
#include "arch/x86_64/pvh.h"
#include "kernel/boot_ranges.h"

namespace tine::hw {
namespace {

// A small physical memory to lay tables out in. The vector's end is where the
// address sanitizer notices a parser that reads past it.
class Memory {
 public:
  explicit Memory(u64 size) : bytes_(size) {}

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

constexpr u64 kRsdp = 0x40;
constexpr u64 kRoot = 0x100;
constexpr u64 kMadt = 0x200;
constexpr u64 kHpet = 0x300;

void put_table(Memory& memory, u64 at, const char* name, u32 bytes) {
  memory.put_text(at, name);
  memory.put<u32>(at + 4, bytes);
  memory.fix_checksum(at, bytes, 9);
}

// RSDP, XSDT or RSDT, MADT with two CPUs, an I/O APIC and an override, HPET.
Memory make_acpi(bool xsdt) {
  Memory memory(0x400);
  memory.put_text(kRsdp, "RSD PTR ");
  memory.put<u8>(kRsdp + 15, xsdt ? 2 : 0);
  memory.put<u32>(kRsdp + 16, xsdt ? 0 : kRoot);
  memory.fix_checksum(kRsdp, 20, 8);
  if (xsdt) {
    memory.put<u32>(kRsdp + 20, 36);
    memory.put<u64>(kRsdp + 24, kRoot);
    memory.fix_checksum(kRsdp, 36, 32);
    memory.put<u64>(kRoot + 36, kMadt);
    memory.put<u64>(kRoot + 44, kHpet);
    put_table(memory, kRoot, "XSDT", 52);
  } else {
    memory.put<u32>(kRoot + 36, kMadt);
    memory.put<u32>(kRoot + 40, kHpet);
    put_table(memory, kRoot, "RSDT", 44);
  }
  memory.put<u32>(kMadt + 36, 0xfee0'1000);
  u64 at = kMadt + 44;
  for (u8 id = 0; id < 3; ++id, at += 8) {
    memory.put<u16>(at, 0x0800);
    memory.put<u8>(at + 3, id);
    memory.put<u32>(at + 4, id < 2);  // the third is disabled
  }
  memory.put<u16>(at, 0x0c01);
  memory.put<u32>(at + 4, 0xfec0'2000);
  memory.put<u32>(at + 8, 0);
  at += 12;
  memory.put<u16>(at, 0x0a02);
  memory.put<u8>(at + 3, 4);
  memory.put<u32>(at + 4, 9);
  at += 10;
  put_table(memory, kMadt, "APIC", static_cast<u32>(at - kMadt));
  memory.put<u64>(kHpet + 44, 0xfed0'0000);
  put_table(memory, kHpet, "HPET", 56);
  return memory;
}

class AcpiTest : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(RsdtAndXsdt, AcpiTest, ::testing::Bool());

TEST_P(AcpiTest, TakesApicsCpusAndHpet) {
  const Memory memory = make_acpi(GetParam());
  Machine machine;
  acpi_parse(memory.view(), kRsdp, machine);
  EXPECT_EQ(machine.local_apic.value, 0xfee0'1000u);
  EXPECT_EQ(machine.io_apic.value, 0xfec0'2000u);
  EXPECT_EQ(machine.hpet.value, 0xfed0'0000u);
  EXPECT_EQ(machine.uart_line, 9u);
  EXPECT_EQ(machine.cpu_count, 2u);
}

TEST_P(AcpiTest, DamagedTablesLeaveDefaults) {
  for (const u64 table : {kRsdp, kRoot}) {
    Memory memory = make_acpi(GetParam());
    memory.bytes()[table + 10] ^= 0xff;
    Machine machine;
    acpi_parse(memory.view(), kRsdp, machine);
    EXPECT_EQ(machine.cpu_count, 1u);
    EXPECT_EQ(machine.hpet.value, 0u);
  }
  Memory memory = make_acpi(GetParam());
  memory.bytes()[kMadt + 50] ^= 0xff;
  Machine machine;
  acpi_parse(memory.view(), kRsdp, machine);
  EXPECT_EQ(machine.cpu_count, 1u);
  EXPECT_EQ(machine.hpet.value, 0xfed0'0000u);  // a table of its own
}

// An entry of length 0 must not be read for ever, one past the end not at all.
TEST(Acpi, MadtEntriesOfBadLengthEndTheList) {
  for (const u8 length : {u8{0}, u8{1}, u8{0xff}}) {
    Memory memory = make_acpi(true);
    memory.put<u8>(kMadt + 44 + 8 + 1, length);
    memory.fix_checksum(kMadt, 44 + 3 * 8 + 12 + 10, 9);
    Machine machine;
    acpi_parse(memory.view(), kRsdp, machine);
    EXPECT_EQ(machine.cpu_count, 1u) << int{length};
  }
}

TEST(Acpi, RandomDamageIsContained) {
  std::mt19937 random(1);
  for (int round = 0; round < 20'000; ++round) {
    Memory memory = make_acpi(round % 2 == 0);
    for (int i = 0; i < 4; ++i) {
      memory.bytes()[random() % memory.bytes().size()] =
          static_cast<u8>(random());
    }
    // Let the damage get past the checksums.
    memory.fix_checksum(kRsdp, 20, 8);
    memory.fix_checksum(kRsdp, 36, 32);
    for (const u64 table : {kRoot, kMadt, kHpet}) {
      u32 bytes = 0;
      ASSERT_TRUE(memory.view().read(table + 4, bytes));
      if (bytes >= 10 && memory.view().contains(table, bytes)) {
        memory.fix_checksum(table, bytes, 9);
      }
    }
    Machine machine;
    acpi_parse(memory.view(), round % 8 == 0 ? random() : kRsdp, machine);
    EXPECT_GE(machine.cpu_count, 1u);
    EXPECT_EQ(machine.hpet.value % kPageSize, 0u);
  }
}

constexpr u64 kStart = 0x10;
constexpr u64 kMap = 0x80;
constexpr u64 kModules = 0x180;
constexpr u64 kText = 0x1c0;

void put_map_entry(Memory& memory, u32 index, u64 begin, u64 end, u32 type) {
  const u64 at = kMap + index * 24;
  memory.put<u64>(at, begin);
  memory.put<u64>(at + 8, end - begin);
  memory.put<u32>(at + 16, type);
}

Memory make_pvh() {
  Memory memory(0x200);
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

TEST(Pvh, TakesMemoryInitrdAndText) {
  const Memory memory = make_pvh();
  BootMemory boot;
  PvhInfo info;
  EXPECT_EQ(pvh_parse(memory.view(), kStart, boot, info), nullptr);
  ranges_normalize(boot.usable, boot.usable_count, ~u64{0});
  ASSERT_EQ(boot.usable_count, 3u);
  EXPECT_EQ(boot.usable[0].begin.value, 0u);
  EXPECT_EQ(boot.usable[0].end.value, 0x9'f000u);
  EXPECT_EQ(boot.usable[1].end.value, 0x3fd'f000u);
  EXPECT_EQ(boot.usable[2].end.value, 0x2'0000'0000u);
  ASSERT_EQ(boot.reserved_count, 1u);
  EXPECT_EQ(boot.reserved[0].begin.value, 0x3fd'f000u);
  EXPECT_EQ(boot.initrd_begin.value, 0x20'0010u);
  EXPECT_EQ(boot.initrd_end.value, 0x20'0133u);
  EXPECT_EQ(info.rsdp, 0xf'0000u);
  char text[16];
  pvh_copy_text(memory.view(), info.command_line, text, sizeof(text));
  EXPECT_STREQ(text, "log=all");
  pvh_copy_text(memory.view(), info.command_line, text, 4);
  EXPECT_STREQ(text, "log");
  pvh_copy_text(memory.view(), memory.view().size - 1, text, sizeof(text));
  EXPECT_STREQ(text, "");
}

TEST(BootMemory, ReservesImageInitrdAndLowMemory) {
  constexpr PhysRange kImage = {{0x10'0000}, {0x18'0000}};
  constexpr u64 kLimit = u64{512} << 30;
  const Memory memory = make_pvh();
  BootMemory boot;
  PvhInfo info;
  ASSERT_EQ(fill_boot_memory(memory.view(), kStart, kImage, kLimit, boot, info),
            nullptr);
  ASSERT_EQ(boot.reserved_count, 3u);
  EXPECT_EQ(boot.reserved[0].begin.value, 0u);
  EXPECT_EQ(boot.reserved[0].end.value, 0x18'0000u);
  EXPECT_EQ(boot.reserved[1].begin.value, 0x20'0000u);
  EXPECT_EQ(boot.reserved[1].end.value, 0x20'1000u);
  EXPECT_EQ(boot.reserved[2].begin.value, 0x3fd'f000u);
  BootMemory elsewhere;
  EXPECT_STREQ(
      fill_boot_memory(memory.view(), kStart, {{0x9'0000}, {0x10'1000}}, kLimit,
                       elsewhere, info),
      "the kernel's image is not in memory");
  Memory cut = make_pvh();
  cut.put<u64>(kModules, 0x3fd'f700);
  BootMemory outside;
  EXPECT_STREQ(
      fill_boot_memory(cut.view(), kStart, kImage, kLimit, outside, info),
      "the initrd is not in memory");
}

TEST(Pvh, RefusesWhatIsMissing) {
  struct Damage {
    u64 at;
    u32 value;
  };
  for (const Damage& damage :
       {Damage{kStart, 0}, Damage{kStart + 4, 0}, Damage{kStart + 48, 0},
        Damage{kStart + 48, 1000}, Damage{kStart + 40, 0x1fe},
        Damage{kStart + 44, ~u32{0}}, Damage{kStart + 16, 0x1fe},
        Damage{kModules + 12, ~u32{0}}}) {
    Memory memory = make_pvh();
    memory.put<u32>(damage.at, damage.value);
    if (damage.at == kModules + 12) memory.put<u32>(kModules + 4, 1);
    BootMemory boot;
    PvhInfo info;
    EXPECT_NE(pvh_parse(memory.view(), kStart, boot, info), nullptr)
        << damage.at;
  }
  BootMemory boot;
  PvhInfo info;
  EXPECT_NE(pvh_parse(make_pvh().view(), ~u64{0} - 8, boot, info), nullptr);
}

TEST(Pvh, RandomDamageIsContained) {
  std::mt19937 random(2);
  for (int round = 0; round < 20'000; ++round) {
    Memory memory = make_pvh();
    for (int i = 0; i < 4; ++i) {
      memory.bytes()[random() % memory.bytes().size()] =
          static_cast<u8>(random());
    }
    BootMemory boot;
    PvhInfo info;
    if (pvh_parse(memory.view(), kStart, boot, info) != nullptr) continue;
    ranges_normalize(boot.usable, boot.usable_count, u64{512} << 30);
    for (unsigned i = 0; i < boot.usable_count; ++i) {
      const PhysRange& range = boot.usable[i];
      EXPECT_LT(range.begin.value, range.end.value);
      EXPECT_EQ((range.begin.value | range.end.value) % kPageSize, 0u);
      if (i > 0) EXPECT_GT(range.begin, boot.usable[i - 1].end);
    }
    char text[32];
    pvh_copy_text(memory.view(), info.command_line, text, sizeof(text));
    EXPECT_LT(std::strlen(text), sizeof(text));
  }
}

TEST(BootRanges, FreePagesAvoidWhatIsReserved) {
  BootMemory boot;
  ASSERT_TRUE(range_add_inside(boot.usable, boot.usable_count, 0, 0x10'0000));
  for (const u64 begin : {u64{0}, u64{0x3000}, u64{0x8000}}) {
    ASSERT_TRUE(range_add_around(boot.reserved, boot.reserved_count, begin,
                                 begin + 0x1001));
  }
  ranges_normalize(boot.reserved, boot.reserved_count, ~u64{0});
  EXPECT_EQ(ranges_find_free(boot, 0x1000, ~u64{0}), 0x2000u);
  EXPECT_EQ(ranges_find_free(boot, 0x2000, ~u64{0}), 0x5000u);
  EXPECT_EQ(ranges_find_free(boot, 0x4000, ~u64{0}), 0xa000u);
  EXPECT_EQ(ranges_find_free(boot, 0x4000, 0xc000), 0u);
  EXPECT_EQ(ranges_find_free(boot, 0x20'0000, ~u64{0}), 0u);
}

TEST(BootRanges, FullListIsReported) {
  BootMemory boot;
  for (u64 i = 0; i < BootMemory::kMaxRanges; ++i) {
    EXPECT_TRUE(range_add_inside(boot.usable, boot.usable_count, i * 0x2000,
                                 i * 0x2000 + 0x1000));
  }
  EXPECT_FALSE(range_add_inside(boot.usable, boot.usable_count, 0, 0x1000));
  EXPECT_TRUE(range_add_inside(boot.usable, boot.usable_count, 1, 2));
}

}  // namespace
}  // namespace tine::hw
