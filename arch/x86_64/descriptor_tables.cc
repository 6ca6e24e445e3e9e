#include "arch/x86_64/descriptor_tables.h"

#include "arch/hw/registers.h"

namespace tine::hw {

// Within one page and cache line pair, as SDM 3A 8.7 asks.
alignas(128) TaskState cpu_task_state;

namespace {

// SDM 3A 3.4.5; base and limit mean nothing in 64-bit mode. Accessed bits are
// preset.
constexpr u64 kCode64 = 0x0020'9b00'0000'0000;
constexpr u64 kData = 0x0000'9300'0000'0000;
constexpr u64 kRing3 = u64{3} << 45;
constexpr u64 kTaskStateType = u64{0x89} << 40;

u64 gdt[] = {0, kCode64, kData, kData | kRing3, kCode64 | kRing3, 0, 0};
static_assert(SELECTOR_KERNEL_CODE == 1 * 8);
static_assert(SELECTOR_KERNEL_DATA == 2 * 8);
static_assert(SELECTOR_USER_DATA == (3 * 8 | 3));
static_assert(SELECTOR_USER_CODE == (4 * 8 | 3));
static_assert(SELECTOR_TSS == 5 * 8);

// SDM 3A figure 6-8.
struct Gate {
  u16 offset_low;
  u16 selector;
  u8 ist;
  u8 attributes;
  u16 offset_middle;
  u32 offset_high;
  u32 reserved;
};
static_assert(sizeof(Gate) == 16);
constexpr u8 kInterruptGate = 0x8e;  // present, clears IF
constexpr u8 kUserMayInt = 0x60;

// Vectors beyond these, `int $0x80` among them, give #GP.
Gate idt[VECTOR_COUNT];

enum Vector : unsigned {
  kDebug = 1,
  kNmi = 2,
  kBreakpoint = 3,
  kOverflow = 4,
  kDoubleFault = 8,
  kMachineCheck = 18,
};
// Index of the stack in TSS.ist, counted from 1; 0 is the kernel stack.
enum Ist : u8 { kIstNone = 0, kIstNmi = 1, kIstDebug = 2, kIstFatal = 3 };

struct [[gnu::packed]] TablePointer {
  u16 limit;
  u64 base;
};

extern "C" {
extern const u8 trap_stubs[VECTOR_COUNT][16];
extern u8 nmi_stack_top[], debug_stack_top[], fatal_stack_top[];
}

// QEMU's emulator tells of a watchpoint that a single step meets twice: the
// second time in the kernel, before its first instruction, where #DB would use
// its stack again and lose the user's registers. On the kernel stack it is
// harmless; and what the other stack is for, an exception that SYSCALL was made
// before, does not happen there.
bool tells_watchpoints_twice() {
  const Cpuid hypervisor = cpuid(0x4000'0000);
  constexpr u32 kTcgt = 0x5447'4354, kCgtc = 0x4354'4743, kGtcg = 0x4743'5447;
  return hypervisor.b == kTcgt && hypervisor.c == kCgtc &&
         hypervisor.d == kGtcg;
}

Gate make_gate(u64 handler, u8 ist, u8 attributes) {
  return {static_cast<u16>(handler),
          SELECTOR_KERNEL_CODE,
          ist,
          attributes,
          static_cast<u16>(handler >> 16),
          static_cast<u32>(handler >> 32),
          0};
}

void fill_tables() {
  const Ist debug_stack = tells_watchpoints_twice() ? kIstNone : kIstDebug;
  for (unsigned vector = 0; vector < VECTOR_COUNT; ++vector) {
    Ist ist = kIstNone;
    if (vector == kNmi) ist = kIstNmi;
    if (vector == kDebug) ist = debug_stack;
    if (vector == kDoubleFault || vector == kMachineCheck) ist = kIstFatal;
    const bool may_int = vector == kBreakpoint || vector == kOverflow;
    const u8 attributes = kInterruptGate | (may_int ? kUserMayInt : u8{0});
    idt[vector] =
        make_gate(reinterpret_cast<u64>(trap_stubs[vector]), ist, attributes);
  }
  cpu_task_state.ist[kIstNmi - 1] = reinterpret_cast<u64>(nmi_stack_top);
  cpu_task_state.ist[kIstDebug - 1] = reinterpret_cast<u64>(debug_stack_top);
  cpu_task_state.ist[kIstFatal - 1] = reinterpret_cast<u64>(fatal_stack_top);
  cpu_task_state.io_map_base = sizeof(TaskState);

  const u64 base = reinterpret_cast<u64>(&cpu_task_state);
  gdt[SELECTOR_TSS / 8] = (sizeof(TaskState) - 1) | (base & 0xff'ffff) << 16 |
                          kTaskStateType | (base >> 24 & 0xff) << 56;
  gdt[SELECTOR_TSS / 8 + 1] = base >> 32;
}

}  // namespace

void descriptor_tables_init() {
  fill_tables();
  const TablePointer gdt_pointer = {sizeof(gdt) - 1,
                                    reinterpret_cast<u64>(gdt)};
  const TablePointer idt_pointer = {sizeof(idt) - 1,
                                    reinterpret_cast<u64>(idt)};
  // Selectors are those of the early GDT: nothing but the task register needs
  // loading.
  asm volatile("lgdt %0" : : "m"(gdt_pointer));
  asm volatile("lidt %0" : : "m"(idt_pointer));
  asm volatile("ltr %0" : : "r"(static_cast<u16>(SELECTOR_TSS)));
  // No local descriptors. At reset there seem to be some, at address 0.
  asm volatile("lldt %0" : : "r"(u16{0}));
}

}  // namespace tine::hw
