// sendto, recvfrom, sendmsg, recvmsg and their kin.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

// Sends all that `transfer` has, waiting as the socket does. What came with the
// bytes is taken by the first of them.
i64 VfsServer::send_all(Call& call, u32 fd, OpenFile& file, Transfer& transfer,
                        SentWith& with) {
  Socket& socket = static_cast<Socket&>(*file.operations);
  Socket* const to = with.to != nullptr ? with.to : socket.peer;
  transfer.skip(call.progress);
  const i64 done = socket.send(call, transfer, with);
  if (done > 0) call.progress += static_cast<u64>(done);
  const i64 so_far = static_cast<i64>(call.progress);
  const bool is_short = done > 0 && transfer.left() != 0 &&
                        !transfer.has_failed() && socket.is_stream();
  if (done != -EAGAIN && !is_short) return so_far != 0 ? so_far : done;
  if (!may_wait(call, file, with.flags, socket.send_timeout)) {
    return so_far != 0 ? so_far : -EAGAIN;
  }
  pin(call, fd, file);
  const i64 waiting = wait_on(call, to != nullptr ? to->room : socket.room);
  return waiting == kWithheld || so_far == 0 ? waiting : so_far;
}

i64 VfsServer::receive_some(Call& call, u32 fd, OpenFile& file,
                            Transfer& transfer, SentWith& with) {
  Socket& socket = static_cast<Socket&>(*file.operations);
  transfer.skip(call.progress);
  const i64 done = socket.receive(call, transfer, with);
  if (done > 0 && socket.is_stream()) call.progress += static_cast<u64>(done);
  const i64 so_far = static_cast<i64>(call.progress);
  const bool is_enough = (with.flags & kMessageWaitAll) == 0 &&
                         call.progress >= socket.receive_low;
  const bool is_short = done > 0 && transfer.left() != 0 &&
                        !transfer.has_failed() && socket.is_stream() &&
                        !is_enough && (with.flags & kMessagePeek) == 0 &&
                        with.rights == nullptr;
  if (done != -EAGAIN && !is_short) return so_far != 0 ? so_far : done;
  if (!may_wait(call, file, with.flags, socket.receive_timeout)) {
    return so_far != 0 ? so_far : -EAGAIN;
  }
  if (socket.has_ended() && done == -EAGAIN) return so_far;
  pin(call, fd, file);
  const i64 waiting = wait_on(call, socket.arrived);
  return waiting == kWithheld || so_far == 0 ? waiting : so_far;
}

i64 VfsServer::sys_sendto(Call& call) {
  const u32 fd = call.as_u32(0);
  OpenFile* open = file(call, fd);
  i64 error;
  Socket* socket = socket_of(open, error);
  if (socket == nullptr) return error;
  const u64 bytes = call[2] < kMaxTransfer ? call[2] : kMaxTransfer;
  if (!UserMemory::is_plausible(call[1], bytes)) return -EFAULT;
  SentWith with{.flags = call.as_u32(3)};
  if (call[4] != 0 && call.as_u32(5) != 0) {
    error = get_target(call, *socket, call[4], call.as_u32(5), with);
    if (error != 0) return error;
  }
  Transfer transfer(call.user, call[1], bytes);
  return send_all(call, fd, *open, transfer, with);
}

// Where a message with an address goes.
i64 VfsServer::get_target(Call& call, Socket& socket, u64 address, u32 bytes,
                          SentWith& with) {
  if (socket.is_datagram()) {
    SocketName name;
    const i64 error = get_socket_name(call, address, bytes, name);
    return error != 0 ? error : find_socket(call, name, socket.type, with.to);
  }
  // Nobody looks at what it says.
  constexpr u32 kMostBytes = 128;  // struct sockaddr_storage
  u8 unread[kMostBytes];
  if (bytes > kMostBytes) return -EINVAL;
  if (call.user.in(address, unread, bytes) != bytes) return -EFAULT;
  if (!socket.is_stream()) return 0;
  return socket.state == Socket::State::kConnected ? -EISCONN : -EOPNOTSUPP;
}

i64 VfsServer::sys_recvfrom(Call& call) {
  const u32 fd = call.as_u32(0);
  OpenFile* open = file(call, fd);
  i64 error;
  if (socket_of(open, error) == nullptr) return error;
  const u64 bytes = call[2] < kMaxTransfer ? call[2] : kMaxTransfer;
  if (!UserMemory::is_plausible(call[1], bytes)) return -EFAULT;
  SentWith with{.flags = call.as_u32(3)};
  Transfer transfer(call.user, call[1], bytes);
  const i64 result = receive_some(call, fd, *open, transfer, with);
  if (with.rights != nullptr) sockets_.packets.free(*with.rights);
  if (result < 0) return result;
  if (call[4] == 0) return result;
  // A stream's bytes come from nobody in particular.
  if (!with.has_packet || static_cast<Socket*>(open->operations)->is_stream()) {
    error = call.user.put(call[5], u32{0});
  } else if (with.from.bytes == 0) {
    error = call.user.put(call[5], u32{0});
  } else {
    error = put_socket_name(call, with.from, call[4], call[5]);
  }
  return error != 0 ? error : result;
}

i64 VfsServer::get_message_vectors(Call& call, const MessageHeader& header) {
  if (header.vector_count > kMaxIoVectors) return -EMSGSIZE;
  const i64 error =
      get_vectors(call, header.vectors, static_cast<u32>(header.vector_count));
  return error == -EINVAL ? -EMSGSIZE : error;
}

