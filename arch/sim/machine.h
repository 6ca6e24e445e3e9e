// The simulated machine: runs the kernel, servers and scripted programs in this
// process, one at a time, the same way for the same seed.
//
// Every kernel thread has a fiber. A trap stores the thread's registers into
// its frame, calls the kernel's entrance on that fiber's stack, and enters the
// fiber of the thread that the kernel wants to resume. What a thread runs is
// found by the pc in its frame: code is a function of the host registered at an
// address. So exec (a new pc in a frame) and fork (another thread with the same
// frame) need no knowledge of what servers do.
#ifndef ARCH_SIM_MACHINE_H_
#define ARCH_SIM_MACHINE_H_

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "arch/sim/devices.h"
#include "arch/sim/fiber.h"
#include "arch/sim/machine_memory.h"
#include "kernel/abi/message.h"
#include "kernel/thread/thread.h"

namespace tine::sim {

inline constexpr PhysAddr kRamBase{0x4000'0000};

struct MachineConfig {
  u64 memory_bytes = u64{48} << 20;
  u64 seed = 1;
  std::string command_line = {};
  std::string boot_image = {};  // cpio of servers
  std::string initrd = {};      // cpio, or empty
};

enum class RunState : u8 {
  kRunning,
  kOff,      // powered off: status() tells
  kIdle,     // nothing is ready and nothing will happen by itself
  kRunaway,  // more steps than any test needs
};

using Code = std::function<void()>;

class Machine {
 public:
  explicit Machine(MachineConfig config);
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  // The function that runs when a thread begins at `pc`. Never returns.
  void add_code(u64 pc, Code code);
  // The same at an address that nothing has.
  u64 add_code(Code code);

  // Boots, or goes on after kIdle, until the run ends or idles.
  RunState run();
  RunState state() const { return state_; }
  u32 status() const { return status_; }
  UartRecords records() const { return parse_uart(devices.uart_output); }

  // Called before a managed thread goes on after it was in the kernel.
  std::function<void(Thread&)> before_user;
  // Called around each kernel entrance, with the thread that enters.
  std::function<void(Thread&)> before_kernel;
  std::function<void(Thread&)> after_kernel;
  // Called at each step, of programs and of servers at their calls.
  std::function<void()> on_step;
  u64 max_steps = 20'000'000;

  // ---- for the fibers of threads
  Thread& current() const;
  // One step of the current thread in user mode: time passes, interrupts come.
  void step();
  // Runs a kernel entrance for the current thread and comes back when the
  // thread is resumed, if ever.
  template <typename Entrance>
  void trap(Entrance entrance) {
    Thread& thread = current();
    if (before_kernel) before_kernel(thread);
    Thread& next = *entrance(thread);
    if (after_kernel) after_kernel(thread);
    resume(next);
  }
  // The pc of a program that is in the kernel must not look like a jump when
  // the kernel leaves it alone.
  void expect_pc(u64 pc);
  std::mt19937_64& random() { return random_; }

  // ---- for hw
  [[noreturn]] void power_off(u32 status);
  u32 idle();
  void resume(Thread& thread);
  u8* wired_window(PhysAddr root, VirtAddr va, Access access) const;

  // Memory of the host that servers may name to the kernel.
  void add_wired(const void* begin, u64 bytes, bool writable = true);
  // Zeroed, wired, freed with the machine.
  u8* take_wired(u64 bytes);
  // No two machines of this process have the same.
  u64 id() const { return id_; }

 private:
  struct Context {
    u32 generation = 0;  // of the Thread object
    u64 pc = 0;
    std::unique_ptr<Fiber> fiber;
  };
  struct Range {
    u64 begin;
    u64 end;
    bool writable;
  };

  void hand_over(RunState state);
  Fiber& fiber_of(Thread& thread);
  [[noreturn]] void fetch_nothing();
  void add_host_image();

  MachineConfig config_;
  MachineMemory memory_;
  std::mt19937_64 random_;
  Fiber host_;
  std::unique_ptr<Fiber> boot_;
  Fiber* paused_ = nullptr;  // the one that idles
  std::map<Thread*, Context> contexts_;
  std::map<u64, Code> code_;
  u64 next_code_ = u64{0x10} << 32;
  std::vector<PhysAddr> server_roots_;
  std::vector<Range> wired_;
  std::vector<std::shared_ptr<void>> owned_;
  static inline u64 machines_ = 0;
  u64 id_ = ++machines_;
  RunState state_ = RunState::kRunning;
  u32 status_ = 0;
  u64 steps_ = 0;
};

// The trap instruction: enters the kernel with the registers of the thread's
// frame.
Thread* trap_instruction(Thread& thread);

// The one that lives.
inline Machine* machine = nullptr;

}  // namespace tine::sim

#endif  // ARCH_SIM_MACHINE_H_
