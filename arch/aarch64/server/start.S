// Where a server's first thread begins. The stack is given.
.section .text.start, "ax", %progbits
.global _start
.type _start, %function
_start:
  mov x29, xzr  // the outermost frame
  mov x30, xzr
  bl server_main
  udf #0  // servers do not return
.size _start, . - _start

.section .note.GNU-stack, "", %progbits
