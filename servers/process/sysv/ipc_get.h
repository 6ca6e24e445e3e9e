// What shmget, semget and msgget have in common.
#ifndef SERVERS_PROCESS_SYSV_IPC_GET_H_
#define SERVERS_PROCESS_SYSV_IPC_GET_H_

#include "servers/linux_abi/errno.h"
#include "servers/process/sysv/ipc_table.h"

namespace tine::process::sysv {

// ipcget(): the id, or a negated errno. `check` says whether the object that
// has the key will do, `make` makes a new one.
template <typename T, typename Check, typename Make>
i64 get_object(const IpcTable<T>& table, const GetRequest& request, Check check,
               Make make) {
  using namespace linux_abi;
  const T* object =
      request.key == kIpcPrivate ? nullptr : table.find_key(request.key);
  if (object == nullptr) {
    if (request.key != kIpcPrivate && (request.flags & kIpcCreate) == 0) {
      return -ENOENT;
    }
    return make();
  }
  constexpr u32 kNew = kIpcCreate | kIpcExclusive;
  if ((request.flags & kNew) == kNew) return -EEXIST;
  if (const i64 error = check(*object); error != 0) return error;
  if (!may_use(request.by, *object, request.flags)) return -EACCES;
  return object->id();
}

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_IPC_GET_H_
