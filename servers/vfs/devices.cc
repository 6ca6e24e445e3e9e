#include "servers/vfs/devices.h"

#include "servers/runtime/sys.h"

namespace tine::vfs {
namespace {

using namespace linux_abi;

Entry* make(FileSystem& files, Entry& directory, const char* name, u32 mode) {
  Inode* inode = files.make_inode(mode, 0);
  return inode == nullptr ? nullptr
                          : files.add(directory, text_of(name), *inode);
}

}  // namespace

Entry& add_devices(FileSystem& files) {
  Entry* directory = make(files, files.root(), "dev", kModeDirectory | 0755);
  Entry* console = nullptr;
  for (const DeviceNode& node : kDeviceNodes) {
    Entry* entry = directory == nullptr
                       ? nullptr
                       : make(files, *directory, node.name, node.mode);
    if (entry == nullptr) {
      sys::fail("vfs: no memory for /dev; give the machine more");
    }
    entry->inode->device_major = node.major;
    entry->inode->device_minor = node.minor;
    if (node.device == Device::kConsole) console = entry;
  }
  return *console;
}

}  // namespace tine::vfs
