#include "servers/vfs/tree/credentials.h"

#include "servers/vfs/proc/tasks_view.h"

namespace tine::vfs {

// Where there is no record, it is the system that acts.
Credentials credentials_of(u64 cookie) {
  Credentials who;
  who.cookie = cookie;
  const BoardRecord* record = record_of(cookie);
  if (record == nullptr) return who;
  who.uid = record->fsuid;
  who.gid = record->fsgid;
  who.groups = record->groups;
  who.group_count = record->group_count;
  who.capabilities = capabilities_of(*record).effective;
  return who;
}

Credentials real_credentials_of(u64 cookie) {
  Credentials who = credentials_of(cookie);
  const BoardRecord* record = record_of(cookie);
  if (record == nullptr) return who;
  who.uid = record->uid;
  who.gid = record->gid;
  // As a program run by that user would have them (access_override_creds()).
  who.capabilities = who.uid == 0 ? capabilities_of(*record).permitted : 0;
  return who;
}

}  // namespace tine::vfs
