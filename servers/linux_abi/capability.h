// Capabilities (linux/capability.h).
#ifndef SERVERS_LINUX_ABI_CAPABILITY_H_
#define SERVERS_LINUX_ABI_CAPABILITY_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// struct __user_cap_header_struct.
struct CapabilityHeader {
  u32 version;
  i32 pid;
};
inline constexpr u32 kCapabilityVersion1 = 0x1998'0330;  // 32 capabilities
inline constexpr u32 kCapabilityVersion2 = 0x2007'1026;
inline constexpr u32 kCapabilityVersion3 = 0x2008'0522;

// struct __user_cap_data_struct: one for each 32 capabilities.
struct CapabilityData {
  u32 effective;
  u32 permitted;
  u32 inheritable;
};

// Those that something here asks for.
enum class Capability : u8 {
  kChown = 0,
  kDacOverride = 1,
  kDacReadSearch = 2,
  kFowner = 3,
  kFsetid = 4,
  kKill = 5,
  kSetgid = 6,
  kSetuid = 7,
  kSetpcap = 8,
  kNetAdmin = 12,
  kIpcLock = 14,
  kIpcOwner = 15,
  kSysChroot = 18,
  kSysPtrace = 19,
  kSysAdmin = 21,
  kSysNice = 23,
  kSysResource = 24,
  kSysTime = 25,
  kMknod = 27,
  kLease = 28,
  kWakeAlarm = 35,
  kCheckpointRestore = 40,
};
constexpr u64 capability_bit(Capability capability) {
  return u64{1} << static_cast<u8>(capability);
}
inline constexpr u32 kCapabilities = 41;
inline constexpr u64 kAllCapabilities = (u64{1} << kCapabilities) - 1;
// CAP_FS_SET: those that go with the user for files, among them
// CAP_LINUX_IMMUTABLE and CAP_MAC_OVERRIDE.
inline constexpr u64 kFileCapabilities =
    capability_bit(Capability::kChown) | capability_bit(Capability::kMknod) |
    capability_bit(Capability::kDacOverride) |
    capability_bit(Capability::kDacReadSearch) |
    capability_bit(Capability::kFowner) | capability_bit(Capability::kFsetid) |
    u64{1} << 9 | u64{1} << 32;

struct CapabilitySets {
  u64 effective = 0;
  u64 permitted = 0;
  u64 inheritable = 0;
  u64 bounding = kAllCapabilities;
  u64 ambient = 0;
  bool operator==(const CapabilitySets&) const = default;
};

// What a thread has that never asked for anything else: user 0 has all.
constexpr CapabilitySets capabilities_of_ids(u32 uid, u32 euid, u32 suid,
                                             u32 fsuid) {
  CapabilitySets sets;
  if (uid != 0 && euid != 0 && suid != 0) return sets;
  sets.permitted = kAllCapabilities;
  if (euid == 0) sets.effective |= kAllCapabilities & ~kFileCapabilities;
  if (fsuid == 0) sets.effective |= kFileCapabilities;
  return sets;
}

// Securebits (linux/securebits.h); each has a lock, the next higher bit.
enum SecureBit : u32 {
  kSecureNoRoot = 1,
  kSecureNoSetuidFixup = 4,
  kSecureKeepCaps = 16,
  kSecureKeepCapsLocked = 32,
  kSecureNoAmbientRaise = 64,
};
inline constexpr u32 kSecureAll = 0x55;
inline constexpr u32 kSecureLocks = kSecureAll << 1;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_CAPABILITY_H_
