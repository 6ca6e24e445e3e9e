// Results of native kernel calls and batch operations.
#ifndef KERNEL_ABI_STATUS_H_
#define KERNEL_ABI_STATUS_H_

#include "kernel/base/types.h"

namespace tine {

enum class [[nodiscard]] Status : i32 {
  kOk = 0,
  kInvalid = -1,    // malformed argument: range, alignment, unknown operation
  kBadHandle = -2,  // no such handle, or it names an object of another type
  kDenied = -3,     // the handle lacks the right
  kNoMemory = -4,   // the pool has no frame left
  kBusy = -5,       // the slot is taken, or the object is in another state
  kStale = -6,      // the object or reply token has been revoked since
  kFault = -7,      // memory not mapped with the right; see the fault address
  kDied = -8,       // the server that held the call is gone
  kMore = -9,       // progressive operation: not finished, call again
  kTooLarge = -10,  // a count is above its documented bound
};

}  // namespace tine

#endif  // KERNEL_ABI_STATUS_H_
