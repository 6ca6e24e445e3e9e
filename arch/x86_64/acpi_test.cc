#include "arch/x86_64/acpi.h"

#include <gtest/gtest.h>

#include <random>

#include "arch/x86_64/test_memory.h"

namespace tine::hw {
namespace {

constexpr u64 kRsdp = 0x40;
constexpr u64 kRoot = 0x100;
constexpr u64 kMadt = 0x200;
constexpr u64 kHpet = 0x300;

void put_table(TestMemory& memory, u64 at, const char* name, u32 bytes) {
  memory.put_text(at, name);
  memory.put<u32>(at + 4, bytes);
  memory.fix_checksum(at, bytes, 9);
}

// RSDP, XSDT or RSDT, MADT with two CPUs, an I/O APIC and an override, HPET.
TestMemory make_acpi(bool xsdt) {
  TestMemory memory(0x400);
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
  const TestMemory memory = make_acpi(GetParam());
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
    TestMemory memory = make_acpi(GetParam());
    memory.bytes()[table + 10] ^= 0xff;
    Machine machine;
    acpi_parse(memory.view(), kRsdp, machine);
    EXPECT_EQ(machine.cpu_count, 1u);
    EXPECT_EQ(machine.hpet.value, 0u);
  }
  TestMemory memory = make_acpi(GetParam());
  memory.bytes()[kMadt + 50] ^= 0xff;
  Machine machine;
  acpi_parse(memory.view(), kRsdp, machine);
  EXPECT_EQ(machine.cpu_count, 1u);
  EXPECT_EQ(machine.hpet.value, 0xfed0'0000u);  // a table of its own
}

// An entry of length 0 must not be read for ever, one past the end not at all.
TEST(Acpi, MadtEntriesOfBadLengthEndTheList) {
  for (const u8 length : {u8{0}, u8{1}, u8{0xff}}) {
    TestMemory memory = make_acpi(true);
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
    TestMemory memory = make_acpi(round % 2 == 0);
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

}  // namespace
}  // namespace tine::hw
