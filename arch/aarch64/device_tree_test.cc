#include "arch/aarch64/device_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "arch/aarch64/tree_builder.h"

namespace tine::hw {
namespace {

using testing::HasSubstr;

// The blob in an allocation of just its size, so that the sanitizer sees any
// read past its end. Null if accepted.
const char* read(const std::vector<uint8_t>& blob, Machine& machine) {
  const auto exact = std::make_unique<uint8_t[]>(blob.size());
  std::copy(blob.begin(), blob.end(), exact.get());
  return read_device_tree(exact.get(), static_cast<u32>(blob.size()), machine);
}

TreeBuilder begin_root() {
  TreeBuilder tree;
  tree.begin("").cells("#address-cells", {2}).cells("#size-cells", {2});
  return tree;
}

void add_memory(TreeBuilder& tree) {
  tree.begin("memory@40000000")
      .text("device_type", "memory")
      .cells("reg", {0, 0x4000'0000, 1, 0x8000'0000})
      .end();
}

void add_gic_v2(TreeBuilder& tree) {
  tree.begin("intc@8000000")
      .text("compatible", "arm,cortex-a15-gic")
      .cells("#interrupt-cells", {3})
      .cells("reg", {0, 0x800'0000, 0, 0x1'0000, 0, 0x801'0000, 0, 0x1'0000})
      .end();
}

void add_uart(TreeBuilder& tree, const std::string& name, uint32_t base,
              uint32_t interrupt) {
  tree.begin(name)
      .text("compatible", std::string("arm,pl011\0arm,primecell", 23))
      .cells("interrupts", {0, interrupt, 4})
      .cells("reg", {0, base, 0, 0x1000})
      .end();
}

void add_timer(TreeBuilder& tree) {
  tree.begin("timer")
      .text("compatible", "arm,armv8-timer")
      .cells("interrupts", {1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4})
      .end();
}

void add_clock(TreeBuilder& tree, uint32_t base, uint32_t bytes) {
  tree.begin("pl031@9010000")
      .text("compatible", std::string("arm,pl031\0arm,primecell", 23))
      .cells("reg", {0, base, 0, bytes})
      .end();
}

void add_devices(TreeBuilder& tree) {
  add_gic_v2(tree);
  add_uart(tree, "pl011@9000000", 0x900'0000, 1);
  add_timer(tree);
}

std::vector<uint8_t> whole_tree() {
  TreeBuilder tree = begin_root();
  tree.reserve(0x4100'0000, 0x2000);
  add_memory(tree);
  tree.begin("chosen")
      .text("bootargs", "one two")
      .cells("linux,initrd-start", {0x4800'0000})
      .cells("linux,initrd-end", {0, 0x4800'1234})
      .end();
  tree.begin("reserved-memory")
      .cells("#address-cells", {2})
      .cells("#size-cells", {2})
      .empty("ranges")
      .begin("firmware@42000000")
      .cells("reg", {0, 0x4200'0000, 0, 0x1'0000})
      .end()
      .end();
  tree.begin("cpus").cells("#address-cells", {1}).cells("#size-cells", {0});
  for (const uint32_t number : {0u, 1u, 2u}) {
    tree.begin("cpu@" + std::to_string(number))
        .text("device_type", "cpu")
        .cells("reg", {number})
        .end();
  }
  tree.end();
  tree.begin("psci")
      .text("compatible", std::string("arm,psci-1.0\0arm,psci-0.2", 25))
      .text("method", "hvc")
      .end();
  add_devices(tree);
  add_clock(tree, 0x901'0000, 0x1000);
  return tree.end().build();
}

TEST(DeviceTree, ReadsAll) {
  Machine machine;
  ASSERT_EQ(read(whole_tree(), machine), nullptr);
  ASSERT_EQ(machine.memory_count, 1u);
  EXPECT_EQ(machine.memory[0].base, 0x4000'0000u);
  EXPECT_EQ(machine.memory[0].bytes, 0x1'8000'0000u);
  ASSERT_EQ(machine.reserved_count, 2u);
  EXPECT_EQ(machine.reserved[0].base, 0x4100'0000u);
  EXPECT_EQ(machine.reserved[1].base, 0x4200'0000u);
  EXPECT_EQ(machine.initrd_begin, 0x4800'0000u);
  EXPECT_EQ(machine.initrd_end, 0x4800'1234u);
  EXPECT_STREQ(machine.command_line, "one two");
  EXPECT_EQ(machine.cpu_count, 3u);
  EXPECT_EQ(machine.gic, Gic::kV2);
  EXPECT_EQ(machine.distributor.base, 0x800'0000u);
  EXPECT_EQ(machine.cpu_interface.base, 0x801'0000u);
  EXPECT_EQ(machine.uart.base, 0x900'0000u);
  EXPECT_EQ(machine.uart_line, 33u);
  EXPECT_EQ(machine.timer_line, 27u);
  EXPECT_EQ(machine.real_time_clock.base, 0x901'0000u);
  EXPECT_EQ(machine.real_time_clock.bytes, 0x1000u);
  EXPECT_EQ(machine.psci, Psci::kHvc);
}

TEST(DeviceTree, GicV3UnderABusThatMapsOneToOne) {
  TreeBuilder tree = begin_root();
  add_memory(tree);
  tree.begin("soc")
      .cells("#address-cells", {1})
      .cells("#size-cells", {1})
      .empty("ranges")
      .begin("intc@8000000")
      .text("compatible", "arm,gic-v3")
      .cells("#interrupt-cells", {4})
      .cells("reg", {0x800'0000, 0x1'0000, 0x80a'0000, 0xf6'0000})
      .end()
      .end();
  tree.begin("pl011@9000000")
      .text("compatible", "arm,pl011")
      .cells("interrupts", {0, 1, 4, 0})
      .cells("reg", {0, 0x900'0000, 0, 0x1000})
      .end();
  tree.begin("timer")
      .text("compatible", "arm,armv8-timer")
      .cells("interrupts", {1, 13, 4, 0, 1, 14, 4, 0, 1, 11, 4, 0})
      .end();
  Machine machine;
  ASSERT_EQ(read(tree.end().build(), machine), nullptr);
  EXPECT_EQ(machine.gic, Gic::kV3);
  EXPECT_EQ(machine.cpu_interface.base, 0x80a'0000u);
  EXPECT_EQ(machine.cpu_interface.bytes, 0xf6'0000u);
  EXPECT_EQ(machine.uart_line, 33u);
  EXPECT_EQ(machine.timer_line, 27u);
}

TEST(DeviceTree, StdoutPathNamesTheUart) {
  TreeBuilder tree = begin_root();
  add_memory(tree);
  add_devices(tree);
  add_uart(tree, "pl011@9040000", 0x904'0000, 8);
  tree.begin("chosen").text("stdout-path", "/pl011@9040000:115200").end();
  Machine machine;
  ASSERT_EQ(read(tree.end().build(), machine), nullptr);
  EXPECT_EQ(machine.uart.base, 0x904'0000u);
  EXPECT_EQ(machine.uart_line, 40u);
}

TEST(DeviceTree, DisabledNodesAreSkipped) {
  TreeBuilder tree = begin_root();
  tree.begin("secram@e000000")
      .text("device_type", "memory")
      .text("status", "disabled")
      .cells("reg", {0, 0xe00'0000, 0, 0x100'0000})
      .end();
  add_devices(tree);
  Machine machine;
  EXPECT_THAT(read(tree.end().build(), machine), HasSubstr("no memory"));
}

TEST(DeviceTree, LongCommandLineIsCut) {
  TreeBuilder tree = begin_root();
  add_memory(tree);
  add_devices(tree);
  tree.begin("chosen").text("bootargs", std::string(5000, 'a')).end();
  Machine machine;
  ASSERT_EQ(read(tree.end().build(), machine), nullptr);
  EXPECT_EQ(std::strlen(machine.command_line), Machine::kCommandLineBytes - 1);
}

TEST(DeviceTree, SaysWhatIsMissing) {
  Machine machine;
  TreeBuilder no_gic = begin_root();
  add_memory(no_gic);
  EXPECT_THAT(read(no_gic.end().build(), machine), HasSubstr("GICv2"));
  TreeBuilder no_uart = begin_root();
  add_memory(no_uart);
  add_gic_v2(no_uart);
  EXPECT_THAT(read(no_uart.end().build(), machine), HasSubstr("PL011"));
  TreeBuilder no_timer = begin_root();
  add_memory(no_timer);
  add_gic_v2(no_timer);
  add_uart(no_timer, "pl011@9000000", 0x900'0000, 1);
  EXPECT_THAT(read(no_timer.end().build(), machine), HasSubstr("timer"));
}

TEST(DeviceTree, RefusesRegistersThatCannotBeMapped) {
  TreeBuilder tree = begin_root();
  add_memory(tree);
  add_gic_v2(tree);
  add_timer(tree);
  tree.begin("pl011@ffffffff00000000")
      .text("compatible", "arm,pl011")
      .cells("interrupts", {0, 1, 4})
      .cells("reg", {~0u, 0, 0, 0x1000})
      .end();
  Machine machine;
  EXPECT_THAT(read(tree.end().build(), machine), HasSubstr("out of range"));
}

TEST(DeviceTree, ClockThatCannotBeMappedIsNone) {
  TreeBuilder tree = begin_root();
  add_memory(tree);
  add_devices(tree);
  add_clock(tree, 0x901'0000, 0x7fff'ffff);
  Machine machine;
  EXPECT_EQ(read(tree.end().build(), machine), nullptr);
  EXPECT_EQ(machine.real_time_clock.bytes, 0u);
}

TEST(DeviceTree, RefusesBadShapes) {
  Machine machine;
  EXPECT_THAT(read(std::vector<uint8_t>(64), machine), HasSubstr("damaged"));

  TreeBuilder deep;
  for (int i = 0; i < 40; ++i) deep.begin("n");
  for (int i = 0; i < 40; ++i) deep.end();
  EXPECT_THAT(read(deep.build(), machine), HasSubstr("too deep"));

  EXPECT_THAT(read(TreeBuilder().begin("").build(), machine),
              HasSubstr("malformed"));
  EXPECT_THAT(read(TreeBuilder().end().build(), machine),
              HasSubstr("malformed"));
  EXPECT_THAT(read(TreeBuilder().empty("compatible").build(), machine),
              HasSubstr("malformed"));

  TreeBuilder wraps = begin_root();
  wraps.begin("memory")
      .text("device_type", "memory")
      .cells("reg", {~0u, 0xffff'f000, 1, 0})
      .end();
  EXPECT_THAT(read(wraps.end().build(), machine), HasSubstr("wraps"));

  TreeBuilder backwards = begin_root();
  backwards.begin("chosen")
      .cells("linux,initrd-start", {2})
      .cells("linux,initrd-end", {1})
      .end();
  EXPECT_THAT(read(backwards.end().build(), machine), HasSubstr("initrd"));
}

// Cut anywhere, with header and contents disagreeing or, by a patched header,
// agreeing on the size: refused, without a read past the end.
TEST(DeviceTree, EveryTruncationIsRefused) {
  const std::vector<uint8_t> whole = whole_tree();
  Machine machine;
  for (size_t size = 0; size < whole.size(); ++size) {
    std::vector<uint8_t> cut(whole.begin(), whole.begin() + long(size));
    EXPECT_NE(read(cut, machine), nullptr) << size;
    if (size < TreeBuilder::kHeaderBytes) continue;
    cut[6] = static_cast<uint8_t>(size >> 8);
    cut[7] = static_cast<uint8_t>(size);
    EXPECT_NE(read(cut, machine), nullptr) << size;
  }
}

// Whatever one byte becomes, what is read stays inside the blob, and what is
// accepted respects the bounds that the kernel relies on.
TEST(DeviceTree, AnyDamagedByteIsHarmless) {
  const std::vector<uint8_t> whole = whole_tree();
  Machine machine;
  unsigned accepted = 0;
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const int flip : {0x01, 0x02, 0x04, 0x08, 0x40, 0x80, 0xff}) {
      std::vector<uint8_t> damaged = whole;
      damaged[at] ^= static_cast<uint8_t>(flip);
      if (read(damaged, machine) != nullptr) continue;
      ++accepted;
      EXPECT_LE(machine.memory_count, Machine::kMaxRanges);
      EXPECT_LT(std::strlen(machine.command_line), Machine::kCommandLineBytes);
      EXPECT_LE(machine.initrd_begin, machine.initrd_end);
      EXPECT_GE(machine.uart_line, 16u);
    }
  }
  EXPECT_GT(accepted, 0u);  // such as letters of the command line
}

}  // namespace
}  // namespace tine::hw
