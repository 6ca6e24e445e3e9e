// Sockets (linux/socket.h, asm-generic/socket.h, linux/un.h).
#ifndef SERVERS_LINUX_ABI_SOCKET_H_
#define SERVERS_LINUX_ABI_SOCKET_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

inline constexpr u16 kFamilyNone = 0;  // AF_UNSPEC
inline constexpr u16 kFamilyUnix = 1;

enum class SocketType : u32 {
  kStream = 1,
  kDatagram = 2,
  kRaw = 3,
  kSequencedPacket = 5,
};
inline constexpr u32 kSocketTypeMask = 0xf;  // above: flags as of open()
inline constexpr u32 kSocketTypes = 11;

// sockaddr_un: the family, then the path.
inline constexpr u32 kSocketFamilyBytes = 2;
inline constexpr u32 kSocketPathBytes = 108;

struct MessageHeader {
  u64 name;
  u32 name_bytes;
  u32 pad0;
  u64 vectors;
  u64 vector_count;
  u64 control;
  u64 control_bytes;
  u32 flags;
  u32 pad1;
};
static_assert(sizeof(MessageHeader) == 56);

struct ControlHeader {
  u64 bytes;  // with this header
  i32 level;
  i32 type;
};

// Of SCM_CREDENTIALS and SO_PEERCRED.
struct SocketCredentials {
  i32 pid;
  u32 uid;
  u32 gid;
};

enum MessageFlag : u32 {
  kMessageOutOfBand = 1,
  kMessagePeek = 2,
  kMessageControlCut = 8,
  kMessageCut = 0x20,
  kMessageDontWait = 0x40,
  kMessageWaitAll = 0x100,
  kMessageNoSignal = 0x4000,
  kMessageWaitForOne = 0x1'0000,
  kMessageCloseOnExec = 0x4000'0000,
  kMessageCompat = 0x8000'0000,  // of 32-bit programs
};

inline constexpr i32 kSocketLevel = 1;  // SOL_SOCKET
inline constexpr i32 kControlRights = 1;
inline constexpr i32 kControlCredentials = 2;
inline constexpr u32 kMostRights = 253;

enum SocketOption : i32 {
  kOptionDebug = 1,
  kOptionReuseAddress = 2,
  kOptionType = 3,
  kOptionError = 4,
  kOptionDontRoute = 5,
  kOptionBroadcast = 6,
  kOptionSendBuffer = 7,
  kOptionReceiveBuffer = 8,
  kOptionKeepAlive = 9,
  kOptionOutOfBandInline = 10,
  kOptionNoCheck = 11,
  kOptionPriority = 12,
  kOptionLinger = 13,
  kOptionBsdCompat = 14,
  kOptionReusePort = 15,
  kOptionPassCredentials = 16,
  kOptionPeerCredentials = 17,
  kOptionReceiveLow = 18,
  kOptionSendLow = 19,
  kOptionReceiveTimeout = 20,
  kOptionSendTimeout = 21,
  kOptionAccepts = 30,
  kOptionSendBufferForce = 32,
  kOptionReceiveBufferForce = 33,
  kOptionProtocol = 38,
  kOptionDomain = 39,
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_SOCKET_H_
