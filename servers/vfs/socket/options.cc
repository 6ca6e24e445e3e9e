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
constexpr u32 kMostPriority = 6;  // of those that anybody may have

constexpr u64 bit(i32 option) { return u64{1} << option; }
// Those that are on or off, and change nothing among sockets of one machine.
constexpr u64 kSwitches = bit(kOptionDebug) | bit(kOptionReuseAddress) |
                          bit(kOptionDontRoute) | bit(kOptionBroadcast) |
                          bit(kOptionKeepAlive) | bit(kOptionOutOfBandInline) |
                          bit(kOptionNoCheck) | bit(kOptionReusePort);
bool is_switch(i32 option) {
  return option >= 0 && option < 64 && (kSwitches & bit(option)) != 0;
}

// sock_setsockopt(): what is asked for is doubled, for bookkeeping.
u32 buffer_size(u32 asked) {
  if (asked > kMostBuffer) asked = kMostBuffer;
  return 2 * asked < kLeastBuffer ? kLeastBuffer : 2 * asked;
}

// At most as many bytes of the value as there is room for, and how many.
i64 put_option(Call& call, const void* value, u32 bytes) {
  i32 room;
  if (!call.user.get(call[4], room)) return -EFAULT;
  if (room < 0) return -EINVAL;
  if (static_cast<u32>(room) < bytes) bytes = static_cast<u32>(room);
  const i64 error = call.user.put_bytes(call[3], value, bytes);
  return error != 0 ? error : call.user.put(call[4], bytes);
}

i64 set_socket_timeout(Call& call, u64& timeout) {
  constexpr i64 kMicroseconds = 1'000'000;
  Timeval time;
  if (call.as_u32(4) < sizeof(time)) return -EINVAL;
  if (!call.user.get(call[3], time)) return -EFAULT;
  if (time.microseconds < 0 || time.microseconds >= kMicroseconds) return -EDOM;
  timeout =
      time.seconds < 0 ? 1 : to_ns({time.seconds, time.microseconds * 1000});
  return 0;
}

}  // namespace

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
    case kOptionLinger:
      return put_option(call, socket->linger, sizeof(socket->linger));
    case kOptionPriority:
      value = socket->priority;
      break;
    case kOptionReceiveLow:
      value = static_cast<i32>(socket->receive_low);
      break;
    case kOptionSendLow:
      value = 1;
      break;
    case kOptionBsdCompat:
    case kOptionProtocol:
      break;
    default:
      if (!is_switch(call.as_int(2))) return -ENOPROTOOPT;
      value = (socket->options & bit(call.as_int(2))) != 0;
  }
  return put_option(call, &value, sizeof(value));
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
  const i32 option = call.as_int(2);
  const bool is_forced =
      option == kOptionSendBufferForce || option == kOptionReceiveBufferForce;
  const bool is_admin = credentials(call.task).may(Capability::kNetAdmin);
  if (is_forced && !is_admin) return -EPERM;
  switch (option) {
    case kOptionSendBuffer:
    case kOptionSendBufferForce:
      socket->send_buffer = buffer_size(value);
      return 0;
    case kOptionReceiveBuffer:
    case kOptionReceiveBufferForce:
      socket->receive_buffer = buffer_size(value);
      return 0;
    case kOptionPassCredentials:
      socket->passes_credentials = value != 0;
      return 0;
    case kOptionPriority:
      if (value > kMostPriority && !is_admin) return -EPERM;
      socket->priority = static_cast<i32>(value);
      return 0;
    case kOptionLinger: {
      i32 linger[2];
      if (call.as_u32(4) < sizeof(linger)) return -EINVAL;
      if (!call.user.get(call[3], linger)) return -EFAULT;
      socket->linger[0] = linger[0] != 0;
      if (linger[0] != 0) socket->linger[1] = linger[1];
      return 0;
    }
    case kOptionReceiveLow:
      socket->receive_low = static_cast<i32>(value) < 0 ? u32{INT32_MAX}
                            : value == 0                ? 1
                                                        : value;
      return 0;
    case kOptionBsdCompat:
      return 0;
    default:
      if (!is_switch(option)) return -ENOPROTOOPT;
      if (option == kOptionDebug && value != 0 && !is_admin) return -EACCES;
      if (value != 0) {
        socket->options |= bit(option);
      } else {
        socket->options &= ~bit(option);
      }
      return 0;
  }
}

}  // namespace tine::vfs
