// struct semid64_ds, whose layout differs by architecture.
#ifndef SERVERS_LINUX_ABI_AARCH64_SEMAPHORE_STATUS_H_
#define SERVERS_LINUX_ABI_AARCH64_SEMAPHORE_STATUS_H_

#include "servers/linux_abi/ipc.h"

namespace tine::linux_abi {

struct SemaphoreStatus {
  IpcPermissions permissions;
  i64 operated;  // time of the last semop
  i64 changed;
  u64 count;
  u64 reserved[2];
};
static_assert(sizeof(SemaphoreStatus) == 88);

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_SEMAPHORE_STATUS_H_
