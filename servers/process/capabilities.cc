// capget and capset. Rights follow the effective user: 0 has all capabilities,
// any other has none; a set that says otherwise is refused.
#include "servers/linux_abi/capability.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

u64 capabilities_of(const Task& task) {
  return task.credentials().is_root() ? kAllCapabilities : 0;
}

}  // namespace

// How many CapabilityData follow, or 0 with `error` set: also what asking for
// the version answers.
u32 ProcessServer::read_capability_header(const Call& call,
                                          CapabilityHeader& header,
                                          i64* error) {
  *error = -EFAULT;
  if (read_user(*call.task.mm, call.argument(0), header) != 0) return 0;
  *error = 0;
  switch (header.version) {
    case kCapabilityVersion1:
      return 1;
    case kCapabilityVersion2:
    case kCapabilityVersion3:
      return 2;
    default:
      break;
  }
  *error = write_user(*call.task.mm, call.argument(0), kCapabilityVersion3) != 0
               ? -EFAULT
               : -EINVAL;
  return 0;
}

Outcome ProcessServer::sys_capget(const Call& call) {
  CapabilityHeader header;
  i64 error;
  const u32 words = read_capability_header(call, header, &error);
  const u64 to = call.argument(1);
  if (words == 0) {
    return call.result(error == -EINVAL && to == 0 ? 0 : error);
  }
  if (header.pid < 0) return call.result(-EINVAL);
  const Task* task = named(call.task, header.pid);
  if (task == nullptr) return call.result(-ESRCH);
  if (to == 0) return call.result(0);
  const u64 set = capabilities_of(*task);
  const u32 low = static_cast<u32>(set);
  const u32 high = static_cast<u32>(set >> 32);
  const CapabilityData data[2] = {{low, low, 0}, {high, high, 0}};
  return call.result(
      write_user(*call.task.mm, to, data, words * sizeof(CapabilityData)));
}

Outcome ProcessServer::sys_capset(const Call& call) {
  CapabilityHeader header;
  i64 error;
  const u32 words = read_capability_header(call, header, &error);
  if (words == 0) return call.result(error);
  if (header.pid != 0 && header.pid != call.task.tid.value) {
    return call.result(-EPERM);
  }
  CapabilityData data[2] = {};
  if (read_user(*call.task.mm, call.argument(1), data,
                words * sizeof(CapabilityData)) != 0) {
    return call.result(-EFAULT);
  }
  const auto joined = [&](u32 low, u32 high) {
    return (u64{high} << 32 | low) & kAllCapabilities;
  };
  const u64 effective = joined(data[0].effective, data[1].effective);
  const u64 permitted = joined(data[0].permitted, data[1].permitted);
  const u64 own = capabilities_of(call.task);
  const bool same = effective == own && permitted == own;
  return call.result(same ? 0 : -EPERM);
}

}  // namespace tine::process
