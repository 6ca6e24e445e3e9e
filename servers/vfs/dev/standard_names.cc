#include "servers/vfs/dev/standard_names.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

struct Name {
  const char* directory;  // of the root; null: the root
  const char* name;
  u32 mode;
  const char* target;  // of a link
};

constexpr u32 kLink = kModeSymlink | 0777;
constexpr u32 kForAll = kModeDirectory | kModeSticky | 0777;

constexpr Name kNames[] = {
    {nullptr, "tmp", kForAll, nullptr},
    {"dev", "shm", kForAll, nullptr},
    {"dev", "pts", kModeDirectory | 0755, nullptr},
    {"dev", "fd", kLink, "/proc/self/fd"},
    {"dev", "stdin", kLink, "/proc/self/fd/0"},
    {"dev", "stdout", kLink, "/proc/self/fd/1"},
    {"dev", "stderr", kLink, "/proc/self/fd/2"},
};

bool add(FileSystem& files, Entry& directory, const Name& name) {
  if (files.find(directory, text_of(name.name)) != nullptr) return true;
  Inode* inode = files.make_inode(name.mode, now());
  if (inode == nullptr) return false;
  const bool is_whole =
      name.target == nullptr || files.set_target(*inode, text_of(name.target));
  if (is_whole && files.add(directory, text_of(name.name), *inode) != nullptr) {
    return true;
  }
  files.discard(*inode);
  return false;
}

}  // namespace

bool add_standard_names(FileSystem& files) {
  for (const Name& name : kNames) {
    Entry* directory = &files.root();
    if (name.directory != nullptr) {
      directory = files.find(files.root(), text_of(name.directory));
    }
    // The image may have another idea of what /dev is.
    if (directory == nullptr || !directory->inode->is_directory()) continue;
    if (!add(files, *directory, name)) return false;
  }
  return true;
}

}  // namespace tine::vfs
