// What can be seen of the kernel's state, to tell whether it changed.
#ifndef TESTS_SIM_KERNEL_DIGEST_H_
#define TESTS_SIM_KERNEL_DIGEST_H_

#include <string>
#include <vector>

#include "kernel/memory/space.h"

namespace tine {

// All spaces that some server has a handle of.
std::vector<Space*> live_spaces();

// One line for each live object and taken handle. Not in it is what may stay
// after a failure: frames that slabs and handle tables grew by.
using KernelDigest = std::vector<std::string>;
KernelDigest digest_kernel();

// Invariants I1 to I3 and I8, and that the lists of threads are consistent.
// Empty, or the first violation.
std::string check_kernel();

}  // namespace tine

#endif  // TESTS_SIM_KERNEL_DIGEST_H_
