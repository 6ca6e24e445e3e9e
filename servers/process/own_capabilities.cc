// What happens to capabilities when ids change and programs are run.
#include "servers/process/own_capabilities.h"

#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

CapabilitySets usual(const Credentials& its) {
  return capabilities_of_ids(its.uid, its.euid, its.suid, its.fsuid);
}

bool has_root(const Credentials& its) {
  return its.uid == 0 || its.euid == 0 || its.suid == 0;
}

}  // namespace

CapabilitySets ProcessServer::capabilities_of(const Task& task) const {
  const OwnCapabilities* own = task.inherited.capabilities;
  return own != nullptr ? own->sets : usual(task.credentials());
}

u32 ProcessServer::secure_bits_of(const Task& task) const {
  const OwnCapabilities* own = task.inherited.capabilities;
  return own != nullptr ? own->secure_bits : 0;
}

// Makes sure that the thread has a record that nobody else has. False: no
// memory.
bool ProcessServer::own_capabilities(Task& task) {
  OwnCapabilities*& own = task.inherited.capabilities;
  if (own != nullptr && own->holders == 1) return true;
  OwnCapabilities* made = own_capabilities_.make();
  if (made == nullptr) return false;
  made->sets = capabilities_of(task);
  made->secure_bits = secure_bits_of(task);
  drop_capabilities(own);
  own = made;
  return true;
}

void ProcessServer::drop_capabilities(OwnCapabilities* own) {
  if (own != nullptr && --own->holders == 0) own_capabilities_.free(own);
}

// After a change of the record or the ids: one that says nothing else than the
// ids goes.
void ProcessServer::settle_capabilities(Task& task) {
  OwnCapabilities*& own = task.inherited.capabilities;
  if (own != nullptr && own->secure_bits == 0 &&
      own->sets == usual(task.credentials())) {
    drop_capabilities(own);
    own = nullptr;
  }
  board_.show_credentials(task);
}

// 0 or -ENOMEM.
i64 ProcessServer::change_capabilities(Task& task, const CapabilitySets& sets,
                                       u32 secure_bits) {
  if (!own_capabilities(task)) return -ENOMEM;
  const u64 changed =
      task.inherited.capabilities->sets.effective ^ sets.effective;
  task.inherited.capabilities->sets = sets;
  task.inherited.capabilities->secure_bits = secure_bits;
  settle_capabilities(task);
  if ((changed & capability_bit(Capability::kIpcLock)) != 0) {
    tell_lock_limit(task);
  }
  return 0;
}

// cap_task_fix_setuid(), of a thread with a record of its own.
void ProcessServer::fix_after_setuid(Task& task, const Credentials& old) {
  OwnCapabilities& own = *task.inherited.capabilities;
  const Credentials& its = task.credentials();
  if ((own.secure_bits & kSecureNoSetuidFixup) != 0) return;
  CapabilitySets& sets = own.sets;
  if (has_root(old) && !has_root(its)) {
    if ((own.secure_bits & kSecureKeepCaps) == 0) {
      sets.permitted = sets.effective = 0;
    }
    sets.ambient = 0;
  }
  if (old.euid == 0 && its.euid != 0) sets.effective = 0;
  if (old.euid != 0 && its.euid == 0) sets.effective = sets.permitted;
  // setfsuid() alone
  if (old.euid == its.euid && old.fsuid == 0 && its.fsuid != 0) {
    sets.effective &= ~kFileCapabilities;
  }
  if (old.euid == its.euid && old.fsuid != 0 && its.fsuid == 0) {
    sets.effective |= sets.permitted & kFileCapabilities;
  }
}

// cap_bprm_creds_from_file(), as no file has capabilities. The ids are those
// after the exec.
void ProcessServer::fix_after_exec(Task& task) {
  OwnCapabilities* own = task.inherited.capabilities;
  if (own == nullptr) [[likely]]
    return;
  const Credentials& its = task.credentials();
  CapabilitySets& sets = own->sets;
  const bool is_rootless = (own->secure_bits & kSecureNoRoot) != 0;
  const bool is_root = its.euid == 0 && !is_rootless;
  const u64 most = task.inherited.no_new_privileges ? sets.permitted : ~u64{0};
  sets.permitted = sets.ambient;
  if (is_root || (its.uid == 0 && !is_rootless)) {
    sets.permitted |= sets.bounding | sets.inheritable;
  }
  sets.permitted &= most;
  sets.effective = is_root ? sets.permitted : sets.ambient;
  own->secure_bits &= ~u32{kSecureKeepCaps};
  settle_capabilities(task);
}

}  // namespace tine::process
