#include "arch/sim/fiber.h"

#include <pthread.h>
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>

#include <cstdlib>
#include <utility>

// Frames must lie on the fiber's own stack, where the kernel finds what servers
// name by address; and what an abandoned stack held is no leak.
extern "C" const char* __asan_default_options() {
  return "detect_stack_use_after_return=0:detect_leaks=0";
}

namespace tine::sim {

Fiber* Fiber::running_ = nullptr;

Fiber::Fiber() {
  pthread_attr_t attributes;
  void* stack = nullptr;
  std::size_t bytes = 0;
  pthread_getattr_np(pthread_self(), &attributes);
  pthread_attr_getstack(&attributes, &stack, &bytes);
  pthread_attr_destroy(&attributes);
  stack_ = static_cast<u8*>(stack);
  stack_bytes_ = bytes;
  running_ = this;
}

Fiber::Fiber(u64 stack_bytes, std::function<void()> body)
    : stack_bytes_(stack_bytes), body_(std::move(body)) {
  void* const stack = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (stack == MAP_FAILED) std::abort();
  stack_ = static_cast<u8*>(stack);
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack_;
  context_.uc_stack.ss_size = stack_bytes_;
  context_.uc_link = nullptr;
  makecontext(&context_, &Fiber::begin, 0);
}

Fiber::~Fiber() {
  if (!body_) return;  // the host's own
  // The next mapping at this place must not inherit the poison of its frames.
  __asan_unpoison_memory_region(stack_, stack_bytes_);
  munmap(stack_, stack_bytes_);
}

void Fiber::enter() {
  Fiber* const from = running_;
  if (from == this) return;
  running_ = this;
  void* fake_stack = nullptr;
  __sanitizer_start_switch_fiber(&fake_stack, stack_, stack_bytes_);
  swapcontext(&from->context_, &context_);
  __sanitizer_finish_switch_fiber(fake_stack, nullptr, nullptr);
}

void Fiber::begin() {
  __sanitizer_finish_switch_fiber(nullptr, nullptr, nullptr);
  running_->body_();
  std::abort();
}

}  // namespace tine::sim
