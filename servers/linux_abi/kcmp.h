// kcmp: what two tasks are asked about.
#ifndef SERVERS_LINUX_ABI_KCMP_H_
#define SERVERS_LINUX_ABI_KCMP_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

enum KcmpType : i32 {
  kCompareFile = 0,
  kCompareVm = 1,
  kCompareFiles = 2,
  kCompareFs = 3,
  kCompareSighand = 4,
  kCompareIo = 5,
  kCompareSysvSem = 6,
  kCompareEpollTarget = 7,
};

// struct kcmp_epoll_slot: which file of an epoll set.
struct KcmpEpollSlot {
  u32 set;
  u32 watched;
  u32 skip;
};
static_assert(sizeof(KcmpEpollSlot) == 12);

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_KCMP_H_
