// What goes with a message besides its bytes: open files and credentials.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/board.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u64 kMostControl = 4096;
constexpr u64 align(u64 bytes) { return (bytes + 7) & ~u64{7}; }

i64 check_credentials(const Task& task, const SocketCredentials& given) {
  const BoardRecord* record = board_of(task.cookie);
  if (record == nullptr) return 0;
  const u64 able = capabilities_of(*record).effective;
  const auto may = [&](Capability capability) {
    return (able & capability_bit(capability)) != 0;
  };
  // scm_check_creds()
  const bool is_fine =
      (given.pid == seen_by(task.cookie, record->tgid) ||
       may(Capability::kSysAdmin)) &&
      (given.uid == record->uid || given.uid == record->euid ||
       given.uid == record->suid || may(Capability::kSetuid)) &&
      (given.gid == record->gid || given.gid == record->egid ||
       given.gid == record->sgid || may(Capability::kSetgid));
  return is_fine ? 0 : -EPERM;
}

}  // namespace

i64 VfsServer::get_rights(Call& call, const i32* fds, u64 count,
                          SentWith& with) {
  if (count > kMostRights) return -EINVAL;
  if (count == 0) return 0;
  if (with.rights == nullptr) {
    with.rights = sockets_.packets.make_rights();
    if (with.rights == nullptr) return -ENOMEM;
  }
  Rights& rights = *with.rights;
  if (rights.count + count > kMostRights) return -EINVAL;
  for (u64 i = 0; i < count; ++i) {
    OpenFile* open = call.task.table->get(static_cast<u32>(fds[i]));
    if (open == nullptr) return -EBADF;
    store_.ref(open);
    rights.files[rights.count++] = open;
  }
  return 0;
}

i64 VfsServer::get_control(Call& call, const MessageHeader& header,
                           SentWith& with) {
  if (header.control_bytes > kMostControl) return -ENOBUFS;
  u8* const all = bounce_;
  if (call.user.in(header.control, all, header.control_bytes) !=
      header.control_bytes) {
    return -EFAULT;
  }
  for (u64 at = 0; at + sizeof(ControlHeader) <= header.control_bytes;) {
    ControlHeader head;
    __builtin_memcpy(&head, all + at, sizeof(head));
    if (head.bytes < sizeof(head) || head.bytes > header.control_bytes - at) {
      return -EINVAL;
    }
    const u8* const data = all + at + sizeof(head);
    const u64 bytes = head.bytes - sizeof(head);
    at += align(head.bytes);
    if (head.level != kSocketLevel) continue;
    if (head.type == kControlRights) {
      i64 error = get_rights(call, reinterpret_cast<const i32*>(data),
                             bytes / sizeof(i32), with);
      if (error != 0) return error;
    } else if (head.type == kControlCredentials) {
      if (bytes != sizeof(SocketCredentials)) return -EINVAL;
      __builtin_memcpy(&with.credentials, data, bytes);
      with.has_credentials = true;
      i64 error = check_credentials(call.task, with.credentials);
      if (error != 0) return error;
      const i32 pid = pid_named_by(call.task.cookie, with.credentials.pid);
      if (pid == 0) return -ESRCH;
      with.credentials.pid = pid;
    } else {
      return -EINVAL;
    }
  }
  return 0;
}

// Descriptors for files that came, as many as there is room for; the bytes that
// tell of them.
u64 VfsServer::put_rights(Call& call, u64 address, u64 room, bool close_on_exec,
                          SentWith& with) {
  Rights& rights = *with.rights;
  const u64 most = room < sizeof(ControlHeader)
                       ? 0
                       : (room - sizeof(ControlHeader)) / sizeof(i32);
  u64 count = 0;
  for (; count < rights.count && count < most; ++count) {
    const i64 fd = add_descriptor(call, *rights.files[count], close_on_exec);
    if (fd < 0) break;
    const u64 at = address + sizeof(ControlHeader) + count * sizeof(i32);
    if (call.user.put(at, static_cast<i32>(fd)) != 0) {
      call.task.table->set(store_, static_cast<u32>(fd), nullptr, false);
      break;
    }
  }
  if (count < rights.count) with.answer_flags |= kMessageControlCut;
  if (count == 0) return 0;
  const ControlHeader head{sizeof(ControlHeader) + count * sizeof(i32),
                           kSocketLevel, kControlRights};
  (void)call.user.put(address, head);
  const u64 used = align(head.bytes);
  return used < room ? used : room;
}

u64 VfsServer::put_control(Call& call, const Socket& socket,
                           const MessageHeader& header, u32 flags,
                           SentWith& with) {
  u64 used = 0;
  const u64 room = header.control == 0 ? 0 : header.control_bytes;
  if (socket.passes_credentials && with.has_packet) {
    struct {
      ControlHeader head;
      SocketCredentials credentials;
    } message{{sizeof(ControlHeader) + sizeof(SocketCredentials), kSocketLevel,
               kControlCredentials},
              with.credentials};
    message.credentials.pid =
        seen_by(call.task.cookie, message.credentials.pid);
    const u64 bytes = message.head.bytes;
    if (room < bytes ||
        call.user.put_bytes(header.control, &message, bytes) != 0) {
      with.answer_flags |= kMessageControlCut;
    } else {
      used = align(bytes) < room ? align(bytes) : room;
    }
  }
  if (with.rights != nullptr) {
    used += put_rights(call, header.control + used, room - used,
                       (flags & kMessageCloseOnExec) != 0, with);
  }
  return used;
}

}  // namespace tine::vfs
