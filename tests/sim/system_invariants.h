// Invariants I1 to I8 of the fork protocol over kernel and servers.
#ifndef TESTS_SIM_SYSTEM_INVARIANTS_H_
#define TESTS_SIM_SYSTEM_INVARIANTS_H_

#include <string>

#include "tests/sim/call_ledger.h"

namespace tine {

// To be called when a program is about to go on, so that no server is at work.
// Empty, or the first violation.
std::string check_system(const CallLedger& calls);

}  // namespace tine

#endif  // TESTS_SIM_SYSTEM_INVARIANTS_H_
