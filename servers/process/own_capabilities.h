// Capabilities of threads that have others than their ids say.
#ifndef SERVERS_PROCESS_OWN_CAPABILITIES_H_
#define SERVERS_PROCESS_OWN_CAPABILITIES_H_

#include "servers/linux_abi/capability.h"
#include "servers/process/task.h"

namespace tine::process {

// Shared by threads until one of them changes them.
struct OwnCapabilities {
  u32 holders = 1;
  u32 secure_bits = 0;
  linux_abi::CapabilitySets sets;
};

// Whether the thread may do what takes that privilege.
inline bool is_capable(const Task& task, linux_abi::Capability capability) {
  const OwnCapabilities* own = task.inherited.capabilities;
  if (own == nullptr) [[likely]]
    return task.credentials().euid == 0;
  return (own->sets.effective & linux_abi::capability_bit(capability)) != 0;
}

}  // namespace tine::process

#endif  // SERVERS_PROCESS_OWN_CAPABILITIES_H_
