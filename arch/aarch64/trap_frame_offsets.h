// Byte offsets that assembly uses; trap_frame.h and cpu.cc assert them.
#ifndef ARCH_AARCH64_TRAP_FRAME_OFFSETS_H_
#define ARCH_AARCH64_TRAP_FRAME_OFFSETS_H_

// TrapFrame: x0 to x30 from 0 on, then
#define FRAME_PC 248
#define FRAME_SP 256
#define FRAME_FLAGS 264
#define FRAME_SIZE 272

// Thread, behind its frame
#define THREAD_KIND 272
#define THREAD_KIND_MANAGED 0

// PerCpu
#define PER_CPU_KERNEL_STACK_TOP 16

// UserState: q0 to q31 from 0 on, then
#define USER_STATE_FPSR 512
#define USER_STATE_TPIDR 528

#endif  // ARCH_AARCH64_TRAP_FRAME_OFFSETS_H_
