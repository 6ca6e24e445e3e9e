// capget, capset and the options of prctl that concern capabilities.
#include "servers/linux_abi/capability.h"
#include "servers/linux_abi/errno.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr bool is_within(u64 set, u64 bounds) { return (set & ~bounds) == 0; }

}  // namespace

// How many CapabilityData follow, or 0 with `error` set: also what asking for
// the version answers.
u32 ProcessServer::read_capability_header(const Call& call,
                                          CapabilityHeader& header,
                                          i64* error) {
  *error = -EFAULT;
  if (user_.read(*call.task.mm, call.argument(0), header) != 0) return 0;
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
  *error =
      user_.write(*call.task.mm, call.argument(0), kCapabilityVersion3) != 0
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
  const CapabilitySets sets = capabilities_of(*task);
  CapabilityData data[2];
  for (u32 i = 0; i < 2; ++i) {
    data[i] = {static_cast<u32>(sets.effective >> 32 * i),
               static_cast<u32>(sets.permitted >> 32 * i),
               static_cast<u32>(sets.inheritable >> 32 * i)};
  }
  return call.result(
      user_.write(*call.task.mm, to, data, words * sizeof(CapabilityData)));
}

Outcome ProcessServer::sys_capset(const Call& call) {
  CapabilityHeader header;
  i64 error;
  const u32 words = read_capability_header(call, header, &error);
  if (words == 0) return call.result(error);
  if (header.pid != 0 && header.pid != pids_.own_tid(call.task)) {
    return call.result(-EPERM);
  }
  CapabilityData data[2] = {};
  if (user_.read(*call.task.mm, call.argument(1), data,
                 words * sizeof(CapabilityData)) != 0) {
    return call.result(-EFAULT);
  }
  const auto joined = [&](u32 low, u32 high) {
    return (u64{high} << 32 | low) & kAllCapabilities;
  };
  CapabilitySets sets = capabilities_of(call.task);
  const CapabilitySets old = sets;
  sets.effective = joined(data[0].effective, data[1].effective);
  sets.permitted = joined(data[0].permitted, data[1].permitted);
  sets.inheritable = joined(data[0].inheritable, data[1].inheritable);
  // cap_capset()
  if ((!is_capable(call.task, Capability::kSetpcap) &&
       !is_within(sets.inheritable, old.inheritable | old.permitted)) ||
      !is_within(sets.inheritable, old.inheritable | old.bounding) ||
      !is_within(sets.permitted, old.permitted) ||
      !is_within(sets.effective, sets.permitted)) {
    return call.result(-EPERM);
  }
  sets.ambient &= sets.permitted & sets.inheritable;
  return call.result(
      change_capabilities(call.task, sets, secure_bits_of(call.task)));
}

// PR_CAP_AMBIENT
i64 ProcessServer::ambient_capability(Task& task, u64 what, u64 number) {
  enum What : u64 { kIsSet = 1, kRaise = 2, kLower = 3, kClearAll = 4 };
  CapabilitySets sets = capabilities_of(task);
  const u32 secure_bits = secure_bits_of(task);
  if (what == kClearAll) {
    if (number != 0) return -EINVAL;
    sets.ambient = 0;
    return change_capabilities(task, sets, secure_bits);
  }
  if (number >= kCapabilities) return -EINVAL;
  const u64 bit = u64{1} << number;
  switch (what) {
    case kIsSet:
      return (sets.ambient & bit) != 0;
    case kRaise:
      if ((sets.permitted & sets.inheritable & bit) == 0 ||
          (secure_bits & kSecureNoAmbientRaise) != 0) {
        return -EPERM;
      }
      sets.ambient |= bit;
      break;
    case kLower:
      sets.ambient &= ~bit;
      break;
    default:
      return -EINVAL;
  }
  return change_capabilities(task, sets, secure_bits);
}

// cap_task_prctl()
Outcome ProcessServer::capability_option(const Call& call) {
  Task& task = call.task;
  const u64 value = call.argument(1);
  CapabilitySets sets = capabilities_of(task);
  const u32 bits = secure_bits_of(task);
  switch (call.int_argument(0)) {
    case kPrGetKeepcaps:
      return call.result((bits & kSecureKeepCaps) != 0);
    case kPrSetKeepcaps: {
      if (value > 1) return call.result(-EINVAL);
      if ((bits & kSecureKeepCapsLocked) != 0) return call.result(-EPERM);
      const u32 kept =
          value != 0 ? bits | kSecureKeepCaps : bits & ~u32{kSecureKeepCaps};
      return call.result(change_capabilities(task, sets, kept));
    }
    case kPrGetSecurebits:
      return call.result(bits);
    case kPrSetSecurebits: {
      const u64 locked = (bits & kSecureLocks) >> 1;
      if ((locked & (bits ^ value)) != 0 ||
          (bits & kSecureLocks & ~value) != 0 ||
          (value & ~u64{kSecureAll | kSecureLocks}) != 0 ||
          !is_capable(task, Capability::kSetpcap)) {
        return call.result(-EPERM);
      }
      return call.result(
          change_capabilities(task, sets, static_cast<u32>(value)));
    }
    case kPrCapbsetRead:
      if (value >= kCapabilities) return call.result(-EINVAL);
      return call.result((sets.bounding >> value & 1) != 0);
    case kPrCapbsetDrop:
      if (!is_capable(task, Capability::kSetpcap)) return call.result(-EPERM);
      if (value >= kCapabilities) return call.result(-EINVAL);
      sets.bounding &= ~(u64{1} << value);
      return call.result(change_capabilities(task, sets, bits));
    case kPrCapAmbient:
      if (call.argument(3) != 0 || call.argument(4) != 0) {
        return call.result(-EINVAL);
      }
      return call.result(ambient_capability(task, value, call.argument(2)));
    default:
      return call.result(-EINVAL);
  }
}

}  // namespace tine::process
