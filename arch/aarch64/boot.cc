// The C++ half of booting: device tree, final tables, then kernel_main.
#include "kernel/boot.h"

#include "arch/aarch64/boot_memory.h"
#include "arch/aarch64/cpu_features.h"
#include "arch/aarch64/device_tree.h"
#include "arch/aarch64/kernel_tables.h"
#include "arch/hw/boot_tables.h"
#include "arch/hw/cpu.h"
#include "arch/hw/image.h"
#include "arch/hw/machine.h"
#include "arch/hw/mmu.h"
#include "arch/hw/phys_map.h"
#include "arch/hw/tlb.h"
#include "arch/hw/uart.h"
#include "kernel/log.h"
#include "kernel/memory/space.h"
#include "kernel/panic.h"
#include "kernel/thread/per_cpu.h"

extern "C" void aarch64_replace_tables(tine::u64 root, tine::u64 image);

namespace tine::hw {

Machine machine;
u64 image_physical;

namespace {

BootMemory boot_memory;

[[noreturn]] void refuse(const char* reason) {
  log("boot: ", reason);
  end_run(kSystemFailed);
}

void map_early_block(u64 window, u64 physical) {
  constexpr u64 kNormalBlock = 0x705 | u64{3} << 53;  // boot.S; not executable
  early_blocks[window] = (physical & ~(kBlockBytes - 1)) | kNormalBlock;
  asm volatile("dsb ishst\n\tisb" ::: "memory");
}

// The device tree, wherever the loader put it, as far as its header says.
const u8* map_device_tree(u64 physical, u32& bytes) {
  if (physical == 0 || physical % 8 != 0 || physical >= kPhysMapBytes) {
    refuse("no device tree in x0");
  }
  map_early_block(BOOT_BLOCK_TREE, physical);
  const u64 offset = physical % kBlockBytes;
  const u8* tree = reinterpret_cast<const u8*>(kEarlyTree + offset);
  // 8-byte alignment does not keep a 40-byte header inside the block.
  if (offset + Fdt::kHeaderBytes > kBlockBytes) {
    map_early_block(BOOT_BLOCK_TREE + 1, physical + kBlockBytes);
  }
  bytes = Fdt::total_bytes(tree);
  if (offset + bytes > kBlockBytes) {
    map_early_block(BOOT_BLOCK_TREE + 1, physical + kBlockBytes);
  }
  return tree;
}

void load_kernel_tables() {
  const PhysAddr root = build_kernel_tables(boot_memory);
  if (root == PhysAddr{}) refuse("memory too scattered to map");
  aarch64_replace_tables(root.value, image_physical);
  load_no_space();
  invalidate_all();
}

}  // namespace

extern "C" [[noreturn]] void aarch64_boot_main(u64 device_tree, u64 image) {
  image_physical = image;
  per_cpu[0].self = &per_cpu[0];
  per_cpu[0].kernel_stack_top = reinterpret_cast<u64>(kernel_stack_top);
  asm volatile("msr tpidr_el1, %0" ::"r"(&per_cpu[0]) : "memory");

  u32 bytes = 0;
  const u8* tree = map_device_tree(device_tree, bytes);
  const char* error = read_device_tree(tree, bytes, machine);
  if (error != nullptr) refuse(error);
  const PhysRange image_range = {image_to_phys(image_start),
                                 image_to_phys(image_end)};
  error = fill_boot_memory(machine, image_range, kPhysMapBytes, boot_memory);
  if (error != nullptr) refuse(error);

  load_kernel_tables();
  uart_init();
  set_stack_canary(per_cpu[0], reinterpret_cast<u64*>(kernel_stack_bottom));
  asid_limit = max_asid();
  cpu_features_init();
  const HardwareCapabilities capabilities = hardware_capabilities();
  boot_memory.hwcap = capabilities.hwcap;
  boot_memory.hwcap2 = capabilities.hwcap2;
  kernel_main(boot_memory);
}

}  // namespace tine::hw
