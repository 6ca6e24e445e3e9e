// Fails the k-th fallible step of an operation, for every k, and pairs of them:
// the caller gets a documented errno, nothing is left behind, and a retry
// succeeds. A test instantiates FaultSweep with its operations.
#ifndef TESTS_SIM_FAULT_SWEEP_H_
#define TESTS_SIM_FAULT_SWEEP_H_

#include <gtest/gtest.h>

#include <iostream>

#include "tests/sim/system.h"

namespace tine {

// Addresses that operations may use: a word, a path, arguments.
inline constexpr u64 kScratch = sim::kDataAddress + 128;
inline constexpr u64 kPath = sim::kDataAddress + kPageSize;
inline constexpr u64 kArgv = sim::kDataAddress + kPageSize + 256;
// An outcome: death by signal n is kSignal + n, as a shell has it.
inline constexpr u64 kSignal = 128;

// 0, or the errno that the program saw.
using Operation = i64 (*)(User&);

// A child's outcome. If there is no memory for the status the child waits to be
// asked for again.
i64 reap(User& user, i64 pid);

struct Sweep {
  const char* name;
  Operation operation;
  const char* command_line;
  // A page that cannot be had for what was mapped ends the process at once.
  bool may_die = false;
  // A stack that cannot grow is a wild address (expand_stack() of Linux).
  bool may_fault = false;
};

inline std::ostream& operator<<(std::ostream& out, const Sweep& sweep) {
  return out << sweep.name << sweep.command_line;
}

// Its tests are in fault_sweep.cc.
class FaultSweep : public testing::TestWithParam<Sweep> {};

}  // namespace tine

#endif  // TESTS_SIM_FAULT_SWEEP_H_
