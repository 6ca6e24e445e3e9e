// getsockopt and setsockopt.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/time.h"
#include "servers/vfs/board.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kLeastBuffer = 4608;
constexpr u32 kMostBuffer = 212'992;

// sock_setsockopt(): what is asked for is doubled, for bookkeeping.
u32 buffer_size(u32 asked) {
  if (asked > kMostBuffer) asked = kMostBuffer;
  return 2 * asked < kLeastBuffer ? kLeastBuffer : 2 * asked;
}

}  // namespace

// At most as many bytes of the value as there is room for, and how many.
i64 VfsServer::put_option(Call& call, const void* value, u32 bytes) {
  i32 room;
  if (!call.user.get(call[4], room)) return -EFAULT;
  if (room < 0) return -EINVAL;
  if (static_cast<u32>(room) < bytes) bytes = static_cast<u32>(room);
  const i64 error = call.user.put_bytes(call[3], value, bytes);
  return error != 0 ? error : call.user.put(call[4], bytes);
}

i64 VfsServer::sys_getsockopt(Call& call) {
  i64 error;
  Socket* socket = socket_of(file(call, call[0]), error);
  if (socket == nullptr) return error;
  if (call.as_int(1) != kSocketLevel) return -EOPNOTSUPP;
  i32 room;
  if (!call.user.get(call[4], room)) return -EFAULT;
  if (room < 0) return -EINVAL;
  i32 value = 0;
  switch (call.as_int(2)) {
    case kOptionType:
      value = static_cast<i32>(socket->type);
      break;
    case kOptionError:
      value = socket->error;
      socket->error = 0;
      break;
    case kOptionSendBuffer:
      value = static_cast<i32>(socket->send_buffer);
      break;
    case kOptionReceiveBuffer:
      value = static_cast<i32>(socket->receive_buffer);
      break;
    case kOptionPassCredentials:
      value = socket->passes_credentials ? 1 : 0;
      break;
    case kOptionAccepts:
      value = socket->state == Socket::State::kListening ? 1 : 0;
      break;
    case kOptionDomain:
      value = kFamilyUnix;
      break;
    case kOptionPeerCredentials: {
      SocketCredentials peer = socket->peer_credentials;
      peer.pid = seen_by(call.task.cookie, peer.pid);
      return put_option(call, &peer, sizeof(peer));
    }
    case kOptionReceiveTimeout:
    case kOptionSendTimeout: {
      const Timeval time = to_timeval(call.as_int(2) == kOptionSendTimeout
                                          ? socket->send_timeout
                                          : socket->receive_timeout);
      return put_option(call, &time, sizeof(time));
    }
    case kOptionLinger: {
      const i32 none[2] = {};
      return put_option(call, none, sizeof(none));
    }
    case kOptionDebug:
    case kOptionReuseAddress:
    case kOptionDontRoute:
    case kOptionBroadcast:
    case kOptionKeepAlive:
    case kOptionPriority:
    case kOptionReusePort:
    case kOptionProtocol:
      break;
    default:
      return -ENOPROTOOPT;
  }
  return put_option(call, &value, sizeof(value));
}

i64 VfsServer::set_socket_timeout(Call& call, u64& timeout) {
  constexpr i64 kMicroseconds = 1'000'000;
  Timeval time;
  if (call.as_u32(4) < sizeof(time)) return -EINVAL;
  if (!call.user.get(call[3], time)) return -EFAULT;
  if (time.microseconds < 0 || time.microseconds >= kMicroseconds) return -EDOM;
  timeout =
      time.seconds < 0 ? 1 : to_ns({time.seconds, time.microseconds * 1000});
  return 0;
}

i64 VfsServer::sys_setsockopt(Call& call) {
  i64 error;
  Socket* socket = socket_of(file(call, call[0]), error);
  if (socket == nullptr) return error;
  if (call.as_int(4) < 0) return -EINVAL;
  if (call.as_int(1) != kSocketLevel) return -EOPNOTSUPP;
  if (call.as_int(2) == kOptionReceiveTimeout) {
    return set_socket_timeout(call, socket->receive_timeout);
  }
  if (call.as_int(2) == kOptionSendTimeout) {
    return set_socket_timeout(call, socket->send_timeout);
  }
  u32 value;
  if (call.as_int(4) < static_cast<i32>(sizeof(value))) return -EINVAL;
  if (!call.user.get(call[3], value)) return -EFAULT;
  switch (call.as_int(2)) {
    case kOptionSendBuffer:
      socket->send_buffer = buffer_size(value);
      return 0;
    case kOptionReceiveBuffer:
      socket->receive_buffer = buffer_size(value);
      return 0;
    case kOptionPassCredentials:
      socket->passes_credentials = value != 0;
      return 0;
    case kOptionDebug:
    case kOptionReuseAddress:
    case kOptionDontRoute:
    case kOptionBroadcast:
    case kOptionKeepAlive:
    case kOptionPriority:
    case kOptionReusePort:
    case kOptionLinger:
      return 0;
    default:
      return -ENOPROTOOPT;
  }
}

}  // namespace tine::vfs
