// membarrier: on one CPU for programs every call is a barrier for all of them.
// What has to be registered first is so for the mm, as in Linux.
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

Outcome ProcessServer::sys_membarrier(const Call& call) {
  Mm& mm = *call.task.mm;
  if (call.uint_argument(1) != 0) return call.result(-EINVAL);
  const auto if_registered = [&](u32 trait) {
    return call.result((mm.traits & trait) != 0 ? 0 : -EPERM);
  };
  switch (call.int_argument(0)) {
    case kBarrierQuery:
      return call.result(kBarrierAll);
    case kBarrierGlobal:
    case kBarrierGlobalExpedited:
    case kBarrierRegisterGlobal:
      return call.result(0);
    case kBarrierPrivate:
      return if_registered(kMmHasBarriers);
    case kBarrierRegisterPrivate:
      mm.traits |= kMmHasBarriers;
      return call.result(0);
    case kBarrierSyncCore:
      return if_registered(kMmHasCoreBarriers);
    case kBarrierRegisterSyncCore:
      mm.traits |= kMmHasCoreBarriers;
      return call.result(0);
    default:
      return call.result(-EINVAL);
  }
}

}  // namespace tine::process
