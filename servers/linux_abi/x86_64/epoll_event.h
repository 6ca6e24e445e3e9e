// struct epoll_event: packed, as of i386.
#ifndef SERVERS_LINUX_ABI_X86_64_EPOLL_EVENT_H_
#define SERVERS_LINUX_ABI_X86_64_EPOLL_EVENT_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

struct [[gnu::packed]] EpollEvent {
  u32 events;
  u64 data;
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_X86_64_EPOLL_EVENT_H_
