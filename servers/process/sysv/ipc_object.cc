#include "servers/process/sysv/ipc_object.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/own_capabilities.h"

namespace tine::process::sysv {

using namespace linux_abi;

namespace {

bool is_in_group(const Credentials& by, u32 group) {
  if (by.fsgid == group) return true;
  for (u32 i = 0; i < by.group_count; ++i) {
    if (by.groups[i] == group) return true;
  }
  return false;
}

}  // namespace

void own(IpcObject& object, const GetRequest& request) {
  object.key = request.key;
  const Credentials& by = request.by.credentials();
  object.uid = object.cuid = by.euid;
  object.gid = object.cgid = by.egid;
  object.mode = request.flags & kIpcModeMask;
}

bool may_use(const Task& by, const IpcObject& object, u32 wanted) {
  const Credentials& ids = by.credentials();
  const u32 requested = wanted >> 6 | wanted >> 3 | wanted;
  u32 granted = object.mode;
  if (ids.euid == object.cuid || ids.euid == object.uid) {
    granted >>= 6;
  } else if (is_in_group(ids, object.cgid) || is_in_group(ids, object.gid)) {
    granted >>= 3;
  }
  return (requested & ~granted & 7) == 0 ||
         is_capable(by, Capability::kIpcOwner);
}

bool may_change(const Task& by, const IpcObject& object) {
  const u32 euid = by.credentials().euid;
  return euid == object.cuid || euid == object.uid ||
         is_capable(by, Capability::kSysAdmin);
}

IpcPermissions permissions_of(const IpcObject& object) {
  return {.key = object.key,
          .uid = object.uid,
          .gid = object.gid,
          .cuid = object.cuid,
          .cgid = object.cgid,
          .mode = object.mode,
          .sequence = static_cast<u16>(object.sequence),
          .padding = {},
          .reserved = {}};
}

i64 set_permissions(IpcObject& object, const IpcPermissions& to) {
  constexpr u32 kNobody = ~u32{0};
  if (to.uid == kNobody || to.gid == kNobody) return -EINVAL;
  object.uid = to.uid;
  object.gid = to.gid;
  object.mode = (object.mode & ~kIpcModeMask) | (to.mode & kIpcModeMask);
  return 0;
}

}  // namespace tine::process::sysv
