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
  // By Route; any may be null. The fourth is never chosen, but there for every
  // value of two bits.
  Endpoint* endpoints[4];
  u64 choice[kRoutedCalls / 32];  // two bits a number

  // Unknown numbers go to the process server.
  Endpoint* endpoint_of(u64 number) const {
    if (number >= kRoutedCalls) [[unlikely]]
      return process();
    return endpoints[choice[number / 32] >> (number % 32 * 2) & 3];
  }
  void set(u64 number, Route route) {
    u64& word = choice[number / 32];
    const u64 shift = number % 32 * 2;
    word = (word & ~(u64{3} << shift)) | static_cast<u64>(route) << shift;
  }
  Endpoint* process() const { return endpoints[u64(Route::kProcess)]; }
  Endpoint* memory() const { return endpoints[u64(Route::kMemory)]; }
};

}  // namespace tine

#endif  // KERNEL_IPC_ROUTE_H_
