#include "servers/vfs/devices.h"

#include "servers/runtime/sys.h"

namespace tine::vfs {
namespace {

using namespace linux_abi;

u64 length_of(const char* text) {
  u64 n = 0;
  while (text[n] != '\0') ++n;
  return n;
}

// The entry `name`, made or replaced so that it is `node`.
Entry* add_node(FileSystem& files, Entry& directory, const DeviceNode& node) {
  Text name{node.name, length_of(node.name)};
  Entry* entry = files.find(directory, name);
  if (entry != nullptr && device_of(*entry->inode) == node.device) {
    return entry;
  }
  Inode* inode = files.make_inode(node.mode);
  if (inode == nullptr) return nullptr;
  inode->device_major = node.major;
  inode->device_minor = node.minor;
  if (entry == nullptr) return files.add(directory, name, *inode);
  files.replace(*entry, *inode);
  return entry;
}

Entry* dev_directory(FileSystem& files) {
  Text name{"dev", 3};
  Entry* entry = files.find(files.root(), name);
  if (entry != nullptr && entry->inode->is_directory()) return entry;
  Inode* inode = files.make_inode(kModeDirectory | 0755);
  if (inode == nullptr) return nullptr;
  if (entry == nullptr) return files.add(files.root(), name, *inode);
  files.replace(*entry, *inode);
  ++inode->links;
  return entry;
}

}  // namespace

Entry& add_devices(FileSystem& files) {
  Entry* directory = dev_directory(files);
  Entry* console = nullptr;
  for (const DeviceNode& node : kDeviceNodes) {
    Entry* entry =
        directory == nullptr ? nullptr : add_node(files, *directory, node);
    if (entry == nullptr) sys::fail("vfs: no memory for /dev");
    if (node.device == Device::kConsole) console = entry;
  }
  return *console;
}

}  // namespace tine::vfs
