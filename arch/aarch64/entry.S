// From user mode into the kernel and back.
//
// While a thread runs in user mode, SP_EL1 points at its TrapFrame. So entry
// stores relative to sp with every register still the user's, and only then
// takes the CPU's kernel stack. 54 instructions for both ways of a system call.
#include "arch/hw/trap_frame_offsets.h"

#define EC_SVC64 0x15

.macro save_frame
  stp x0, x1, [sp, #0]
  stp x2, x3, [sp, #16]
  stp x4, x5, [sp, #32]
  stp x6, x7, [sp, #48]
  stp x8, x9, [sp, #64]
  stp x10, x11, [sp, #80]
  stp x12, x13, [sp, #96]
  stp x14, x15, [sp, #112]
  stp x16, x17, [sp, #128]
  stp x18, x19, [sp, #144]
  stp x20, x21, [sp, #160]
  stp x22, x23, [sp, #176]
  stp x24, x25, [sp, #192]
  stp x26, x27, [sp, #208]
  stp x28, x29, [sp, #224]
  mrs x1, elr_el1
  mrs x2, sp_el0
  mrs x3, spsr_el1
  stp x30, x1, [sp, #FRAME_X30]
  stp x2, x3, [sp, #FRAME_SP]
.endm

// x0 = Thread*, the argument of what is called next.
.macro take_kernel_stack
  mrs x3, tpidr_el1
  mov x0, sp
  ldr x3, [x3, #PER_CPU_KERNEL_STACK_TOP]
  mov sp, x3
.endm

// Each vector has room for 32 instructions.
.macro vector_to_handler handler
  .balign 128
  save_frame
  take_kernel_stack
  bl \handler
  b aarch64_resume
.endm

// Exceptions of the kernel itself. sp may be the reason: nothing is stored
// before the panic stack is taken. SP_EL0 serves as scratch.
.macro vector_to_panic number
  .balign 128
  msr sp_el0, x0
  mov x0, #\number
  b kernel_exception
.endm

.section .text.exception_vectors, "ax", %progbits
.balign 2048
.global exception_vectors
exception_vectors:
  // Current exception level with SP_EL0, which the kernel never selects
  vector_to_panic 0
  vector_to_panic 1
  vector_to_panic 2
  vector_to_panic 3
  // Current exception level with SP_EL1: synchronous, IRQ, FIQ, SError
  vector_to_panic 4
  vector_to_panic 5
  vector_to_panic 6
  vector_to_panic 7
  // User mode, AArch64
  .balign 128
  save_frame
  take_kernel_stack
  mrs x1, esr_el1
  lsr x2, x1, #26
  cmp x2, #EC_SVC64
  b.ne user_exception
  mov x20, x0  // see TINE_FROM_ENTRY
  bl _ZN4tine12trap_syscallERNS_6ThreadE
  b aarch64_resume
  vector_to_handler aarch64_user_irq
  vector_to_handler aarch64_user_other  // FIQ
  vector_to_handler aarch64_user_other  // SError
  // User mode, AArch32: no frame ever selects it
  vector_to_panic 12
  vector_to_panic 13
  vector_to_panic 14
  vector_to_panic 15
  .balign 128

user_exception:
  bl aarch64_user_exception  // (Thread*, syndrome)
  // falls through

.global aarch64_resume
.type aarch64_resume, %function
aarch64_resume:  // (x0 = Thread*)
  mov sp, x0
  ldp x30, x1, [sp, #FRAME_X30]
  ldp x2, x3, [sp, #FRAME_SP]
  msr elr_el1, x1
  msr sp_el0, x2
  msr spsr_el1, x3
  ldp x28, x29, [sp, #224]
  ldp x26, x27, [sp, #208]
  ldp x24, x25, [sp, #192]
  ldp x22, x23, [sp, #176]
  ldp x20, x21, [sp, #160]
  ldp x18, x19, [sp, #144]
  ldp x16, x17, [sp, #128]
  ldp x14, x15, [sp, #112]
  ldp x12, x13, [sp, #96]
  ldp x10, x11, [sp, #80]
  ldp x8, x9, [sp, #64]
  ldp x6, x7, [sp, #48]
  ldp x4, x5, [sp, #32]
  ldp x2, x3, [sp, #16]
  ldp x0, x1, [sp, #0]
  eret
  dsb nsh  // no speculation past the eret
  isb

// (x0 = vector number, SP_EL0 = the x0 of then). The number waits in TPIDRRO_EL0,
// which holds nothing of a program's.
kernel_exception:
  msr tpidrro_el0, x0
  adrp x0, panic_frame
  add x0, x0, :lo12:panic_frame
  stp x1, x2, [x0, #8]
  stp x3, x4, [x0, #24]
  stp x5, x6, [x0, #40]
  stp x7, x8, [x0, #56]
  stp x9, x10, [x0, #72]
  stp x11, x12, [x0, #88]
  stp x13, x14, [x0, #104]
  stp x15, x16, [x0, #120]
  stp x17, x18, [x0, #136]
  stp x19, x20, [x0, #152]
  stp x21, x22, [x0, #168]
  stp x23, x24, [x0, #184]
  stp x25, x26, [x0, #200]
  stp x27, x28, [x0, #216]
  stp x29, x30, [x0, #232]
  mrs x1, sp_el0
  str x1, [x0, #0]
  mrs x1, elr_el1
  mov x2, sp
  mrs x3, spsr_el1
  str x1, [x0, #FRAME_PC]
  stp x2, x3, [x0, #FRAME_SP]
  adrp x1, panic_stack_top
  add x1, x1, :lo12:panic_stack_top
  mov sp, x1
  mrs x1, tpidrro_el0
  bl aarch64_kernel_exception  // (TrapFrame*, vector number), no return
  udf #0

.section .bss.panic_frame, "aw", %nobits
.balign 16
panic_frame:
  .skip FRAME_SIZE

.section .note.GNU-stack, "", %progbits
