// The assembly of registers.h, see there. Offsets are those of `Registers`.

#define GENERAL(n) (512 + 8 * (n))
#define FLAGS 640
#define NEXT_PC 648

// Entered with in in rdi and out in rsi: saves what the caller keeps, then
// loads everything but rsp from *in.
.macro LOAD_ALL
	pushq %rbx
	pushq %rbp
	pushq %r12
	pushq %r13
	pushq %r14
	pushq %r15
	subq $8, %rsp
	stmxcsr (%rsp)
	fnstcw 4(%rsp)
	pushq %rsi
	fxrstor64 (%rdi)
	pushq FLAGS(%rdi)
	popfq
	movq GENERAL(0)(%rdi), %rax
	movq GENERAL(1)(%rdi), %rcx
	movq GENERAL(2)(%rdi), %rdx
	movq GENERAL(3)(%rdi), %rbx
	movq GENERAL(5)(%rdi), %rbp
	movq GENERAL(6)(%rdi), %rsi
	movq GENERAL(8)(%rdi), %r8
	movq GENERAL(9)(%rdi), %r9
	movq GENERAL(10)(%rdi), %r10
	movq GENERAL(11)(%rdi), %r11
	movq GENERAL(12)(%rdi), %r12
	movq GENERAL(13)(%rdi), %r13
	movq GENERAL(14)(%rdi), %r14
	movq GENERAL(15)(%rdi), %r15
	movq GENERAL(7)(%rdi), %rdi
.endm

// Stores everything to *out, restores the caller's and returns.
.macro STORE_ALL_AND_RETURN
	pushfq
	pushq %rax
	movq 16(%rsp), %rax
	movq %rcx, GENERAL(1)(%rax)
	movq %rdx, GENERAL(2)(%rax)
	movq %rbx, GENERAL(3)(%rax)
	movq %rbp, GENERAL(5)(%rax)
	movq %rsi, GENERAL(6)(%rax)
	movq %rdi, GENERAL(7)(%rax)
	movq %r8, GENERAL(8)(%rax)
	movq %r9, GENERAL(9)(%rax)
	movq %r10, GENERAL(10)(%rax)
	movq %r11, GENERAL(11)(%rax)
	movq %r12, GENERAL(12)(%rax)
	movq %r13, GENERAL(13)(%rax)
	movq %r14, GENERAL(14)(%rax)
	movq %r15, GENERAL(15)(%rax)
	fxsave64 (%rax)
	popq GENERAL(0)(%rax)
	popq FLAGS(%rax)
	leaq 7b(%rip), %rcx
	movq %rcx, NEXT_PC(%rax)
	pushq $0
	popfq
	popq %rsi
	movq %rsp, GENERAL(4)(%rax)
	fninit
	ldmxcsr (%rsp)
	fldcw 4(%rsp)
	addq $8, %rsp
	popq %r15
	popq %r14
	popq %r13
	popq %r12
	popq %rbp
	popq %rbx
	ret
.endm

	.text

	.globl tine_syscall_registers
	.type tine_syscall_registers, @function
tine_syscall_registers:
	LOAD_ALL
	syscall
7:	STORE_ALL_AND_RETURN
	.size tine_syscall_registers, . - tine_syscall_registers

	.globl tine_spin_registers
	.type tine_spin_registers, @function
tine_spin_registers:
	LOAD_ALL
1:	decq %rcx
	jnz 1b
7:	STORE_ALL_AND_RETURN
	.size tine_spin_registers, . - tine_spin_registers

	.globl tine_syscall_on_stack
	.type tine_syscall_on_stack, @function
tine_syscall_on_stack:
	pushq %rbx
	movq %rsp, %rbx
	movq %rdi, %rax
	movq %rsi, %rsp
	movq %rdx, %rdi
	movq %rcx, %rsi
	syscall
	movq %rbx, %rsp
	popq %rbx
	ret
	.size tine_syscall_on_stack, . - tine_syscall_on_stack

	.section .note.GNU-stack, "", @progbits
