// Ways into the kernel and back to user mode.
//
// Traps from user mode save into the frame of the current thread, the first
// thing in its Thread: SYSCALL by moves, exceptions and interrupts by pushes,
// since TSS.rsp0 is kept at the frame's end. The C++ handler then runs on the
// CPU's one kernel stack, from its top, and returns the Thread to resume.
//
// Interrupts stay off in the kernel but while it idles in sti; hlt, so nothing
// here nests, save NMI, #DB, #DF and #MC, which have stacks of their own.

#include "arch/hw/trap_frame_offsets.h"

#define PER_CPU _ZN4tine7per_cpuE

// Pushes what the CPU and the vector's stub have not, down to the frame's start.
.macro push_registers
    push %r11
    push %rcx
    push %rbp
    push %rbx
    push %r15
    push %r14
    push %rax
    push %r13
    push %r12
    push %r9
    push %r8
    push %r10
    push %rdx
    push %rsi
    push %rdi
.endm

// A message's words, as C++ has them: register_message.h.
.macro store_message
    mov %rdi, FRAME_RDI(%r11)
    mov %rsi, FRAME_RSI(%r11)
    mov %rdx, FRAME_RDX(%r11)
    mov %rcx, FRAME_R10(%r11)
    mov %r8, FRAME_R8(%r11)
    mov %r9, FRAME_R9(%r11)
    mov %r12, FRAME_R12(%r11)
    mov %r13, FRAME_R13(%r11)
    mov %rax, FRAME_RAX(%r11)
    mov %r14, FRAME_R14(%r11)
    mov %r15, FRAME_R15(%r11)
.endm

    .text

// ---- system calls ----------------------------------------------------------
// rcx = user pc, r11 = user flags; SFMASK has cleared IF DF TF AC NT. cs and ss
// of the frame are right already: a user has no others (trap_frame_offsets.h).
// A server's message stays in registers, a program's registers are all saved.
    .balign 64
    .global syscall_entry
syscall_entry:
    mov %rsp, PER_CPU + PER_CPU_SCRATCH(%rip)
    mov PER_CPU + PER_CPU_CURRENT(%rip), %rsp
    mov %rbx, FRAME_RBX(%rsp)
    mov %rbp, FRAME_RBP(%rsp)
    mov %rcx, FRAME_PC(%rsp)
    mov %r11, FRAME_FLAGS(%rsp)
    movq $VECTOR_SYSCALL, FRAME_VECTOR(%rsp)
    cmpq $THREAD_KIND_MANAGED, THREAD_KIND(%rsp)
    je 1f
    mov %rsp, %r11
    mov PER_CPU + PER_CPU_SCRATCH(%rip), %rcx
    mov %rcx, FRAME_SP(%r11)
    mov PER_CPU + PER_CPU_KERNEL_STACK_TOP(%rip), %rsp
    mov %r10, %rcx
    xor %ebp, %ebp                      // ends the backtrace
    call trap_native_call
    jmp resume_thread
1:  mov %rcx, FRAME_RCX(%rsp)
    mov %r11, FRAME_R11(%rsp)
    mov %rsp, %r11
    mov PER_CPU + PER_CPU_SCRATCH(%rip), %rcx
    mov %rcx, FRAME_SP(%r11)
    mov PER_CPU + PER_CPU_KERNEL_STACK_TOP(%rip), %rsp
    mov %r10, %rcx
    store_message
    xor %ebp, %ebp
    call trap_system_call
    // falls through

// ---- back to user mode -----------------------------------------------------
// rax = Thread, rsp = top of the kernel stack. SYSRET is fit to return from
// SYSCALL, since rcx and r11 are what that left, but if TF is on, which it would
// mistime. A pc that is no user address would fault in here rather than out
// there, so it becomes the user's exception first; SYSCALL cannot leave one.
// Threads that come back (trap_frame.h) do so from here.
resume_thread:
    lea FRAME_SIZE(%rax), %rcx
    mov %rcx, cpu_task_state + TSS_RSP0(%rip)
    cmpb $VECTOR_SYSCALL, FRAME_VECTOR(%rax)
    jne 1f
    mov FRAME_FLAGS(%rax), %r11
    test $(FLAG_TRAP | FLAG_COMES_BACK), %r11d
    jnz 4f
    mov FRAME_PC(%rax), %rcx
    mov FRAME_RDI(%rax), %rdi
    mov FRAME_RSI(%rax), %rsi
    mov FRAME_RDX(%rax), %rdx
    mov FRAME_R10(%rax), %r10
    mov FRAME_R8(%rax), %r8
    mov FRAME_R9(%rax), %r9
    mov FRAME_R12(%rax), %r12
    mov FRAME_R13(%rax), %r13
    mov FRAME_R14(%rax), %r14
    mov FRAME_R15(%rax), %r15
    mov FRAME_RBX(%rax), %rbx
    mov FRAME_RBP(%rax), %rbp
    mov FRAME_SP(%rax), %rsp
    mov FRAME_RAX(%rax), %rax
    sysretq

