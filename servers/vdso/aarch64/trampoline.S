// Where signal handlers return to. Its place is fixed (kSignalTrampoline). The
// instruction before it is for unwinders, which look up a return address less
// one.
    .section .text.trampoline, "ax", %progbits
    nop
    .global __kernel_rt_sigreturn
    .type __kernel_rt_sigreturn, %function
__kernel_rt_sigreturn:
    mov x8, #139
    svc #0
    .size __kernel_rt_sigreturn, . - __kernel_rt_sigreturn
    .section .note.GNU-stack, "", %progbits
