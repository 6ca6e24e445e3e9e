// Failures on purpose, so that it can be seen how a failure is reported.
#ifndef KERNEL_SELF_TEST_H_
#define KERNEL_SELF_TEST_H_

namespace tine {

// Obeys a word `tine.selftest=...` of the kernel command line: `panic` panics,
// `trap` executes an undefined instruction, `stack` overflows the kernel stack.
// Returns if there is none.
void self_test(const char* command_line);

}  // namespace tine

#endif  // KERNEL_SELF_TEST_H_
