// From the loader to C++: arm64 boot protocol in, MMU on, boot_main out.
//
// Runs at its physical address until the MMU is on, so that every address here
// comes from adrp, except for the one jump into the upper half.
#include "arch/hw/boot_tables.h"

#define BLOCK_SHIFT 21

// Early descriptors: AF, inner shareable; MAIR index 1 is Normal, 0 is Device.
#define TABLE 0x3
#define NORMAL_BLOCK 0x705
#define DEVICE_BLOCK 0x60000000000401 /* never executed */

.macro address register, symbol
  adrp \register, \symbol
  add \register, \register, :lo12:\symbol
.endm

.macro load_constant register, value
  movz \register, #((\value) & 0xffff)
  movk \register, #(((\value) >> 16) & 0xffff), lsl #16
  movk \register, #(((\value) >> 32) & 0xffff), lsl #32
  movk \register, #(((\value) >> 48) & 0xffff), lsl #48
.endm

// Header of the Image (Linux, Documentation/arm64/booting.rst).
.section .image_header, "ax", %progbits
.global _start
_start:
  b boot_entry
  .word 0
  .quad 0                       // offset from a multiple of 2 MiB
  .quad image_bytes             // with what is not in the file
  .quad 0xa                     // little endian, 4 KiB pages, placed anywhere
  .quad 0, 0, 0
  .ascii "ARM\x64"
  .word 0

.section .text.boot, "ax", %progbits
boot_entry:
  mov x19, x0                   // physical address of the device tree
  msr daifset, #15
  mrs x0, CurrentEL
  cmp x0, #(2 << 2)
  b.lo 1f
  b.hi refuse_el3
  bl drop_to_el1
1:
  address x20, image_start
  tst x20, #((1 << BLOCK_SHIFT) - 1)
  b.ne refuse_place
  bl fill_early_tables
  bl turn_on_mmu
  ldr x0, =boot_upper_half
  br x0

// At the linked addresses from here on.
boot_upper_half:
  address x0, exception_vectors
  msr vbar_el1, x0
  address x0, bss_start
  address x1, bss_end
1:
  stp xzr, xzr, [x0], #16       // both are page aligned
  cmp x0, x1
  b.lo 1b
  address x0, kernel_stack_top
  mov sp, x0
  isb
  mov x0, x19
  mov x1, x20
  mov x29, xzr
  mov x30, xzr
  bl aarch64_boot_main          // (device tree, image): no return
  udf #0

// The lower half maps the image's blocks at their physical address, for the
// moment when the MMU comes on; the upper half maps them where they are linked.
fill_early_tables:
  address x0, early_tables
  address x1, early_tables_end
