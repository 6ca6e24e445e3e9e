// Fibers: the host's side of threads. Exactly one runs at a time.
#ifndef ARCH_SIM_FIBER_H_
#define ARCH_SIM_FIBER_H_

#include <ucontext.h>

#include <functional>

#include "kernel/base/types.h"

namespace tine::sim {

class Fiber {
 public:
  // The fiber that the constructor's caller runs on.
  Fiber();
  // A new one, that runs `body` when it is first switched to; `body` must not
  // return.
  Fiber(u64 stack_bytes, std::function<void()> body);
  // Not the running one. Its stack goes as it is: no destructor runs on it.
  ~Fiber();
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;

  // Leaves the running fiber; returns when something switches back to it.
  void enter();

  static Fiber* running() { return running_; }
  u8* stack() const { return stack_; }
  u64 stack_bytes() const { return stack_bytes_; }

 private:
  static void begin();

  static Fiber* running_;

  ucontext_t context_;
  u8* stack_ = nullptr;
  u64 stack_bytes_ = 0;
  std::function<void()> body_;
};

}  // namespace tine::sim

#endif  // ARCH_SIM_FIBER_H_
