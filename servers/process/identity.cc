// Who a thread is: pids, user and group ids.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u32 kKeep = ~u32{0};  // -1: leave this id as it is

// The rules for users and groups are the same; these are the three ids and the
// file system's of either.
struct Ids {
  u32& real;
  u32& effective;
  u32& saved;
  u32& file_system;

  bool has(u32 id) const {
    return id == real || id == effective || id == saved;
  }
};
Ids users_of(Credentials& c) { return {c.uid, c.euid, c.suid, c.fsuid}; }
Ids groups_of(Credentials& c) { return {c.gid, c.egid, c.sgid, c.fsgid}; }

i64 set_id(Ids ids, bool is_able, u32 id) {
  if (id == kKeep) return -EINVAL;
  if (is_able) {
    ids.real = ids.saved = id;
  } else if (id != ids.real && id != ids.saved) {
    return -EPERM;
  }
  ids.effective = ids.file_system = id;
  return 0;
}

i64 set_real_effective(Ids ids, bool is_able, u32 real, u32 effective) {
  if (!is_able) {
    if (real != kKeep && real != ids.real && real != ids.effective) {
      return -EPERM;
    }
    if (effective != kKeep && !ids.has(effective)) return -EPERM;
  }
  const u32 old_real = ids.real;
  if (real != kKeep) ids.real = real;
  if (effective != kKeep) ids.effective = effective;
  if (real != kKeep || (effective != kKeep && effective != old_real)) {
    ids.saved = ids.effective;
  }
  ids.file_system = ids.effective;
  return 0;
}

i64 set_all(Ids ids, bool is_able, u32 real, u32 effective, u32 saved) {
  if (!is_able) {
    for (const u32 id : {real, effective, saved}) {
      if (id != kKeep && !ids.has(id)) return -EPERM;
    }
  }
  if (real != kKeep) ids.real = real;
  if (effective != kKeep) ids.effective = effective;
  if (saved != kKeep) ids.saved = saved;
  ids.file_system = ids.effective;
  return 0;
}

// Answers the old id whether or not it changed.
i64 set_file_system(Ids ids, bool is_able, u32 id) {
  const u32 old = ids.file_system;
  if (id != kKeep && (is_able || ids.has(id) || id == old))
    ids.file_system = id;
  return old;
}

}  // namespace

Outcome ProcessServer::sys_getpid(const Call& call) {
  return call.result(pids_.own_pid(call.task));
}
Outcome ProcessServer::sys_gettid(const Call& call) {
  return call.result(pids_.own_tid(call.task));
}
Outcome ProcessServer::sys_getppid(const Call& call) {
  return call.result(pids_.own_parent(call.task));
}
Outcome ProcessServer::sys_getuid(const Call& call) {
  return call.result(call.task.credentials().uid);
}
Outcome ProcessServer::sys_geteuid(const Call& call) {
  return call.result(call.task.credentials().euid);
}
Outcome ProcessServer::sys_getgid(const Call& call) {
  return call.result(call.task.credentials().gid);
}
Outcome ProcessServer::sys_getegid(const Call& call) {
  return call.result(call.task.credentials().egid);
}

Outcome ProcessServer::write_ids(const Call& call, u32 first, u32 second,
                                 u32 third) {
  const u32 ids[3] = {first, second, third};
  for (unsigned i = 0; i < 3; ++i) {
    if (user_.write(*call.task.mm, call.argument(i), ids[i]) != 0) {
      return call.result(-EFAULT);
    }
  }
  return call.result(0);
}
Outcome ProcessServer::sys_getresuid(const Call& call) {
  const Credentials& c = call.task.credentials();
  return write_ids(call, c.uid, c.euid, c.suid);
}
Outcome ProcessServer::sys_getresgid(const Call& call) {
  const Credentials& c = call.task.credentials();
  return write_ids(call, c.gid, c.egid, c.sgid);
}

