#include "arch/sim/user.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "arch/hw/debug_unit.h"
#include "arch/hw/machine_model.h"
#include "arch/hw/mmu.h"
#include "arch/hw/page_table_format.h"
#include "kernel/trap.h"
#include "servers/linux_abi/arch/syscall_numbers.h"

namespace tine::sim {
namespace {

using linux_abi::Nr;

// A fault that the kernel says it resolved, again and again, is none.
constexpr int kMostFaults = 16;

bool permits(const Translation& found, Access access) {
  return found.present && (access != Access::kWrite || found.writable) &&
         (access != Access::kExecute || found.executable);
}

}  // namespace

Code User::code(Machine& machine, Script script, bool fetch) {
  return [&machine, script = std::move(script), fetch] {
    User user(machine);
    if (fetch) user.fetch(machine.current().frame.pc);
    user.exit(script(user));
  };
}

i64 User::trap_with(u64 pc, u64 number, std::initializer_list<u64> arguments) {
  machine_.step();
  hw::TrapFrame& frame = machine_.current().frame;
  frame.pc = pc;
  machine_.expect_pc(pc);
  for (u64& word : frame.message.words) word = 0;
  unsigned i = 0;
  for (const u64 argument : arguments) frame.message.words[i++] = argument;
  frame.message.tag = number;
  for (;;) {
    machine_.trap(trap_instruction);
    if (frame.pc == pc) return static_cast<i64>(result_of(frame));
    // The kernel put the pc back onto the instruction: it runs again.
    machine_.step();
    frame.pc = pc;
  }
}

i64 User::syscall(u64 number, std::initializer_list<u64> arguments) {
  return trap_with(machine_.current().frame.pc, number, arguments);
}

i64 User::spawn(Script child, u64 number,
                std::initializer_list<u64> arguments) {
  return trap_with(machine_.add_code(code(machine_, std::move(child), false)),
                   number, arguments);
}

i64 User::fork(Script child) {
  constexpr u64 kSigChld = 17;
  return spawn(std::move(child), static_cast<u64>(Nr::kClone), {kSigChld});
}

void User::exit(i32 status) {
  syscall(static_cast<u64>(Nr::kExitGroup),
          {static_cast<u64>(static_cast<i64>(status))});
  std::abort();  // it returned
}

u8* User::access(u64 va, Access kind) {
  machine_.step();
  for (int faults = 0; faults < kMostFaults; ++faults) {
    if (va < hw::PageTableFormat::kUserTop) {
      const Translation found =
          tlb.translate(hw::loaded.asid, hw::loaded.root, VirtAddr{va}.page());
      if (permits(found, kind)) {
        return hw::phys_to_virt(found.frame) + VirtAddr{va}.page_offset();
      }
    }
    machine_.trap([&](Thread& thread) {
      return trap_page_fault(thread, VirtAddr{va}, kind);
    });
  }
  std::fprintf(stderr, "access to %#llx faults for ever\n",
               static_cast<unsigned long long>(va));
  std::abort();
}

void User::store(u64 va, u64 value) {
  for (unsigned i = 0; i < 8; ++i) {
    store8(va + i, static_cast<u8>(value >> (8 * i)));
  }
}

u64 User::load(u64 va) {
  u64 value = 0;
  for (unsigned i = 0; i < 8; ++i) value |= u64{load8(va + i)} << (8 * i);
  return value;
}

void User::exception(ExceptionKind kind) {
  machine_.step();
  machine_.trap(
      [&](Thread& thread) { return trap_exception(thread, kind, {0}); });
}

void User::pass(u64 address) {
  machine_.step();
  if (!hw::cpu_debug_events ||
      hw::test_breakpoint(hw::cpu_debug_registers) != address) {
    return;
  }
  machine_.trap([&](Thread& thread) {
    if (trap_breakpoint(thread) == nullptr) return &thread;
    return trap_exception(thread, ExceptionKind::kHardwareBreakpoint,
                          VirtAddr{address});
  });
}

u64 User::store_text(u64 va, const std::string& text) {
  for (u64 i = 0; i <= text.size(); ++i) {
    store8(va + i, static_cast<u8>(text.c_str()[i]));
  }
  return va;
}

void User::spin(u64 steps) {
  for (u64 i = 0; i < steps; ++i) machine_.step();
}

}  // namespace tine::sim
