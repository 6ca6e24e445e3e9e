// What segments, sets of semaphores and message queues have in common: a key, a
// number, an owner and permissions (struct kern_ipc_perm).
#ifndef SERVERS_PROCESS_SYSV_IPC_OBJECT_H_
#define SERVERS_PROCESS_SYSV_IPC_OBJECT_H_

#include "servers/linux_abi/ipc.h"
#include "servers/process/task.h"

namespace tine::process::sysv {

// Of an id the place in its table; above them is a count that tells later
// objects of that place apart.
inline constexpr u32 kIndexBits = 15;
inline constexpr u32 kMostObjects = u32{1} << kIndexBits;

struct IpcObject {
  i32 key = linux_abi::kIpcPrivate;
  u32 index = 0;
  u32 sequence = 0;
  u32 uid = 0, gid = 0, cuid = 0, cgid = 0;
  u32 mode = 0;
  IpcObject* next = nullptr;  // of those whose index has the same hash
  IpcObject* next_of_key = nullptr;

  i32 id() const { return static_cast<i32>(sequence << kIndexBits | index); }
};

// Which object a get call means.
struct GetRequest {
  const Task& by;
  i32 key;
  u32 flags;
};

// As whoever makes the object.
void own(IpcObject& object, const GetRequest& request);

// Whether `by` has the rights of `wanted`, in any of its three digits
// (ipcperms).
bool may_use(const Task& by, const IpcObject& object, u32 wanted);

// Whether `by` may remove the object or change its owner.
bool may_change(const Task& by, const IpcObject& object);

linux_abi::IpcPermissions permissions_of(const IpcObject& object);

// IPC_SET. 0 or -EINVAL.
i64 set_permissions(IpcObject& object, const linux_abi::IpcPermissions& to);

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_IPC_OBJECT_H_
