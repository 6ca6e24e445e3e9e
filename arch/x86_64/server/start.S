// Entry of a server. Root or the kernel has set the stack; there is no argument:
// what a server needs lies at fixed addresses.
    .section .text.start, "ax"
    .global _start
_start:
    xor %ebp, %ebp                      // ends backtraces
    and $-16, %rsp
    call server_main
    ud2

    .section .note.GNU-stack, "", %progbits
