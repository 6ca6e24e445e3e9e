#include "servers/process/sysv/ipc_object.h"

#include "servers/linux_abi/errno.h"

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
  object.uid = object.cuid = request.by.euid;
  object.gid = object.cgid = request.by.egid;
  object.mode = request.flags & kIpcModeMask;
}

bool may_use(const Credentials& by, const IpcObject& object, u32 wanted) {
  const u32 requested = wanted >> 6 | wanted >> 3 | wanted;
  u32 granted = object.mode;
  if (by.euid == object.cuid || by.euid == object.uid) {
    granted >>= 6;
  } else if (is_in_group(by, object.cgid) || is_in_group(by, object.gid)) {
    granted >>= 3;
  }
  return (requested & ~granted & 7) == 0 || by.is_root();
}

bool may_change(const Credentials& by, const IpcObject& object) {
  return by.euid == object.cuid || by.euid == object.uid || by.is_root();
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
