// From user mode into the kernel and back.
//
// While a thread runs in user mode, SP_EL1 points at its TrapFrame. So entry
// stores relative to sp with every register still the user's, and only then
// takes the CPU's kernel stack. A server's message stays in registers.
#include "arch/hw/trap_frame_offsets.h"

#define EC_SVC64 0x15

// All but a message's. Leaves x11 to x30 free.
.macro save_rest
  stp x11, x12, [sp, #88]
  stp x13, x14, [sp, #104]
  stp x15, x16, [sp, #120]
  stp x17, x18, [sp, #136]
  stp x19, x20, [sp, #152]
  stp x21, x22, [sp, #168]
  stp x23, x24, [sp, #184]
  stp x25, x26, [sp, #200]
  stp x27, x28, [sp, #216]
  stp x29, x30, [sp, #232]
  mrs x11, elr_el1
  mrs x12, sp_el0
  mrs x13, spsr_el1
  stp x11, x12, [sp, #FRAME_PC]
  str x13, [sp, #FRAME_FLAGS]
.endm

// Then: x20 = Thread*, whose frame it is.
.macro take_kernel_stack
  mrs x11, tpidr_el1
  mov x20, sp
  ldr x12, [x11, #PER_CPU_KERNEL_STACK_TOP]
  mov sp, x12
.endm

.macro save_message
  stp x0, x1, [x20, #0]
  stp x2, x3, [x20, #16]
  stp x4, x5, [x20, #32]
  stp x6, x7, [x20, #48]
  stp x8, x9, [x20, #64]
  str x10, [x20, #80]
.endm

// Each vector has room for 32 instructions.
.macro vector_to_handler handler
  .balign 128
  save_rest
  take_kernel_stack
  save_message
  mov x0, x20
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
  save_rest
  take_kernel_stack
  mrs x11, esr_el1
  lsr x12, x11, #26
  cmp x12, #EC_SVC64
  b.ne user_exception
  ldr x12, [x20, #THREAD_KIND]
  mov x21, x8  // as in register_message.h
  mov x22, x9
  mov x23, x10
  cbz x12, managed_call
  bl trap_native_call
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
  save_message
  mov x21, x11
  bl aarch64_user_exception  // (Thread*, syndrome), in x20 and x21
  b aarch64_resume

managed_call:
  save_message
  bl trap_system_call
  // falls through

.global aarch64_resume
.type aarch64_resume, %function
aarch64_resume:  // (x0 = Thread*)
  mov x20, x0
  ldp x8, x9, [x20, #64]
  ldr x10, [x20, #80]
  ldp x6, x7, [x20, #48]
  ldp x4, x5, [x20, #32]
  ldp x2, x3, [x20, #16]
  ldp x0, x1, [x20, #0]
  b resume_rest

// A server that gets the message in the registers.
.global resume_with_message
.type resume_with_message, %function
resume_with_message:
  mov x8, x21
  mov x9, x22
  mov x10, x23
resume_rest:
  mov sp, x20
  ldp x11, x12, [sp, #FRAME_PC]
  ldr x13, [sp, #FRAME_FLAGS]
  msr elr_el1, x11
  msr sp_el0, x12
  msr spsr_el1, x13
  ldp x29, x30, [sp, #232]
  ldp x27, x28, [sp, #216]
  ldp x25, x26, [sp, #200]
  ldp x23, x24, [sp, #184]
  ldp x21, x22, [sp, #168]
  ldp x19, x20, [sp, #152]
  ldp x17, x18, [sp, #136]
  ldp x15, x16, [sp, #120]
  ldp x13, x14, [sp, #104]
  ldp x11, x12, [sp, #88]
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
