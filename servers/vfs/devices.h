// The character devices that there are (Linux's devices.txt).
#ifndef SERVERS_VFS_DEVICES_H_
#define SERVERS_VFS_DEVICES_H_

#include "servers/vfs/tree/file_system.h"

namespace tine::vfs {

namespace tty {
inline constexpr u32 kPtsMajor = 136;  // the minor number is the terminal's
}

enum class Device : u8 {
  kNone,
  kNull,
  kZero,
  kFull,
  kConsole,
  kRandom,
  kOwnTerminal,
  kPtmx,
  kPts,
};

struct DeviceNode {
  const char* name;
  u32 mode;
  u32 major;
  u32 minor;
  Device device;
};
inline constexpr DeviceNode kDeviceNodes[] = {
    {"console", linux_abi::kModeCharacter | 0600, 5, 1, Device::kConsole},
    {"tty", linux_abi::kModeCharacter | 0666, 5, 0, Device::kOwnTerminal},
    {"ptmx", linux_abi::kModeCharacter | 0666, 5, 2, Device::kPtmx},
    {"null", linux_abi::kModeCharacter | 0666, 1, 3, Device::kNull},
    {"zero", linux_abi::kModeCharacter | 0666, 1, 5, Device::kZero},
    {"full", linux_abi::kModeCharacter | 0666, 1, 7, Device::kFull},
    {"random", linux_abi::kModeCharacter | 0666, 1, 8, Device::kRandom},
    {"urandom", linux_abi::kModeCharacter | 0666, 1, 9, Device::kRandom},
};

constexpr Device device_of(const Inode& inode) {
  if (!inode.is_device()) return Device::kNone;
  if (inode.device_major == tty::kPtsMajor) return Device::kPts;
  for (const DeviceNode& node : kDeviceNodes) {
    if (node.major == inode.device_major && node.minor == inode.device_minor) {
      return node.device;
    }
  }
  return Device::kNone;
}

// Puts the nodes into /dev of an empty tree. Returns the console's.
Entry& add_devices(FileSystem& files);

}  // namespace tine::vfs

#endif  // SERVERS_VFS_DEVICES_H_