i64 VfsServer::send_message(Call& call, u32 fd, const MessageHeader& header,
                            u32 flags) {
  OpenFile* open = file(call, fd);
  i64 error;
  Socket* socket = socket_of(open, error);
  if (socket == nullptr) return error;
  error = get_message_vectors(call, header);
  if (error != 0) return error;
  SentWith with{.flags = flags};
  if (header.name != 0 && header.name_bytes != 0) {
    error = get_target(call, *socket, header.name, header.name_bytes, with);
    if (error != 0) return error;
  }
  // What goes with the first bytes has gone when the call is run again.
  if (call.progress == 0 && header.control_bytes != 0) {
    error = get_control(call, header, with);
  }
  i64 result = error;
  if (error == 0) {
    Transfer transfer(call.user, vectors_, header.vector_count);
    result = send_all(call, fd, *open, transfer, with);
  }
  if (with.rights != nullptr) sockets_.packets.free(*with.rights);
  return result;
}

i64 VfsServer::receive_message(Call& call, u32 fd, u64 address, u32 flags) {
  OpenFile* open = file(call, fd);
  i64 error;
  Socket* socket = socket_of(open, error);
  if (socket == nullptr) return error;
  MessageHeader header;
  if (!call.user.get(address, header)) return -EFAULT;
  error = get_message_vectors(call, header);
  if (error != 0) return error;
  SentWith with{.flags = flags};
  Transfer transfer(call.user, vectors_, header.vector_count);
  const i64 result = receive_some(call, fd, *open, transfer, with);
  if (result < 0) {
    if (with.rights != nullptr) sockets_.packets.free(*with.rights);
    return result;
  }
  u32 name_bytes = 0;
  if (header.name != 0 && with.has_packet && with.from.bytes != 0 &&
      !socket->is_stream()) {
    error = put_socket_name_bytes(call, with.from, header.name,
                                  header.name_bytes, name_bytes);
  }
  u64 control_bytes = 0;
  if (error == 0) {
    control_bytes = put_control(call, *socket, header, flags, with);
  }
  if (with.rights != nullptr) sockets_.packets.free(*with.rights);
  header.name_bytes = name_bytes;
  header.control_bytes = control_bytes;
  header.flags = with.answer_flags | (flags & kMessageCloseOnExec);
  if (error == 0) error = call.user.put(address, header);
  return error != 0 ? error : result;
}

i64 VfsServer::sys_sendmsg(Call& call) {
  i64 error;
  if ((call.as_u32(2) & kMessageCompat) != 0) return -EINVAL;
  if (socket_of(file(call, call[0]), error) == nullptr) return error;
  MessageHeader header;
  if (!call.user.get(call[1], header)) return -EFAULT;
  return send_message(call, call.as_u32(0), header, call.as_u32(2));
}

i64 VfsServer::sys_recvmsg(Call& call) {
  if ((call.as_u32(2) & kMessageCompat) != 0) return -EINVAL;
  return receive_message(call, call.as_u32(0), call[1], call.as_u32(2));
}

// sendmmsg and recvmmsg. Each message is waited for; how many are done a call
// that waits keeps as its result for when a signal ends it.
i64 VfsServer::sys_sendmmsg(Call& call, bool receives) {
  constexpr u64 kStride = 64;        // of struct mmsghdr
  constexpr u32 kMostAtOnce = 1024;  // UIO_MAXIOV
  u32 flags = call.as_u32(3);
  if ((flags & kMessageCompat) != 0) return -EINVAL;
  const u64 limit_at = receives ? call[4] : 0;
  if (limit_at != 0 && !call.is_again) {
    Timespec limit;
    if (!call.user.get(limit_at, limit)) return -EFAULT;
    if (!is_valid(limit)) return -EINVAL;
    if (to_ns(limit) != 0) set_timeout(call, to_ns(limit));
  }
  i64 error;
  if (socket_of(file(call, call[0]), error) == nullptr) return error;
  u32 count = call.as_u32(2);
  if (count > kMostAtOnce) count = kMostAtOnce;
  u32 done =
      call.if_interrupted > 0 ? static_cast<u32>(call.if_interrupted) : 0;
  while (done < count) {
    const bool waits = done == 0 || (flags & kMessageWaitForOne) == 0;
    const u32 how = waits ? flags : flags | kMessageDontWait;
    const u64 at = call[1] + done * kStride;
    i64 result;
    MessageHeader header;
    if (receives) {
      result = receive_message(call, call.as_u32(0), at, how);
    } else if (!call.user.get(at, header)) {
      result = -EFAULT;
    } else {
      result = send_message(call, call.as_u32(0), header, how);
    }
    if (result == kWithheld) {
      if (done != 0) call.if_interrupted = done;
      return kWithheld;
    }
    if (result >= 0) {
      result =
          call.user.put(at + sizeof(MessageHeader), static_cast<u32>(result));
    }
    if (result < 0) {
      if (done == 0) return result;
      break;
    }
    call.progress = 0;
    ++done;
    // The time is looked at after each message only.
    if (limit_at != 0 &&
        (call.deadline == 0 || sys::clock_ns() >= call.deadline)) {
      break;
    }
  }
  if (done != 0) put_remaining(call, limit_at, TimeForm::kTimespec);
  return done;
}

}  // namespace tine::vfs
