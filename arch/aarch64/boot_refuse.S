// Not starting, said without tables, stack or device tree.
#include "arch/hw/boot_tables.h"

.section .text.boot, "ax", %progbits

.global refuse_el3, refuse_place
refuse_el3:
  adr x0, 2f
  b 1f
refuse_place:
  adr x0, 3f
1:  // x0 = text, for the host's side of the console (framed with 0x10)
  mov x1, #BOOT_UART_PHYSICAL
4:
  ldrb w2, [x0], #1
  cbz w2, 6f
5:
  ldr w3, [x1, #0x18]           // flags: bit 5, no room
  tbnz w3, #5, 5b
  str w2, [x1]
  b 4b
6:
  wfi
  b 6b

2: .asciz "\020Ltine: started at EL3, needs EL1 or EL2\n\020X125\n"
3: .asciz "\020Ltine: not loaded at a multiple of 2 MiB\n\020X125\n"
.balign 4

.section .note.GNU-stack, "", %progbits
