// The entry point of entry.h.
	.text
	.p2align 2
	.globl tine_entry
	.type tine_entry, %function
tine_entry:
	// The red zone below the stack pointer is free: nothing runs before.
	stp x0, x1, [sp, #-16]
	adrp x0, tine_entry_registers
	add x0, x0, :lo12:tine_entry_registers
	.irp n, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16
	str x\n, [x0, #(8 * \n)]
	.endr
	.irp n, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30
	str x\n, [x0, #(8 * \n)]
	.endr
	mov x1, sp
	str x1, [x0, #(8 * 31)]
	mrs x1, nzcv
	str x1, [x0, #(8 * 32)]
	ldr x1, [sp, #-16]
	str x1, [x0]
	ldr x1, [sp, #-8]
	str x1, [x0, #8]
	ldp x0, x1, [sp, #-16]
	b _start
	.size tine_entry, . - tine_entry

	.bss
	.p2align 4
	.globl tine_entry_registers
tine_entry_registers:
	.skip 33 * 8

	.section .note.GNU-stack, "", %progbits
