// Extended attributes of inodes.
#include "servers/vfs/tree/file_system.h"

namespace tine::vfs {

Attribute** FileSystem::place_of_attribute(Inode& inode, Text name) {
  Attribute** at = &inode.attributes;
  while (*at != nullptr && !(*at)->name.is(name)) at = &(*at)->next;
  return at;
}

const Attribute* FileSystem::find_attribute(const Inode& inode, Text name) {
  const Attribute* at = inode.attributes;
  while (at != nullptr && !at->name.is(name)) at = at->next;
  return at;
}

bool FileSystem::set_attribute(Inode& inode, Text name, Text value) {
  const Text kept = texts_.keep(value);
  if (kept.bytes == nullptr) return false;
  if (Attribute* before = *place_of_attribute(inode, name)) {
    texts_.drop(before->value);
    before->value = kept;
    return true;
  }
  const Text kept_name = texts_.keep(name);
  Attribute* made = kept_name.bytes == nullptr ? nullptr : attributes_.make();
  if (made == nullptr) {
    texts_.drop(kept_name);
    texts_.drop(kept);
    return false;
  }
  *made = {inode.attributes, kept_name, kept};
  inode.attributes = made;
  return true;
}

bool FileSystem::remove_attribute(Inode& inode, Text name) {
  Attribute** at = place_of_attribute(inode, name);
  Attribute* const gone = *at;
  if (gone == nullptr) return false;
  *at = gone->next;
  texts_.drop(gone->name);
  texts_.drop(gone->value);
  attributes_.free(gone);
  return true;
}

}  // namespace tine::vfs
