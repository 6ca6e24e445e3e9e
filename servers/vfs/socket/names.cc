// Names of sockets: in the file system, or abstract (unix(7)).
#include "servers/linux_abi/errno.h"
#include "servers/vfs/board.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

Socket* VfsServer::socket_of(OpenFile* file, i64& error) {
  error = file == nullptr                                 ? -EBADF
          : file->operations->kind() != FileKind::kSocket ? -ENOTSOCK
                                                          : 0;
  return error != 0 ? nullptr : static_cast<Socket*>(file->operations);
}

SocketCredentials socket_credentials(const Task& task) {
  const BoardRecord* record = board_of(task.cookie);
  if (record == nullptr) return {0, 0, 0};
  return {record->tgid, record->euid, record->egid};
}

// The address at `address`; a name of no bytes: the family alone was given.
i64 VfsServer::get_socket_name(Call& call, u64 address, u32 bytes,
                               SocketName& name) {
  u16 family = 0;
  if (bytes > kSocketFamilyBytes + kSocketPathBytes) return -EINVAL;
  if (bytes < kSocketFamilyBytes) return -EINVAL;
  if (!call.user.get(address, family)) return -EFAULT;
  if (family != kFamilyUnix) {
    return family == kFamilyNone ? -EAFNOSUPPORT : -EINVAL;
  }
  name = {};
  name.bytes = bytes - kSocketFamilyBytes;
  if (call.user.in(address + kSocketFamilyBytes, name.path, name.bytes) !=
      name.bytes) {
    return -EFAULT;
  }
  if (name.bytes == 0 || name.path[0] == '\0') return 0;
  // A path ends with its NUL, which counts, or at the end of the address.
  u32 length = 0;
  while (length < name.bytes && name.path[length] != '\0') ++length;
  if (length < kSocketPathBytes) name.path[length] = '\0';
  name.bytes = length + 1;
  return 0;
}

// To where a pointer and a length that is in and out say.
i64 VfsServer::put_socket_name(Call& call, const SocketName& name, u64 address,
                               u64 length_at) {
  i32 room;
  if (!call.user.get(length_at, room)) return -EFAULT;
  if (room < 0) return -EINVAL;
  u32 length;
  const i64 error = put_socket_name_bytes(call, name, address,
                                          static_cast<u32>(room), length);
  return error != 0 ? error : call.user.put(length_at, length);
}

i64 VfsServer::put_socket_name_bytes(Call& call, const SocketName& name,
                                     u64 address, u32 room, u32& length) {
  u8 bytes[kSocketFamilyBytes + kSocketPathBytes + 1] = {kFamilyUnix, 0};
  u32 path = name.bytes;
  if (path > kSocketPathBytes + 1) path = kSocketPathBytes + 1;
  for (u32 i = 0; i < path && i < kSocketPathBytes; ++i) {
    bytes[kSocketFamilyBytes + i] = static_cast<u8>(name.path[i]);
  }
  length = kSocketFamilyBytes + path;
  return call.user.put_bytes(address, bytes, room < length ? room : length);
}

i64 VfsServer::find_socket_path(Call& call, const SocketName& name,
                                Follow follow, Found& found) {
  u64 count = 0;
  while (count < name.bytes && name.path[count] != '\0') ++count;
  for (u64 i = 0; i < count; ++i) path_[i] = name.path[i];
  FsContext& context = *call.task.context;
  return walk_.walk(files_, credentials(call.task), *context.root,
                    *context.directory, {path_, count}, follow, found);
}

i64 VfsServer::find_socket(Call& call, const SocketName& name, SocketType type,
                           Socket*& socket) {
  socket = nullptr;
  if (name.bytes == 0) return -EINVAL;
  if (name.is_abstract()) {
    for (Socket* s = sockets_.named; s != nullptr; s = s->next_named) {
      if (s->name == name && s->type == type) socket = s;
    }
    if (socket == nullptr) return -ECONNREFUSED;
  } else {
    Found found;
    if (i64 error = find_socket_path(call, name, Follow::kYes, found);
        error != 0) {
      return error;
    }
    if (found.entry == nullptr) return -ENOENT;
    const Inode& inode = *found.entry->inode;
    if (i64 error = check_rights(credentials(call.task), inode, kAccessWrite);
        error != 0) {
      return error;
    }
    if (inode.type() != kModeSocket || inode.opened == nullptr) {
      return -ECONNREFUSED;
    }
    socket = static_cast<Socket*>(inode.opened);
  }
  return socket->type == type ? 0 : -EPROTOTYPE;
}

i64 VfsServer::bind_abstract(Socket& socket, SocketName& name) {
  const bool chooses = name.bytes == 0;
  for (u32 tries = 0; tries < 0x10'0000; ++tries) {
    if (chooses) {
      constexpr char kDigits[] = "0123456789abcdef";
      const u32 number = next_socket_name_++;
      name.bytes = 6;
      for (u32 i = 0; i < 5; ++i) {
        name.path[1 + i] = kDigits[number >> (16 - 4 * i) & 15];
      }
    }
    bool is_taken = false;
    for (Socket* s = sockets_.named; s != nullptr; s = s->next_named) {
      if (s->name == name && s->type == socket.type) is_taken = true;
    }
    if (!is_taken) {
      socket.name = name;
      socket.next_named = sockets_.named;
      sockets_.named = &socket;
      return 0;
    }
    if (!chooses) return -EADDRINUSE;
  }
  return -ENOSPC;
}

i64 VfsServer::bind_path(Call& call, Socket& socket, const SocketName& name) {
  const Credentials who = credentials(call.task);
  Found found;
  i64 error = find_socket_path(call, name, Follow::kNever, found);
  if (error != 0) return error;
  if (found.entry != nullptr) return -EADDRINUSE;
  if (socket.name.bytes != 0) return -EINVAL;
  if (found.trailing_slash) return -ENOENT;
  if (error = may_change(*found.parent->inode); error != 0) return error;
  if (error = check_add(who, *found.parent->inode); error != 0) return error;
  Inode* inode = files_.make_inode(
      kModeSocket | (0777 & ~call.task.context->umask), now());
  if (inode == nullptr) return -ENOSPC;
  set_owner(who, *found.parent->inode, *inode);
  Entry* entry = files_.add(*found.parent, found.name, *inode);
  if (entry == nullptr) {
    files_.discard(*inode);
    return -ENOSPC;
  }
  touch_directory(*found.parent);
  tell_directory(*found.parent, found.name, false, kInCreate);
  refer(socket.entry, entry);
  inode->opened = &socket;
  socket.name = name;
  return 0;
}

i64 VfsServer::sys_bind(Call& call) {
  i64 error;
  Socket* socket = socket_of(file(call, call[0]), error);
  if (socket == nullptr) return error;
  SocketName name;
  error = get_socket_name(call, call[1], call.as_u32(2), name);
  if (error != 0) return error == -EAFNOSUPPORT ? -EINVAL : error;
  if (name.bytes != 0 && !name.is_abstract()) {
    return bind_path(call, *socket, name);
  }
  if (socket->name.bytes != 0) return name.bytes == 0 ? 0 : -EINVAL;
  return bind_abstract(*socket, name);
}

i64 VfsServer::sys_getsockname(Call& call, bool peer) {
  i64 error;
  Socket* socket = socket_of(file(call, call[0]), error);
  if (socket == nullptr) return error;
  if (!peer) return put_socket_name(call, socket->name, call[1], call[2]);
  if (socket->peer == nullptr) return -ENOTCONN;
  return put_socket_name(call, socket->peer->name, call[1], call[2]);
}

}  // namespace tine::vfs
