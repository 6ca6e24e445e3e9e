// The character devices that there are (Linux's devices.txt).
#ifndef SERVERS_VFS_DEVICES_H_
#define SERVERS_VFS_DEVICES_H_

#include "servers/vfs/tree/file_system.h"

namespace tine::vfs {

enum class Device : u8 { kNone, kNull, kZero, kFull, kConsole, kRandom };

struct DeviceNode {
  const char* name;
  u32 mode;
  u32 major;
  u32 minor;
  Device device;
};
inline constexpr DeviceNode kDeviceNodes[] = {
    {"console", linux_abi::kModeCharacter | 0600, 5, 1, Device::kConsole},
    {"null", linux_abi::kModeCharacter | 0666, 1, 3, Device::kNull},
    {"zero", linux_abi::kModeCharacter | 0666, 1, 5, Device::kZero},
    {"full", linux_abi::kModeCharacter | 0666, 1, 7, Device::kFull},
    {"random", linux_abi::kModeCharacter | 0666, 1, 8, Device::kRandom},
    {"urandom", linux_abi::kModeCharacter | 0666, 1, 9, Device::kRandom},
};

constexpr Device device_of(const Inode& inode) {
  if (!inode.is_device()) return Device::kNone;
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
