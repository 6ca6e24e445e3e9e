#include "arch/sim/machine.h"

#include <link.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "arch/hw/cpu.h"
#include "arch/hw/machine_model.h"
#include "arch/hw/mmu.h"
#include "arch/hw/power.h"
#include "arch/sim/reset_kernel.h"
#include "kernel/boot.h"
#include "kernel/memory/space.h"
#include "kernel/thread/per_cpu.h"
#include "kernel/trap.h"

// Where the kernel's linker script puts the boot image. It is constant for the
// kernel, so that writing it needs another name.
constexpr unsigned long kBootImageBytes = 64 * 1024;
asm(".pushsection .bss\n"
    ".balign 4096\n"
    ".globl boot_image_start\n"
    ".globl boot_image_room\n"
    "boot_image_start:\n"
    "boot_image_room: .skip 65536\n"
    ".globl boot_image_end\n"
    "boot_image_end:\n"
    ".popsection\n");
extern "C" char boot_image_room[];

namespace tine::sim {
namespace {

constexpr u64 kStackBytes = u64{1} << 20;
// Below are addresses of simulated memory, above those of the host.
constexpr u64 kHostBegin = u64{1} << 32;
constexpr u64 kStepNs = 500;

u8* find_window(PhysAddr root, VirtAddr va, Access access) {
  return machine->wired_window(root, va, access);
}

// The archive at the end of RAM, as loaders leave it.
BootMemory describe_memory(const MachineConfig& config) {
  BootMemory memory;
  const PhysAddr end = kRamBase + config.memory_bytes;
  memory.usable[0] = {kRamBase, end};
  memory.usable_count = 1;
  const u64 initrd_bytes = config.initrd.size();
  memory.initrd_begin = {end.value - page_round_up(initrd_bytes)};
  memory.initrd_end = memory.initrd_begin + initrd_bytes;
  if (initrd_bytes != 0) {
    std::memcpy(hw::phys_to_virt(memory.initrd_begin), config.initrd.data(),
                initrd_bytes);
  }
  memory.command_line = config.command_line.c_str();
  return memory;
}

}  // namespace

Machine::Machine(MachineConfig config)
    : config_(std::move(config)),
      memory_(kRamBase, config_.memory_bytes),
      random_(config_.seed) {
  if (config_.boot_image.size() > kBootImageBytes) std::abort();
  std::memset(boot_image_room, 0, kBootImageBytes);
  std::memcpy(boot_image_room, config_.boot_image.data(),
              config_.boot_image.size());
  devices = {};
  machine = this;
  hw::find_wired_window = find_window;
  add_host_image();
  add_wired(hw::phys_map.host, hw::phys_map.bytes);
  add_wired(host_.stack(), host_.stack_bytes());
  boot_ = std::make_unique<Fiber>(kStackBytes, [this] {
    const BootMemory memory = describe_memory(config_);
    kernel_main(memory);
  });
}

Machine::~Machine() {
  reset_kernel();
  hw::find_wired_window = nullptr;
  machine = nullptr;
}

void Machine::add_code(u64 pc, Code code) { code_[pc] = std::move(code); }

u64 Machine::add_code(Code code) {
  next_code_ += 16;
  add_code(next_code_, std::move(code));
  return next_code_;
}

RunState Machine::run() {
  if (state_ == RunState::kOff || state_ == RunState::kRunaway) return state_;
  Fiber& next = paused_ != nullptr ? *paused_ : *boot_;
  paused_ = nullptr;
  state_ = RunState::kRunning;
  next.enter();
  return state_;
}

void Machine::hand_over(RunState state) {
  state_ = state;
  host_.enter();
}

void Machine::power_off(u32 status) {
  status_ = status;
  hand_over(RunState::kOff);
  std::abort();
}

u32 Machine::idle() {
  for (;;) {
    if (const auto line = devices.await_interrupt()) return *line;
    paused_ = Fiber::running();
    hand_over(RunState::kIdle);
  }
}

Thread& Machine::current() const { return *per_cpu[0].current; }

void Machine::expect_pc(u64 pc) { contexts_.at(&current()).pc = pc; }

void Machine::step() {
  if (++steps_ > max_steps) {
    hand_over(RunState::kRunaway);
    std::abort();
  }
  if (on_step) on_step();
  // Now and then much happens between two steps: time slices end anywhere.
  const u64 draw = random_();
  devices.now_ns += draw % 256 == 0 ? draw / 256 % 8'000'000 : kStepNs;
  while (const auto line = devices.take_interrupt()) {
    trap([&](Thread& thread) { return trap_interrupt(thread, *line); });
  }
}

void Machine::resume(Thread& thread) {
  if (hw::comes_back(thread.frame)) trap_comes_back(thread);
  if (thread.kind == ThreadKind::kManaged && before_user) before_user(thread);
  fiber_of(thread).enter();
}

Thread* trap_instruction(Thread& thread_that_traps) {
  Thread* const thread = &thread_that_traps;
  const MessageRegisters message = thread->frame.message;
  const auto [w0, w1, w2, w3, w4, w5, w6, w7] = message.words;
  const auto [words, tag, token, target] = message;
  if (thread->kind == ThreadKind::kManaged) {
    return trap_system_call(TINE_MESSAGE);
  }
  // Entry code does not save a message: nothing may look for it in the frame.
  constexpr u64 kNoMessage = 0x5ca1'ab1e'dead'beef;
  for (u64& word : thread->frame.message.words) word = kNoMessage;
  thread->frame.message.tag = kNoMessage;
  thread->frame.message.token = kNoMessage;
  thread->frame.message.target = kNoMessage;
  return trap_native_call(TINE_MESSAGE);
}

Fiber& Machine::fiber_of(Thread& thread) {
  Context& context = contexts_[&thread];
  const bool goes_on =
      context.fiber != nullptr &&
      context.generation == thread.object.generation &&
      (thread.kind == ThreadKind::kServer || thread.frame.pc == context.pc ||
       thread.frame.pc + kTrapBytes == context.pc);
  if (goes_on) return *context.fiber;
  const auto code = code_.find(thread.frame.pc);
  // The replaced fiber is not running: a thread that makes a trap cannot come
  // back from it with another pc or as another object.
  context = {thread.object.generation, thread.frame.pc,
             std::make_unique<Fiber>(
                 kStackBytes, code != code_.end() ? code->second : [this] {
                   fetch_nothing();
                 })};
  if (thread.kind == ThreadKind::kServer) {
    server_roots_.push_back(thread.space->root.address());
    add_wired(context.fiber->stack(), context.fiber->stack_bytes());
  }
  return *context.fiber;
}

void Machine::add_wired(const void* begin, u64 bytes, bool writable) {
  const u64 address = reinterpret_cast<u64>(begin);
  wired_.push_back({address, address + bytes, writable});
}

// There is no code at the thread's pc, and nobody can make it appear.
void Machine::fetch_nothing() {
  for (;;) {
    step();
    trap([](Thread& thread) {
      return trap_page_fault(thread, VirtAddr{thread.frame.pc},
                             Access::kExecute);
    });
  }
}

u8* Machine::take_wired(u64 bytes) {
  // An array of pages, so that it is aligned as guests' heaps are.
  struct alignas(kPageSize) Page {
    u8 bytes[kPageSize];
  };
  const u64 pages = page_round_up(bytes) / kPageSize;
  std::shared_ptr<Page[]> memory(new Page[pages]());
  add_wired(memory.get(), pages * kPageSize);
  owned_.push_back(memory);
  return memory[0].bytes;
}

void Machine::add_host_image() {
  auto visit = [](dl_phdr_info* info, std::size_t, void* self) {
    for (unsigned i = 0; i < info->dlpi_phnum; ++i) {
      const auto& segment = info->dlpi_phdr[i];
      if (segment.p_type != PT_LOAD) continue;
      static_cast<Machine*>(self)->add_wired(
          reinterpret_cast<void*>(info->dlpi_addr + segment.p_vaddr),
          segment.p_memsz, (segment.p_flags & PF_W) != 0);
    }
    return 0;
  };
  dl_iterate_phdr(visit, this);
}

u8* Machine::wired_window(PhysAddr root, VirtAddr va, Access access) const {
  if (va.value < kHostBegin) return nullptr;
  bool is_server = false;
  for (const PhysAddr server : server_roots_) is_server |= server == root;
  if (!is_server) return nullptr;
  for (const Range& range : wired_) {
    if (va.value < range.begin || va.value >= range.end) continue;
    if (access == Access::kWrite && !range.writable) return nullptr;
    return reinterpret_cast<u8*>(va.value);
  }
  return nullptr;
}

}  // namespace tine::sim

namespace tine::hw {

PerCpu& this_cpu() { return per_cpu[0]; }
u32 wait_for_interrupt() { return sim::machine->idle(); }
void power_off(u32 status) { sim::machine->power_off(status); }
void resume(Thread& thread) {
  sim::machine->resume(thread);
  std::abort();
}
void halt() { std::abort(); }
Thread* resume_with_message(TINE_MESSAGE_PARAMETERS) {
  thread->frame.message = {
      {w0, w1, w2, w3, w4, w5, w6, w7}, tag, token, target};
  return thread;
}

}  // namespace tine::hw
