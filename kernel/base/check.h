// Checks that stay in: a broken invariant must stop the kernel at once.
#ifndef KERNEL_BASE_CHECK_H_
#define KERNEL_BASE_CHECK_H_

namespace tine {

// Stops with the undefined instruction, which the architecture's trap code
// reports as a panic with registers and backtrace (on the host: a signal).
[[gnu::always_inline]] inline void check(bool condition) {
  if (!condition) [[unlikely]] {
    __builtin_trap();
  }
}

}  // namespace tine

#endif  // KERNEL_BASE_CHECK_H_
