#include "kernel/start_root.h"

#include "arch/hw/device.h"
#include "arch/hw/interrupts.h"
#include "arch/hw/phys_map.h"
#include "arch/hw/real_time_clock.h"
#include "arch/hw/timer.h"
#include "kernel/abi/boot_info.h"
#include "kernel/boot_image.h"
#include "kernel/device.h"
#include "kernel/interrupt.h"
#include "kernel/ipc/handle_table.h"
#include "kernel/load_elf.h"
#include "kernel/object/objects.h"
#include "kernel/redirect.h"
#include "kernel/thread/copy_thread.h"
#include "kernel/trap.h"

namespace tine {
namespace {

constexpr u64 kRootBadge = 1;
// Below the UTCB, with an unmapped page at either end.
constexpr u64 kRootStackTop = kUtcbAddress - kPageSize;
constexpr u64 kRootStackBytes = 64 * 1024;

constinit Device uart_device{};
constinit Control run_control{};

void require(Status status, const char* what) {
  if (status != Status::kOk) panic(what);
}

Space& make_space(Pool& pool, SpaceKind kind) {
  Space* space = space_slab.take(pool);
  if (space == nullptr) panic("no memory for root's spaces");
  require(space_create(*space, pool, kind, 0), "no memory for root's spaces");
  return *space;
}

// A memory object with a copy of these bytes.
Space& copy_into_object(Pool& pool, const u8* from, u64 bytes) {
  Space& object = make_space(pool, SpaceKind::kObject);
  require(populate(object, VirtAddr{0}, bytes, kRead | kWrite),
          "no memory for the boot image");
  require(write_space(object, VirtAddr{0}, from, bytes),
          "cannot write the boot image");
  return object;
}

// The loader's frames become the object's; only an archive that does not begin
// on a page has to be copied.
Space& adopt_initrd(Pool& pool, const BootMemory& memory) {
  const PhysAddr begin = memory.initrd_begin;
  const PhysAddr end = memory.initrd_end;
  if (begin.value % kPageSize != 0) {
    return copy_into_object(pool, hw::phys_to_virt(begin),
                            end.value - begin.value);
  }
  Space& object = make_space(pool, SpaceKind::kObject);
  require(space_adopt(object, VirtAddr{0},
                      {begin, PhysAddr{page_round_up(end.value)}}),
          "cannot adopt the initrd");
  return object;
}

void init_machine_objects() {
  uart_device.object = {ObjectType::kDevice, true, 0, 0};
  uart_device.base = hw::uart_device_base();
  uart_device.span = hw::uart_device_span();
  uart_interrupt.object = {ObjectType::kInterrupt, true, 0, 0};
  uart_interrupt.line = hw::uart_interrupt_line();
  run_control.object = {ObjectType::kControl, true, 0, 0};
}

void fill_boot_info(BootInfo& info, const BootMemory& memory) {
  info.boot_image_bytes = boot_image_bytes();
  info.initrd_bytes = memory.initrd_end.value - memory.initrd_begin.value;
  info.memory_bytes = frames_total() * kPageSize;
  info.cpu_count = memory.cpu_count;
  info.hwcap = memory.hwcap;
  info.hwcap2 = memory.hwcap2;
  constexpr u64 kSecond = 1'000'000'000;
  const u64 realtime_ns = hw::read_real_time_clock() * kSecond;
  info.boot_realtime_ns = realtime_ns != 0 ? realtime_ns - hw::now_ns() : 0;
  const hw::ClockParameters clock = hw::clock_parameters();
  info.clock_start = clock.start;
  info.clock_factor = clock.factor;
  u64 i = 0;
  for (; i + 1 < sizeof(info.command_line) && memory.command_line[i] != '\0';
       ++i) {
    info.command_line[i] = memory.command_line[i];
  }
  info.command_line[i] = '\0';
}

void map_boot_info(Space& space, const BootMemory& memory) {
  static_assert(sizeof(BootInfo) <= kPageSize);
  const VirtAddr page{kBootInfoAddress};
  require(populate(space, page, kPageSize, kRead), "no memory for BootInfo");
  Status status = Status::kOk;
  u8* window = space_window(space, page, Access::kRead, status);
  require(status, "BootInfo is not mapped");
  fill_boot_info(*reinterpret_cast<BootInfo*>(window), memory);
}

void set_handle(Thread& root, Handle handle, Object& object) {
  HandleEntry* entry = nullptr;
  require(handle_table_free_slot(*root.handles, *root.pool, handle, entry),
          "no memory for root's handles");
  entry->set(object, kAllRights, 0);
}

Thread& make_thread(Pool& pool, Space& space, u64 entry) {
  require(populate(space, VirtAddr{kUtcbAddress}, kPageSize, kRead | kWrite),
          "no memory for root's UTCB");
  require(populate(space, VirtAddr{kRootStackTop - kRootStackBytes},
                   kRootStackBytes, kRead | kWrite),
          "no memory for root's stack");
  Thread* root = take_embryo(pool, space, ThreadKind::kServer);
  if (root == nullptr) panic("no memory for root's thread");
  root->cookie = kRootBadge;
  Status status = Status::kOk;
  root->utcb =
      space_window(space, VirtAddr{kUtcbAddress}, Access::kWrite, status);
  require(status, "root's UTCB is not mapped");
  root->handles = handle_table_create(pool);
  if (root->handles == nullptr) panic("no memory for root's handles");
  clear_registers(*root);
  hw::init_user_frame(root->frame, entry, kRootStackTop);
  root->state = ThreadState::kReady;
  root_thread = root;
  return *root;
}

}  // namespace

Thread& start_root(const BootMemory& memory, Pool& all_memory) {
  const u64 image_bytes = boot_image_bytes();
  const ArchiveFile file =
      find_in_archive(boot_image_start, image_bytes, "root");
  if (file.data == nullptr) panic("the boot image has no root server");
  Space& space = make_space(all_memory, SpaceKind::kLoadable);
  u64 entry = 0;
  require(load_elf(space, file.data, file.bytes, entry),
          "the root server is not a static ELF file");
  map_boot_info(space, memory);
  Thread& root = make_thread(all_memory, space, entry);

  init_machine_objects();
  set_handle(root, kRootPool, all_memory.object);
  set_handle(root, kRootSpace, space.object);
  set_handle(root, kRootThread, root.object);
  set_handle(root, kRootBootImage,
             copy_into_object(all_memory,
                              reinterpret_cast<const u8*>(boot_image_start),
                              image_bytes)
                 .object);
  if (memory.initrd_begin != memory.initrd_end) {
    set_handle(root, kRootInitrd, adopt_initrd(all_memory, memory).object);
  }
  set_handle(root, kRootUart, uart_device.object);
  set_handle(root, kRootUartInterrupt, uart_interrupt.object);
  set_handle(root, kRootControl, run_control.object);
  return root;
}

}  // namespace tine
