// Failures on purpose, so that it can be seen how a failure is reported.
#ifndef KERNEL_SELF_TEST_H_
#define KERNEL_SELF_TEST_H_

namespace tine {

// Obeys a word `tine.selftest=...` of the kernel command line: `panic` panics,
// `trap` executes an undefined instruction, `vector` takes an exception by a
// vector that nothing uses, `canary` has the kernel stack's overwritten,
// `stack` overflows it. Returns if there is none.
void self_test(const char* command_line);

}  // namespace tine

#endif  // KERNEL_SELF_TEST_H_
