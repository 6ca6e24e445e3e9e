// Byte offsets and selectors that assembly needs; C++ asserts every one.
#ifndef ARCH_X86_64_TRAP_FRAME_OFFSETS_H_
#define ARCH_X86_64_TRAP_FRAME_OFFSETS_H_

// hw::TrapFrame (trap_frame.h). The address of a Thread is that of its frame.
#define FRAME_RDI 0
#define FRAME_RSI 8
#define FRAME_RDX 16
#define FRAME_R10 24
#define FRAME_R8 32
#define FRAME_R9 40
#define FRAME_R12 48
#define FRAME_R13 56
#define FRAME_RAX 64
#define FRAME_R14 72
#define FRAME_R15 80
#define FRAME_RBX 88
#define FRAME_RBP 96
#define FRAME_RCX 104
#define FRAME_R11 112
#define FRAME_VECTOR 120
#define FRAME_ERROR 128
#define FRAME_PC 136
#define FRAME_CS 144
#define FRAME_FLAGS 152
#define FRAME_SP 160
#define FRAME_SS 168
#define FRAME_SIZE 176

// tine::Thread, behind its frame (kernel/thread/thread.h).
#define THREAD_KIND 176
#define THREAD_KIND_MANAGED 0

// tine::PerCpu (kernel/thread/per_cpu.h).
#define PER_CPU_CURRENT 8
#define PER_CPU_KERNEL_STACK_TOP 16
#define PER_CPU_SCRATCH 24

// hw::TaskState (descriptor_tables.h).
#define TSS_RSP0 4

// Segment selectors. SYSCALL needs kernel data after kernel code, SYSRET user
// code after user data; there is no 32-bit user code segment at all.
#define SELECTOR_KERNEL_CODE 0x08
#define SELECTOR_KERNEL_DATA 0x10
#define SELECTOR_USER_DATA 0x1b
#define SELECTOR_USER_CODE 0x23
#define SELECTOR_TSS 0x28

// Interrupt vectors: 0..31 exceptions, then one for each I/O APIC line.
#define VECTOR_FIRST_LINE 0x20
#define VECTOR_TIMER 0x38
#define VECTOR_SPURIOUS 0x3f
#define VECTOR_COUNT 0x40
#define VECTOR_SYSCALL 0x80  // of no gate: stands in frames for SYSCALL

// Kernel addresses.
#define KERNEL_BASE 0xffffffff80000000
#define PHYS_MAP_BASE 0xffff800000000000

#define FLAG_TRAP 0x100
#define FLAG_INTERRUPT 0x200
// A bit that no RFLAGS has: trap_frame.h.
#define FLAG_COMES_BACK 0x8000

// DR6 when nothing was met: bits that read as one, and bits that are active
// low.
#define DEBUG_STATUS_NONE 0xffff0ff0

#endif  // ARCH_X86_64_TRAP_FRAME_OFFSETS_H_
