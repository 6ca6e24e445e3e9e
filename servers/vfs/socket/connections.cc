// socket, socketpair, listen, connect, accept, shutdown.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kMostBacklog = 4096;  // net.core.somaxconn

i64 socket_type(u32 domain, u32 type, u32 protocol, SocketType& found) {
  constexpr u32 kFamilies = 46;
  constexpr u32 kFlags = kOpenCloseOnExec | kOpenNonBlock;
  if ((type & ~kSocketTypeMask & ~kFlags) != 0) return -EINVAL;
  type &= kSocketTypeMask;
  if (domain >= kFamilies) return -EAFNOSUPPORT;
  if (type >= kSocketTypes) return -EINVAL;
  if (domain != kFamilyUnix) return -EAFNOSUPPORT;
  if (protocol != 0 && protocol != kFamilyUnix) return -EPROTONOSUPPORT;
  found = static_cast<SocketType>(type);
  switch (found) {
    case SocketType::kStream:
    case SocketType::kDatagram:
    case SocketType::kSequencedPacket:
      return 0;
    case SocketType::kRaw:
      found = SocketType::kDatagram;
      return 0;
  }
  return -ESOCKTNOSUPPORT;
}

}  // namespace

Socket* VfsServer::make_socket(Call& call, SocketType type) {
  Socket* socket = sockets_.make(type);
  if (socket == nullptr) return nullptr;
  name_nameless(call, socket->node, kModeSocket | 0777);
  socket->owner = socket_credentials(call.task);
  return socket;
}

// Null: no memory, and the socket is gone.
OpenFile* VfsServer::open_socket(Socket& socket, u32 flags) {
  OpenFile* file = store_.make_file(socket, socket.node, nullptr,
                                    kOpenReadWrite | (flags & kOpenNonBlock));
  if (file == nullptr) {
    socket.close();
  } else {
    socket.file = file;
  }
  return file;
}

i64 VfsServer::sys_socket(Call& call) {
  SocketType type;
  const u32 flags = call.as_u32(1);
  i64 error = socket_type(call.as_u32(0), flags, call.as_u32(2), type);
  if (error != 0) return error;
  Socket* socket = make_socket(call, type);
  if (socket == nullptr) return -ENFILE;
  OpenFile* file = open_socket(*socket, flags);
  if (file == nullptr) return -ENFILE;
  const i64 fd = add_descriptor(call, *file, (flags & kOpenCloseOnExec) != 0);
  if (fd < 0) discard(*file);
  return fd;
}

i64 VfsServer::sys_socketpair(Call& call) {
  SocketType type;
  const u32 flags = call.as_u32(1);
  // Linux writes the numbers first.
  i32 before[2];
  if (!call.user.get(call[3], before) || call.user.put(call[3], before) != 0)
    return -EFAULT;
  i64 error = socket_type(call.as_u32(0), flags, call.as_u32(2), type);
  if (error != 0) return error;
  Socket* a = make_socket(call, type);
  if (a == nullptr) return -ENFILE;
  Socket* b = make_socket(call, type);
  if (b == nullptr) {
    a->close();
    return -ENFILE;
  }
  Socket::connect(*a, *b);
  OpenFile* first = open_socket(*a, flags);
  if (first == nullptr) {
    b->close();
    return -ENFILE;
  }
  OpenFile* second = open_socket(*b, flags);
  if (second == nullptr) {
    discard(*first);
    return -ENFILE;
  }
  return add_pair(call, first, second, (flags & kOpenCloseOnExec) != 0,
                  call[3]);
}

i64 VfsServer::sys_listen(Call& call) {
  i64 error;
  Socket* socket = socket_of(file(call, call[0]), error);
  if (socket == nullptr) return error;
  if (socket->is_datagram()) return -EOPNOTSUPP;
  if (socket->name.bytes == 0) return -EINVAL;
  if (socket->state == Socket::State::kConnected) return -EINVAL;
  const u32 backlog = call.as_u32(1);
  socket->backlog = backlog < kMostBacklog ? backlog : kMostBacklog;
  socket->state = Socket::State::kListening;
  socket->owner = socket_credentials(call.task);
  socket->room.wake();
  return 0;
}

// May the call go on to wait, or has the socket's time for it run out?
bool VfsServer::may_wait(Call& call, const OpenFile& file, u32 flags,
                         u64 timeout) {
  if (!file.waits() || (flags & kMessageDontWait) != 0) return false;
  if (timeout != 0) {
    call.if_interrupted = -EINTR;  // made again it would wait anew
    if (!call.is_again) set_timeout(call, timeout);
  }
  return !is_over(call);
}

