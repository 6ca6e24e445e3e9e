// A scripted program: what the code of a managed thread can do.
#ifndef ARCH_SIM_USER_H_
#define ARCH_SIM_USER_H_

#include <array>
#include <functional>
#include <initializer_list>
#include <string>

#include "arch/sim/machine.h"

namespace tine::sim {

class User;
// Its return value is the exit status.
using Script = std::function<i32(User&)>;

class User {
 public:
  // A script's code, for Machine::add_code; `fetch` makes the CPU fetch from
  // there first, as from a program's entry.
  static Code code(Machine& machine, Script script, bool fetch);

  explicit User(Machine& machine) : machine_(machine) {}

  // The raw call: its result as the register holds it.
  i64 syscall(u64 number, std::initializer_list<u64> arguments = {});
  // A call that makes a thread with the same registers, such as clone: there
  // `child` runs, and ends with exit().
  i64 spawn(Script child, u64 number, std::initializer_list<u64> arguments);
  i64 fork(Script child);
  [[noreturn]] void exit(i32 status);

  // Memory accesses through the TLB, with faults as the hardware has them. One
  // that is not permitted ends the program by a signal.
  void store8(u64 va, u8 value) { *access(va, Access::kWrite) = value; }
  u8 load8(u64 va) { return *access(va, Access::kRead); }
  void store(u64 va, u64 value);
  u64 load(u64 va);
  void fetch(u64 va) { (void)access(va, Access::kExecute); }
  void exception(ExceptionKind kind);
  // Executes an instruction there, which may have the test's breakpoint
  // (arch/hw/debug_unit.h).
  void pass(u64 address);
  // Puts a text with its NUL there; returns `va`.
  u64 store_text(u64 va, const std::string& text);
  // Nothing but time passes.
  void spin(u64 steps);

  u64 sp() const { return machine_.current().frame.sp; }
  Machine& machine() { return machine_; }

 private:
  u8* access(u64 va, Access kind);
  i64 trap_with(u64 pc, u64 number, std::initializer_list<u64> arguments);

  Machine& machine_;
};

}  // namespace tine::sim

#endif  // ARCH_SIM_USER_H_
