// Slots of the handle table that are always the same. Those of exec/ are
// 41, 42.
#ifndef SERVERS_PROCESS_HANDLES_H_
#define SERVERS_PROCESS_HANDLES_H_

#include "kernel/abi/batch.h"

namespace tine::process {

inline constexpr Handle kRouteHandle = 40;
inline constexpr Handle kWatchedRouteHandle = 43;

}  // namespace tine::process

#endif  // SERVERS_PROCESS_HANDLES_H_