1:
  stp xzr, xzr, [x0], #16
  cmp x0, x1
  b.lo 1b

  address x0, early_identity_root
  address x1, early_identity_middle
  orr x2, x1, #TABLE
  ubfx x3, x20, #39, #9
  str x2, [x0, x3, lsl #3]
  address x0, early_identity_blocks
  orr x2, x0, #TABLE
  ubfx x3, x20, #30, #9
  str x2, [x1, x3, lsl #3]
  // Only the first block: it has all of this file.
  mov x2, #NORMAL_BLOCK
  orr x2, x2, x20
  ubfx x3, x20, #21, #9
  str x2, [x0, x3, lsl #3]

  address x0, early_root
  address x1, early_middle
  orr x2, x1, #TABLE
  str x2, [x0, #(511 * 8)]
  address x0, early_blocks
  orr x2, x0, #TABLE
  str x2, [x1, #(510 * 8)]
  mov x2, #NORMAL_BLOCK
  orr x2, x2, x20
  address x3, image_end
2:
  str x2, [x0], #8
  add x2, x2, #(1 << BLOCK_SHIFT)
  cmp x2, x3
  b.lo 2b
  address x0, early_blocks
  load_constant x2, (DEVICE_BLOCK + (BOOT_UART_PHYSICAL >> BLOCK_SHIFT << BLOCK_SHIFT))
  str x2, [x0, #(BOOT_BLOCK_UART * 8)]

  // Written past the caches: drop what these may have of it.
  mrs x4, ctr_el0
  ubfx x4, x4, #16, #4
  mov x3, #4
  lsl x3, x3, x4                // bytes of the smallest data cache line
  address x0, early_tables
  address x1, early_tables_end
  dsb sy
3:
  dc ivac, x0
  add x0, x0, x3
  cmp x0, x1
  b.lo 3b
  dsb sy
  ret

// MAIR: 0 = Device-nGnRE, 1 = Normal, write-back, allocating.
#define MAIR 0xff04
// TCR: 48 bits in each half, 4 KiB granule, walks write-back and inner
// shareable. ASID from TTBR0; programs' addresses may have any top byte (TBI0);
// hierarchical permissions count (HPDn = 0); no hardware update of flags. IPS and
// AS are added.
#define TCR ((16 << 0) | (16 << 16) | (1 << 8) | (1 << 10) | (3 << 12) | \
             (1 << 24) | (1 << 26) | (3 << 28) | (2 << 30) | (1 << 37))
// SCTLR: M, C, I and SA, SA0 (stack alignment) on; DZE, UCT, UCI, nTWI, nTWE: the
// user may use DC ZVA, read CTR, clean caches, wait. EOS, EIS: exceptions
// synchronize. LSMAOE, nTLSMD, TSCXT, SED, ITD: as reserved or for AArch32. Off:
// A (alignment), WXN (programs may map writable and executable), SPAN (PAN is
// set on entry where it exists), EnIA and so on (pointer authentication), BT.
#define SCTLR ((1 << 0) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 7) | \
               (1 << 8) | (1 << 11) | (1 << 12) | (1 << 14) | (1 << 15) | \
               (1 << 16) | (1 << 18) | (1 << 20) | (1 << 22) | (1 << 26) | \
               (1 << 28) | (1 << 29))
#define SCTLR_SPAN (1 << 23) /* reserved as 1 on CPUs without PAN */

turn_on_mmu:
  mov x0, #MAIR
  msr mair_el1, x0
  load_constant x0, TCR
  mrs x1, id_aa64mmfr0_el1
  and x2, x1, #0xf              // physical address bits, at most 48 here
  mov x3, #5
  cmp x2, x3
  csel x2, x2, x3, lo
  orr x0, x0, x2, lsl #32
  ubfx x2, x1, #4, #4           // 2: ASIDs have 16 bits
  cmp x2, #2
  cset x2, eq
  orr x0, x0, x2, lsl #36
  mrs x1, s3_0_c0_c7_2          // ID_AA64MMFR2_EL1.E0PD: faults of the user in
  ubfx x2, x1, #60, #4          // the upper half take no time that depends on
  cmp x2, #0                    // what is mapped there
  cset x2, ne
  orr x0, x0, x2, lsl #56
  msr tcr_el1, x0
  address x0, early_identity_root
  msr ttbr0_el1, x0
  address x0, early_root
  msr ttbr1_el1, x0
  load_constant x0, SCTLR
  mrs x1, id_aa64mmfr1_el1
  ubfx x1, x1, #20, #4          // PAN
  cbnz x1, 1f
  orr x0, x0, #SCTLR_SPAN
1:
  tlbi vmalle1
  ic iallu
  dsb nsh
  isb
  msr sctlr_el1, x0
  isb
  ret

// Tables that map the running code otherwise must not follow each other in the
// TLB: in between, the upper half is empty, and this runs in the lower one.
.section .text.boot, "ax", %progbits
.global aarch64_replace_tables
aarch64_replace_tables:         // (root, image), both physical
  adr x2, 1f
  address x3, image_start
  sub x2, x2, x3
  add x2, x2, x1
  br x2
1:
  address x2, empty_root
  msr ttbr1_el1, x2
  isb
  tlbi vmalle1
  dsb nsh
  isb
  msr ttbr1_el1, x0
  isb
  ret

.section .early_tables, "aw", %nobits
.balign 4096
.global early_blocks, empty_root
early_tables:
early_identity_root: .skip 4096
early_identity_middle: .skip 4096
early_identity_blocks: .skip 4096
early_root: .skip 4096
early_middle: .skip 4096
early_blocks: .skip 4096
empty_root: .skip 4096
early_tables_end:

.section .note.GNU-stack, "", %progbits
