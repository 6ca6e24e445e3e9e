// Recomputes from scratch what the frame table and the live masks claim.
#ifndef KERNEL_MEMORY_INVARIANTS_H_
#define KERNEL_MEMORY_INVARIANTS_H_

#include <span>
#include <string>

#include "kernel/memory/space.h"

namespace tine {

// Walks all tables of `spaces`, which must be all there are, and what is queued
// for teardown. Empty if these hold, else the first violation:
//   I1  frames in use by pool and free ones add up to the total
//   I2  references equal the entries that point at a frame
//   I3  whatever a private entry shares is read-only in it: tables with more
//       than one reference, and frames
//   live masks (of the root: exactly) cover the non-zero entries; counts of
//   leaf entries are exact, so is the resident set size
std::string check_invariants(std::span<Space* const> spaces);

}  // namespace tine

#endif  // KERNEL_MEMORY_INVARIANTS_H_
