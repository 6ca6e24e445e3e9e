#include "arch/x86_64/acpi.h"

namespace tine::hw {
namespace {

constexpr u64 kMaxTables = 64;
constexpr u32 kMaxTableBytes = 1 << 20;
constexpr u64 kHeaderBytes = 36;

constexpr u32 signature(const char (&text)[5]) {
  u32 value = 0;
  for (unsigned i = 4; i-- > 0;) value = value << 8 | static_cast<u8>(text[i]);
  return value;
}

// ACPI 6.5 5.2.5.3.
struct [[gnu::packed]] Rsdp {
  u64 signature;
  u8 checksum;
  u8 oem[6];
  u8 revision;
  u32 rsdt;
  u32 length;  // this and what follows: revision 2 and up
  u64 xsdt;
};
constexpr u64 kRsdpSignature = 0x2052'5450'2044'5352;  // "RSD PTR "
constexpr u64 kRsdpBytesV1 = 20;

// Length of a table whose checksum holds, 0 if there is none.
u64 table_bytes(const MemoryView& memory, u64 table) {
  u32 bytes = 0;
  if (!memory.read(table + 4, bytes)) return 0;
  if (bytes < kHeaderBytes || bytes > kMaxTableBytes) return 0;
  return memory.checksum_holds(table, bytes) ? bytes : 0;
}

// ACPI 6.5 5.2.12.
enum MadtType : u8 { kLocalApic = 0, kIoApic = 1, kOverride = 2 };
struct [[gnu::packed]] MadtEntry {
  u8 type;
  u8 bytes;
};
struct [[gnu::packed]] MadtLocalApic {
  MadtEntry entry;
  u8 processor;
  u8 apic_id;
  u32 flags;  // bit 0: enabled
};
struct [[gnu::packed]] MadtIoApic {
  MadtEntry entry;
  u8 id;
  u8 reserved;
  u32 address;
  u32 base_line;
};
struct [[gnu::packed]] MadtOverride {
  MadtEntry entry;
  u8 bus;
  u8 source;
  u32 line;
  u16 flags;
};
constexpr u64 kMadtLocalApicAddress = kHeaderBytes;
constexpr u64 kMadtEntries = kHeaderBytes + 8;
constexpr u8 kIsaIrqCom1 = 4;

void parse_madt(const MemoryView& memory, u64 table, u64 bytes,
                Machine& machine) {
  const u64 end = table + bytes;
  u32 local_apic = 0;
  if (bytes < kMadtEntries ||
      !memory.read(table + kMadtLocalApicAddress, local_apic)) {
    return;
  }
  machine.local_apic = {local_apic & ~kPageMask};

  unsigned cpus = 0;
  bool io_apic_seen = false;
  MadtEntry entry;
  for (u64 at = table + kMadtEntries; memory.read(at, entry);
       at += entry.bytes) {
    if (entry.bytes < sizeof(entry) || at + entry.bytes > end) break;
    MadtLocalApic cpu;
    MadtIoApic io_apic;
    MadtOverride override;
    if (entry.type == kLocalApic && entry.bytes >= sizeof(cpu) &&
        memory.read(at, cpu)) {
      cpus += cpu.flags & 1;
    } else if (entry.type == kIoApic && entry.bytes >= sizeof(io_apic) &&
               memory.read(at, io_apic) && !io_apic_seen) {
      io_apic_seen = true;  // ISA lines are on the first
      machine.io_apic = {io_apic.address & ~kPageMask};
      machine.io_apic_base_line = io_apic.base_line;
    } else if (entry.type == kOverride && entry.bytes >= sizeof(override) &&
               memory.read(at, override) && override.source == kIsaIrqCom1) {
      machine.uart_line = override.line;
    }
  }
  if (cpus > 0) machine.cpu_count = cpus;
}

// IA-PC HPET specification 1.0a, 3.2.4: a generic address structure at 40.
void parse_hpet(const MemoryView& memory, u64 table, u64 bytes,
                Machine& machine) {
  u8 address_space = 1;
  u64 address = 0;
  if (bytes < 52 || !memory.read(table + 40, address_space) ||
      !memory.read(table + 44, address)) {
    return;
  }
  constexpr u8 system_memory = 0;
  if (address_space == system_memory) machine.hpet = {address & ~kPageMask};
}

// `pointer_bytes`: 4 in the RSDT, 8 in the XSDT.
void parse_tables(const MemoryView& memory, u64 root, u64 pointer_bytes,
                  Machine& machine) {
  const u64 bytes = table_bytes(memory, root);
  if (bytes == 0) return;
  u64 count = (bytes - kHeaderBytes) / pointer_bytes;
  if (count > kMaxTables) count = kMaxTables;
  for (u64 i = 0; i < count; ++i) {
    const u64 slot = root + kHeaderBytes + i * pointer_bytes;
    u32 low = 0, high = 0, name = 0;
    if (!memory.read(slot, low)) return;
    if (pointer_bytes == 8 && !memory.read(slot + 4, high)) return;
    const u64 table = u64{high} << 32 | low;
    const u64 size = table_bytes(memory, table);
    if (size == 0 || !memory.read(table, name)) continue;
    if (name == signature("APIC")) parse_madt(memory, table, size, machine);
    if (name == signature("HPET")) parse_hpet(memory, table, size, machine);
  }
}

}  // namespace

void acpi_parse(const MemoryView& memory, u64 rsdp, Machine& machine) {
  u8 v1[kRsdpBytesV1];
  Rsdp root = {};
  if (!memory.read(rsdp, v1)) return;
  __builtin_memcpy(&root, v1, kRsdpBytesV1);
  if (root.signature != kRsdpSignature ||
      !memory.checksum_holds(rsdp, kRsdpBytesV1)) {
    return;
  }
  if (root.revision >= 2 && memory.read(rsdp, root) &&
      root.length >= sizeof(root) && memory.checksum_holds(rsdp, root.length) &&
      root.xsdt != 0) {
    parse_tables(memory, root.xsdt, 8, machine);
  } else {
    parse_tables(memory, root.rsdt, 4, machine);
  }
}

}  // namespace tine::hw
