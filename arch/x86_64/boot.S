// PVH entry (xen: docs/misc/pvh.pandoc): 32-bit protected mode, paging off, ebx =
// physical address of hvm_start_info. Turns on long mode with early tables that
// map the first 4 GiB at 0 and at PHYS_MAP_BASE, and the image at KERNEL_BASE;
// boot.cc replaces them.

#include "arch/hw/trap_frame_offsets.h"

#define PHYS(symbol) ((symbol) - KERNEL_BASE)

#define EARLY_FLAGS 0x3                 // present, writable
#define EARLY_HUGE 0x83                 // and 2 MiB
#define EARLY_GIB 4                     // what the early tables map

#define CR4_PAE 0x20
#define EFER_LME_NXE 0x900
#define EFER 0xc0000080
#define CR0_PG_WP_ET_PE 0x80010011
#define FEATURES_LM_NX 0x20100000       // CPUID 0x80000001 edx

    .section .note.Xen, "a", %note
    .balign 4
    .long 4, 8, 18                      // XEN_ELFNOTE_PHYS32_ENTRY
    .asciz "Xen"
    .quad PHYS(pvh_entry)

    .section .text.boot, "ax"
    .code32
    .global pvh_entry
pvh_entry:
    cli
    cld
    mov %ebx, %ebp
    mov $PHYS(kernel_bss_begin), %edi
    mov $PHYS(kernel_bss_end), %ecx
    sub %edi, %ecx
    shr $2, %ecx
    xor %eax, %eax
    rep stosl

    mov $0x80000000, %eax
    cpuid
    cmp $0x80000001, %eax
    jb cannot_boot
    mov $0x80000001, %eax
    cpuid
    and $FEATURES_LM_NX, %edx
    cmp $FEATURES_LM_NX, %edx
    jne cannot_boot

    mov $PHYS(early_level1), %edi
    mov $EARLY_HUGE, %eax
    mov $(EARLY_GIB * 512), %ecx
1:  mov %eax, (%edi)
    add $0x200000, %eax
    add $8, %edi
    dec %ecx
    jnz 1b

    mov $PHYS(early_level2), %edi
    mov $PHYS(early_level1) + EARLY_FLAGS, %eax
    mov %eax, (early_level2_image - early_level2 + 510 * 8)(%edi)
    mov $EARLY_GIB, %ecx
2:  mov %eax, (%edi)
    add $4096, %eax
    add $8, %edi
    dec %ecx
    jnz 2b

    mov $PHYS(early_root), %edi
    movl $PHYS(early_level2) + EARLY_FLAGS, (%edi)
    movl $PHYS(early_level2) + EARLY_FLAGS, 256 * 8(%edi)
    movl $PHYS(early_level2_image) + EARLY_FLAGS, 511 * 8(%edi)

    mov $CR4_PAE, %eax
    mov %eax, %cr4
    mov %edi, %cr3
    mov $EFER, %ecx
    mov $EFER_LME_NXE, %eax
    xor %edx, %edx
    wrmsr
    mov $CR0_PG_WP_ET_PE, %eax
    mov %eax, %cr0
    lgdt PHYS(early_gdt_pointer)
    ljmp $SELECTOR_KERNEL_CODE, $PHYS(long_mode)

// No 64-bit mode or no NX: one line on COM1, whatever state it is in.
cannot_boot:
    mov $PHYS(cannot_boot_text), %esi
    mov $0x3f8, %edx
    mov $(cannot_boot_end - cannot_boot_text), %ecx
    rep outsb
    mov $125, %eax                      // as power.cc
    out %eax, $0xf4
3:  hlt
    jmp 3b

    .code64
long_mode:
    movabs $image_address, %rax
    jmp *%rax
image_address:
    mov $SELECTOR_KERNEL_DATA, %eax
    mov %eax, %ss
    xor %eax, %eax
    mov %eax, %ds
    mov %eax, %es
    mov %eax, %fs
    mov %eax, %gs
    mov $kernel_stack_top, %rsp
    mov %ebp, %edi
    xor %ebp, %ebp
    call boot_main
    ud2

    .section .rodata.boot, "a"
    .balign 8
early_gdt:
    .quad 0
    .quad 0x00209b0000000000            // 64-bit code, present, accessed
    .quad 0x0000930000000000            // data, writable, present, accessed
early_gdt_pointer:
    .short early_gdt_pointer - early_gdt - 1
    .long PHYS(early_gdt)
cannot_boot_text:
    .ascii "\20LTine needs a CPU with 64-bit mode and NX\n\20X125\n"
cannot_boot_end:

    .section .bss.early_tables, "aw", %nobits
    .balign 4096
early_root:
    .skip 4096
early_level2:
    .skip 4096
early_level2_image:
    .skip 4096
early_level1:
    .skip 4096 * EARLY_GIB

// The page before kernel_stacks_begin stays unmapped, so that overflow of the
// kernel stack ends in a double fault, on a stack of its own.
    .section .bss.stacks, "aw", %nobits
    .balign 4096
    .global kernel_stack_guard, kernel_stacks_begin, kernel_stacks_end
    .global kernel_stack_top, nmi_stack_top, debug_stack_top, fatal_stack_top
kernel_stack_guard:
    .skip 4096
kernel_stacks_begin:
    .skip 4096 * 4
kernel_stack_top:
    .skip 4096
nmi_stack_top:
    .skip 4096
debug_stack_top:
    .skip 4096 * 2
fatal_stack_top:
kernel_stacks_end:

    .section .note.GNU-stack, "", %progbits