// The same for a server that made a call and gets the message in the registers.
// Somebody may have given it others meanwhile.
    .global resume_with_message
resume_with_message:
    cmpq $VECTOR_SYSCALL, FRAME_VECTOR(%r11)
    jne 3f
    lea FRAME_SIZE(%r11), %rbx
    mov %rbx, cpu_task_state + TSS_RSP0(%rip)
    mov %rcx, %r10
    mov FRAME_PC(%r11), %rcx
    mov FRAME_RBX(%r11), %rbx
    mov FRAME_RBP(%r11), %rbp
    mov FRAME_SP(%r11), %rsp
    mov FRAME_FLAGS(%r11), %r11
    sysretq
3:  store_message
    mov %r11, %rax
    jmp resume_thread

1:  mov FRAME_PC(%rax), %rdx
    shr $47, %rdx
    jz 2f
    mov %rax, %rdi
    call trap_bad_pc
    jmp resume_thread

4:  test $FLAG_COMES_BACK, %r11d
    jz 2f
    mov %rax, %rdi
    call trap_comes_back
    jmp resume_thread

2:  mov %rax, %rsp
    pop %rdi
    pop %rsi
    pop %rdx
    pop %r10
    pop %r8
    pop %r9
    pop %r12
    pop %r13
    pop %rax
    pop %r14
    pop %r15
    pop %rbx
    pop %rbp
    pop %rcx
    pop %r11
    add $(FRAME_PC - FRAME_VECTOR), %rsp
    iretq

// [[noreturn]] void tine::hw::resume(Thread&)
    .global resume_first_thread
resume_first_thread:
    mov %rdi, %rax
    mov PER_CPU + PER_CPU_KERNEL_STACK_TOP(%rip), %rsp
    xor %ebp, %ebp
    jmp resume_thread

// ---- exceptions and interrupts ---------------------------------------------
// From user mode rsp is in the current frame, below its `vector`; from the
// kernel, on the kernel stack in the same layout. The flags are cleared by hand:
// delivery leaves AC and DF as the user had them.
trap_common:
    testb $3, (FRAME_CS - FRAME_VECTOR)(%rsp)
    jz trap_in_kernel
    push_registers
    mov %rsp, %r12                      // the argument: register_message.h
    mov PER_CPU + PER_CPU_KERNEL_STACK_TOP(%rip), %rsp
    pushq $2
    popfq
    xor %ebp, %ebp
    call trap_from_user
    jmp resume_thread

// The idle loop, in wait_for_interrupt(), takes the vector in rax and goes on
// with interrupts off. Any exception in the kernel is a bug in it.
trap_in_kernel:
    cmpq $VECTOR_FIRST_LINE, (%rsp)
    jb trap_fatal
    pop %rax
    add $8, %rsp
    andl $~FLAG_INTERRUPT, (FRAME_FLAGS - FRAME_PC)(%rsp)
    iretq

// Also #DF and #MC, from anywhere.
trap_fatal:
    push_registers
    mov %rsp, %rdi
    pushq $2
    popfq
    and $~15, %rsp
    call trap_panic
    ud2

// #DB, as a rule on its own stack: from user mode the CPU's five words move to the
// frame. In the kernel it can only be a user's breakpoint that an instruction
// like `mov ss` put off past SYSCALL: drop it, and what DR6 says of it.
debug_entry:
    testb $3, 8(%rsp)
    jz 1f
    mov %rax, PER_CPU + PER_CPU_SCRATCH(%rip)
    mov PER_CPU + PER_CPU_CURRENT(%rip), %rax
    pop FRAME_PC(%rax)
    pop FRAME_CS(%rax)
    pop FRAME_FLAGS(%rax)
    pop FRAME_SP(%rax)
    pop FRAME_SS(%rax)
    lea FRAME_PC(%rax), %rsp
    mov PER_CPU + PER_CPU_SCRATCH(%rip), %rax
    pushq $0
    pushq $1
    jmp trap_common
1:  andl $~FLAG_TRAP, 16(%rsp)
    push %rax
    mov $DEBUG_STATUS_NONE, %eax
    mov %rax, %dr6
    pop %rax
    iretq

// NMI, on its own stack: nobody sends one. A second cannot come before the
// iretq.
nmi_entry:
    iretq

// One stub of 16 bytes for each vector: error code, or 0 in its place, and
// vector.
    .balign 16
    .global trap_stubs
trap_stubs:
    .set vector, 0
    .rept VECTOR_COUNT
    .balign 16
    .if vector == 1
    jmp debug_entry
    .elseif vector == 2
    jmp nmi_entry
    .else
    .if (0x60227d00 >> vector & 1) == 0 || vector > 31  // SDM 3A table 6-1
    pushq $0
    .endif
    pushq $vector
    .if vector == 8 || vector == 18
    jmp trap_fatal
    .else
    jmp trap_common
    .endif
    .endif
    .set vector, vector + 1
    .endr

// SYSCALL in 32-bit code, which does not exist.
    .global compat_syscall_entry
compat_syscall_entry:
    ud2

    .section .note.GNU-stack, "", %progbits
