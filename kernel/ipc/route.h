// Routes: which server carries out which system call of a managed thread. A
// route is shared by all threads that were cloned from one another (A19).
#ifndef KERNEL_IPC_ROUTE_H_
#define KERNEL_IPC_ROUTE_H_

#include "kernel/abi/batch.h"
#include "kernel/base/object.h"

namespace tine {

struct Endpoint;

inline constexpr u64 kRoutedCalls = 512;

struct RouteTable {
  Object object;
  Endpoint* endpoints[3];   // by Route; any may be null
  u8 choice[kRoutedCalls];  // a Route for each number

  // Unknown numbers go to the process server.
  Endpoint* endpoint_of(u64 number) const {
    if (number >= kRoutedCalls) [[unlikely]]
      return process();
    return endpoints[choice[number]];
  }
  void set(u64 number, Route route) { choice[number] = static_cast<u8>(route); }
  Endpoint* process() const { return endpoints[u64(Route::kProcess)]; }
  Endpoint* memory() const { return endpoints[u64(Route::kMemory)]; }
};

}  // namespace tine

#endif  // KERNEL_IPC_ROUTE_H_
