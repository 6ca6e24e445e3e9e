// The entry point of entry.h.
	.text
	.globl tine_entry
	.type tine_entry, @function
tine_entry:
	movq %rax, tine_entry_registers(%rip)
	movq %rcx, tine_entry_registers + 8(%rip)
	movq %rdx, tine_entry_registers + 16(%rip)
	movq %rbx, tine_entry_registers + 24(%rip)
	movq %rsp, tine_entry_registers + 32(%rip)
	movq %rbp, tine_entry_registers + 40(%rip)
	movq %rsi, tine_entry_registers + 48(%rip)
	movq %rdi, tine_entry_registers + 56(%rip)
	movq %r8, tine_entry_registers + 64(%rip)
	movq %r9, tine_entry_registers + 72(%rip)
	movq %r10, tine_entry_registers + 80(%rip)
	movq %r11, tine_entry_registers + 88(%rip)
	movq %r12, tine_entry_registers + 96(%rip)
	movq %r13, tine_entry_registers + 104(%rip)
	movq %r14, tine_entry_registers + 112(%rip)
	movq %r15, tine_entry_registers + 120(%rip)
	pushfq
	popq tine_entry_registers + 128(%rip)
	jmp _start
	.size tine_entry, . - tine_entry

	.bss
	.p2align 4
	.globl tine_entry_registers
tine_entry_registers:
	.skip 17 * 8

	.section .note.GNU-stack, "", @progbits
