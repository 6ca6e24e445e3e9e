// struct epoll_event: as C lays it out.
#ifndef SERVERS_LINUX_ABI_AARCH64_EPOLL_EVENT_H_
#define SERVERS_LINUX_ABI_AARCH64_EPOLL_EVENT_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

struct EpollEvent {
  u32 events;
  u64 data;
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_AARCH64_EPOLL_EVENT_H_
