// Symbols of kernel.lds: addresses in the kernel's image, nothing to read.
#ifndef ARCH_AARCH64_IMAGE_H_
#define ARCH_AARCH64_IMAGE_H_

#include "kernel/base/types.h"

extern "C" {
extern const tine::u8 image_start[];
extern const tine::u8 text_end[];
extern const tine::u8 rodata_end[];
extern const tine::u8 stacks_begin[];  // with an unmapped page below each stack
extern tine::u8 kernel_stack_bottom[];
extern const tine::u8 kernel_stack_top[];
extern const tine::u8 panic_stack_bottom[];
extern const tine::u8 panic_stack_top[];
extern const tine::u8 image_end[];
}

#endif  // ARCH_AARCH64_IMAGE_H_
