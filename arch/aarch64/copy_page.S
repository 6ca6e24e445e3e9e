// Copies and clears pages, and copies bytes.
.arch_extension fp
.arch_extension simd

// copy_page uses vector registers, which move twice what a general register
// does: 281 instructions a page. They hold the user's values, so the eight in
// use are put back afterwards; nothing else of the FP state changes.
.section .text.aarch64_copy_page, "ax", %progbits
.balign 64
.global aarch64_copy_page
.type aarch64_copy_page, %function
aarch64_copy_page:  // (x0 = to, x1 = from), both page aligned
  stp q0, q1, [sp, #-128]!
  stp q2, q3, [sp, #32]
  stp q4, q5, [sp, #64]
  stp q6, q7, [sp, #96]
1:
.irp offset, 0, 128, 256, 384, 512, 640, 768, 896
  ldp q0, q1, [x1, #\offset]
  ldp q2, q3, [x1, #\offset + 32]
  ldp q4, q5, [x1, #\offset + 64]
  ldp q6, q7, [x1, #\offset + 96]
  stp q0, q1, [x0, #\offset]
  stp q2, q3, [x0, #\offset + 32]
  stp q4, q5, [x0, #\offset + 64]
  stp q6, q7, [x0, #\offset + 96]
.endr
  add x1, x1, #1024
  add x0, x0, #1024
  tst x0, #4095
  b.ne 1b
  ldp q6, q7, [sp, #96]
  ldp q4, q5, [sp, #64]
  ldp q2, q3, [sp, #32]
  ldp q0, q1, [sp], #128
  ret
.size aarch64_copy_page, . - aarch64_copy_page

// DC ZVA clears a naturally aligned block of 4 << DCZID_EL0.BS bytes, 64 on most
// CPUs; bit 4 says that it must not be used (Arm ARM D19.2.32).
.section .text.aarch64_zero_page, "ax", %progbits
.balign 64
.global aarch64_zero_page
.type aarch64_zero_page, %function
aarch64_zero_page:  // (x0 = page)
  mrs x1, dczid_el0
  cmp x1, #4
  b.ne 2f
1:
.rept 16
  dc zva, x0
  add x0, x0, #64
.endr
  tst x0, #4095
  b.ne 1b
  ret
2:
.irp offset, 0, 16, 32, 48
  stp xzr, xzr, [x0, #\offset]
.endr
  add x0, x0, #64
  tst x0, #4095
  b.ne 2b
  ret
.size aarch64_zero_page, . - aarch64_zero_page

// Ascending, so that the ranges may overlap if `to` is the lower one. Any
// alignment, which Normal memory allows.
.section .text.aarch64_copy_bytes, "ax", %progbits
.balign 64
.global aarch64_copy_bytes
.type aarch64_copy_bytes, %function
aarch64_copy_bytes:  // (x0 = to, x1 = from, x2 = bytes)
  subs x2, x2, #64
  b.lo 2f
1:
  ldp x3, x4, [x1]
  ldp x5, x6, [x1, #16]
  ldp x7, x8, [x1, #32]
  ldp x9, x10, [x1, #48]
  stp x3, x4, [x0]
  stp x5, x6, [x0, #16]
  stp x7, x8, [x0, #32]
  stp x9, x10, [x0, #48]
  add x1, x1, #64
  add x0, x0, #64
  subs x2, x2, #64
  b.hs 1b
2:  // x2 = bytes left - 64: its low six bits are the bytes left
  tbz x2, #5, 3f
  ldp x3, x4, [x1], #16
  ldp x5, x6, [x1], #16
  stp x3, x4, [x0], #16
  stp x5, x6, [x0], #16
3:
  tbz x2, #4, 4f
  ldp x3, x4, [x1], #16
  stp x3, x4, [x0], #16
4:
  tbz x2, #3, 5f
  ldr x3, [x1], #8
  str x3, [x0], #8
5:
  tbz x2, #2, 6f
  ldr w3, [x1], #4
  str w3, [x0], #4
6:
  tbz x2, #1, 7f
  ldrh w3, [x1], #2
  strh w3, [x0], #2
7:
  tbz x2, #0, 8f
  ldrb w3, [x1]
  strb w3, [x0]
8:
  ret
.size aarch64_copy_bytes, . - aarch64_copy_bytes

.section .note.GNU-stack, "", %progbits