// `change` of the caller's ids, shown to the servers below.
template <typename F>
Outcome ProcessServer::change_ids(const Call& call, F change) {
  Task& task = call.task;
  Credentials& c = task.credentials();
  const Credentials old = c;
  i64 result;
  if (task.inherited.capabilities == nullptr) [[likely]] {
    result = change(c);
  } else {
    if (!own_capabilities(task)) return call.result(-ENOMEM);
    result = change(c);
    fix_after_setuid(task, old);
    settle_capabilities(task);
  }
  // commit_creds(): what it knows may not be for whom it has become.
  if (c.euid != old.euid || c.egid != old.egid || c.fsuid != old.fsuid ||
      c.fsgid != old.fsgid) {
    task.process->dumpable = 0;
    task.death_signal = 0;
    board_.show_flags(task);
  }
  board_.show_credentials(call.task);
  tell_lock_limit(call.task);
  return call.result(result);
}

Outcome ProcessServer::sys_setuid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_id(users_of(c), is_capable(call.task, Capability::kSetuid),
                  call.uint_argument(0));
  });
}
Outcome ProcessServer::sys_setgid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_id(groups_of(c), is_capable(call.task, Capability::kSetgid),
                  call.uint_argument(0));
  });
}
Outcome ProcessServer::sys_setreuid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_real_effective(users_of(c),
                              is_capable(call.task, Capability::kSetuid),
                              call.uint_argument(0), call.uint_argument(1));
  });
}
Outcome ProcessServer::sys_setregid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_real_effective(groups_of(c),
                              is_capable(call.task, Capability::kSetgid),
                              call.uint_argument(0), call.uint_argument(1));
  });
}
Outcome ProcessServer::sys_setresuid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_all(users_of(c), is_capable(call.task, Capability::kSetuid),
                   call.uint_argument(0), call.uint_argument(1),
                   call.uint_argument(2));
  });
}
Outcome ProcessServer::sys_setresgid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_all(groups_of(c), is_capable(call.task, Capability::kSetgid),
                   call.uint_argument(0), call.uint_argument(1),
                   call.uint_argument(2));
  });
}
Outcome ProcessServer::sys_setfsuid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_file_system(users_of(c),
                           is_capable(call.task, Capability::kSetuid),
                           call.uint_argument(0));
  });
}
Outcome ProcessServer::sys_setfsgid(const Call& call) {
  return change_ids(call, [&](Credentials& c) {
    return set_file_system(groups_of(c),
                           is_capable(call.task, Capability::kSetgid),
                           call.uint_argument(0));
  });
}

Outcome ProcessServer::sys_getgroups(const Call& call) {
  const Credentials& c = call.task.credentials();
  const i32 room = call.int_argument(0);
  if (room < 0) return call.result(-EINVAL);
  if (room != 0) {
    if (c.group_count > static_cast<u32>(room)) return call.result(-EINVAL);
    if (user_.write(*call.task.mm, call.argument(1), c.groups,
                    c.group_count * sizeof(u32)) != 0) {
      return call.result(-EFAULT);
    }
  }
  return call.result(c.group_count);
}

Outcome ProcessServer::sys_setgroups(const Call& call) {
  Credentials& c = call.task.credentials();
  const u32 count = call.uint_argument(0);
  if (!is_capable(call.task, Capability::kSetgid)) return call.result(-EPERM);
  if (count > kMostGroups) return call.result(-EINVAL);
  u32 groups[kMostGroups];
  if (user_.read(*call.task.mm, call.argument(1), groups,
                 count * sizeof(u32)) != 0) {
    return call.result(-EFAULT);
  }
  // groups_sort(): getgroups answers them in order.
  for (u32 i = 0; i < count; ++i) {
    u32 at = i;
    for (; at > 0 && c.groups[at - 1] > groups[i]; --at) {
      c.groups[at] = c.groups[at - 1];
    }
    c.groups[at] = groups[i];
  }
  c.group_count = count;
  board_.show_credentials(call.task);
  return call.result(0);
}

}  // namespace tine::process
