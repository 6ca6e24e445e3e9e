// epoll (linux/eventpoll.h). The layout of an event is in arch/epoll_event.h.
#ifndef SERVERS_LINUX_ABI_EPOLL_H_
#define SERVERS_LINUX_ABI_EPOLL_H_

#include "servers/linux_abi/file.h"

namespace tine::linux_abi {

enum EpollOperation : i32 {
  kEpollAdd = 1,
  kEpollDelete = 2,
  kEpollModify = 3,
};

// Events are POLL*; beside them:
inline constexpr u32 kEpollExclusive = u32{1} << 28;
inline constexpr u32 kEpollWakeUp = u32{1} << 29;
inline constexpr u32 kEpollOnce = u32{1} << 30;
inline constexpr u32 kEpollEdge = u32{1} << 31;
inline constexpr u32 kEpollFlags =
    kEpollExclusive | kEpollWakeUp | kEpollOnce | kEpollEdge;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_EPOLL_H_
