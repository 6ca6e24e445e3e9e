// What the servers count, counted again by a walk over what they keep.
#ifndef TESTS_SIM_REFERENCE_COUNTS_H_
#define TESTS_SIM_REFERENCE_COUNTS_H_

#include <string>

#include "tests/sim/server_bodies.h"

namespace tine {

// Tables of signal actions, mms and running programs of the process server;
// descriptor tables, their blocks and open files of the vfs server; blocks of
// areas, memory objects and the commit ledger (I7) of the memory server. To be
// called when no server is at work. Empty, or the first wrong count.
std::string check_reference_counts(const Servers& servers);

}  // namespace tine

#endif  // TESTS_SIM_REFERENCE_COUNTS_H_
