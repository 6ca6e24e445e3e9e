// The assembly of registers.h, see there. Offsets are those of `Registers`.

#define GENERAL(n) (512 + 8 * (n))
#define NZCV 760
#define FPCR 768
#define FPSR 776

// Entered with in in x0 and out in x1: saves what the caller keeps, then loads
// everything but sp from *in.
.macro LOAD_ALL
	sub sp, sp, #192
	stp x19, x20, [sp, #16]
	stp x21, x22, [sp, #32]
	stp x23, x24, [sp, #48]
	stp x25, x26, [sp, #64]
	stp x27, x28, [sp, #80]
	stp x29, x30, [sp, #96]
	stp d8, d9, [sp, #112]
	stp d10, d11, [sp, #128]
	stp d12, d13, [sp, #144]
	stp d14, d15, [sp, #160]
	mrs x2, fpcr
	stp x1, x2, [sp]
	ldr x2, [x0, #NZCV]
	msr nzcv, x2
	ldr x2, [x0, #FPCR]
	msr fpcr, x2
	ldr x2, [x0, #FPSR]
	msr fpsr, x2
	.irp n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	ldr q\n, [x0, #(16 * \n)]
	.endr
	.irp n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
	ldr q\n, [x0, #(16 * \n)]
	.endr
	.irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	ldr x\n, [x0, #GENERAL(\n)]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	ldr x\n, [x0, #GENERAL(\n)]
	.endr
	ldr x0, [x0, #GENERAL(0)]
.endm

// Stores everything to *out, restores the caller's and returns.
.macro STORE_ALL_AND_RETURN
	stp x0, x1, [sp, #176]
	ldr x0, [sp]
	.irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
	str x\n, [x0, #GENERAL(\n)]
	.endr
	.irp n, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	str x\n, [x0, #GENERAL(\n)]
	.endr
	.irp n, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
	str q\n, [x0, #(16 * \n)]
	.endr
	.irp n, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
	str q\n, [x0, #(16 * \n)]
	.endr
	mrs x2, nzcv
	str x2, [x0, #NZCV]
	mrs x2, fpcr
	str x2, [x0, #FPCR]
	mrs x2, fpsr
	str x2, [x0, #FPSR]
	ldp x2, x1, [sp, #176]
	str x2, [x0, #GENERAL(0)]
	str x1, [x0, #GENERAL(1)]
	ldr x2, [sp, #8]
	msr fpcr, x2
	ldp x19, x20, [sp, #16]
	ldp x21, x22, [sp, #32]
	ldp x23, x24, [sp, #48]
	ldp x25, x26, [sp, #64]
	ldp x27, x28, [sp, #80]
	ldp x29, x30, [sp, #96]
	ldp d8, d9, [sp, #112]
	ldp d10, d11, [sp, #128]
	ldp d12, d13, [sp, #144]
	ldp d14, d15, [sp, #160]
	add sp, sp, #192
	ret
.endm

	.text
	.p2align 2

	.globl tine_syscall_registers
	.type tine_syscall_registers, %function
tine_syscall_registers:
	LOAD_ALL
	svc #0
	STORE_ALL_AND_RETURN
	.size tine_syscall_registers, . - tine_syscall_registers

	.globl tine_spin_registers
	.type tine_spin_registers, %function
tine_spin_registers:
	LOAD_ALL
1:	subs x0, x0, #1
	b.ne 1b
	STORE_ALL_AND_RETURN
	.size tine_spin_registers, . - tine_spin_registers

	.globl tine_syscall_on_stack
	.type tine_syscall_on_stack, %function
tine_syscall_on_stack:
	mov x9, sp
	mov x8, x0
	mov sp, x1
	mov x0, x2
	mov x1, x3
	svc #0
	mov sp, x9
	ret
	.size tine_syscall_on_stack, . - tine_syscall_on_stack

	.globl tine_fork_with_thread_pointer
	.type tine_fork_with_thread_pointer, %function
tine_fork_with_thread_pointer:
	mov x9, x1
	mrs x10, tpidr_el0
	msr tpidr_el0, x0
	mov x0, #17		// SIGCHLD
	mov x1, xzr
	mov x2, xzr
	mov x3, xzr
	mov x4, xzr
	mov x8, #220		// clone
	svc #0
	mrs x11, tpidr_el0
	msr tpidr_el0, x10
	str x11, [x9]
	ret
	.size tine_fork_with_thread_pointer, . - tine_fork_with_thread_pointer

	.section .note.GNU-stack, "", %progbits
