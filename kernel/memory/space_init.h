// What making a new space and forking one have in common.
#ifndef KERNEL_MEMORY_SPACE_INIT_H_
#define KERNEL_MEMORY_SPACE_INIT_H_

#include "kernel/memory/space.h"

namespace tine {

// Pays for pending teardown, takes the root and sets all fields but `object`
// and `root_live`, which the caller writes once.
Status space_init(Space& space, Pool& pool, SpaceKind kind, u64 badge);

}  // namespace tine

#endif  // KERNEL_MEMORY_SPACE_INIT_H_