i64 VfsServer::connect_stream(Call& call, OpenFile& file, Socket& socket,
                              const SocketName& name) {
  Socket* listener;
  const i64 error = find_socket(call, name, socket.type, listener);
  if (error != 0) return error;
  if (listener->state != Socket::State::kListening ||
      (listener->shut & Socket::kReads) != 0) {
    return -ECONNREFUSED;
  }
  if (!listener->has_room_for_connection()) {
    if (!may_wait(call, file, 0, socket.send_timeout)) return -EAGAIN;
    pin(call, call.as_u32(0), file);
    return wait_on(call, listener->room);
  }
  if (socket.state == Socket::State::kListening) return -EINVAL;
  if (socket.state == Socket::State::kConnected) return -EISCONN;
  Socket* server = make_socket(call, socket.type);
  if (server == nullptr) return -ENOMEM;
  socket.owner = socket_credentials(call.task);
  server->owner = listener->owner;
  server->name = listener->name;
  server->send_buffer = listener->send_buffer;
  server->passes_credentials = listener->passes_credentials;
  Socket::connect(socket, *server);
  listener->add_pending(*server);
  return 0;
}

i64 VfsServer::sys_connect(Call& call) {
  const u32 fd = call.as_u32(0);
  OpenFile* open = file(call, fd);
  i64 error;
  Socket* socket = socket_of(open, error);
  if (open == nullptr) return error;
  SocketName name;
  if (socket == nullptr) {
    const i64 bad = get_socket_name(call, call[1], call.as_u32(2), name);
    return bad == -EFAULT ? bad : error;
  }
  error = get_socket_name(call, call[1], call.as_u32(2), name);
  if (!socket->is_datagram()) {
    if (error != 0) return error == -EAFNOSUPPORT ? -EINVAL : error;
    return connect_stream(call, *open, *socket, name);
  }
  // AF_UNSPEC: datagrams go nowhere in particular from now on.
  if (error == -EAFNOSUPPORT) {
    socket->leave_peer();
    socket->state = Socket::State::kUnconnected;
    return 0;
  }
  if (error != 0) return error;
  Socket* other;
  error = find_socket(call, name, socket->type, other);
  if (error != 0) return error;
  if (other->peer != nullptr && other->peer != socket) return -EPERM;
  if (socket->peer != other) {
    socket->leave_peer();
    socket->set_peer(other);
  }
  socket->state = Socket::State::kConnected;
  socket->peer_credentials = other->owner;
  return 0;
}

i64 VfsServer::sys_accept(Call& call, u32 flags) {
  const u32 fd = call.as_u32(0);
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  if ((flags & ~(kOpenCloseOnExec | kOpenNonBlock)) != 0) return -EINVAL;
  i64 error;
  Socket* socket = socket_of(open, error);
  if (socket == nullptr) return error;
  if (socket->is_datagram()) return -EOPNOTSUPP;
  if (socket->state != Socket::State::kListening) return -EINVAL;
  Socket* connection = socket->take_pending();
  if (connection == nullptr) {
    if ((socket->shut & Socket::kReads) != 0) return -EINVAL;
    if (!may_wait(call, *open, 0, socket->receive_timeout)) return -EAGAIN;
    pin(call, fd, *open);
    return wait_on(call, socket->arrived);
  }
  const SocketName from =
      connection->peer == nullptr ? SocketName{} : connection->peer->name;
  OpenFile* made = open_socket(*connection, flags);
  if (made == nullptr) return -ENFILE;
  const i64 result =
      add_descriptor(call, *made, (flags & kOpenCloseOnExec) != 0);
  if (result < 0) {
    discard(*made);
    return result;
  }
  if (call[1] == 0) return result;
  error = put_socket_name(call, from, call[1], call[2]);
  if (error == 0) return result;
  call.task.table->set(store_, static_cast<u32>(result), nullptr, false);
  return error;
}

i64 VfsServer::sys_shutdown(Call& call) {
  i64 error;
  Socket* socket = socket_of(file(call, call[0]), error);
  if (socket == nullptr) return error;
  const u32 how = call.as_u32(1);
  if (how > 2) return -EINVAL;
  socket->shut_down(how + 1);  // SHUT_RD, SHUT_WR, SHUT_RDWR
  return 0;
}

}  // namespace tine::vfs
