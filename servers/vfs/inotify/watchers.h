// Those who watch files are told of what happens to them. Nobody watches: then
// it is a look at two inodes.
#ifndef SERVERS_VFS_INOTIFY_WATCHERS_H_
#define SERVERS_VFS_INOTIFY_WATCHERS_H_

#include "servers/linux_abi/inotify.h"
#include "servers/vfs/open/open_file.h"

namespace tine::vfs {

// `mask` is one event of linux_abi/inotify.h.

// Those who watch the inode itself.
void tell_watchers(Inode& inode, u32 mask);
// Those who watch it, by whatever name, and those who watch the directory that
// `entry` is in; no entry: the former.
void tell_watchers(Entry* entry, Inode& inode, u32 mask,
                   bool is_open_file = false);
// Those who watch a directory, of a name in it.
void tell_directory(Entry& directory, Text name, bool names_directory, u32 mask,
                    u32 cookie = 0);
// The inode is no more: the last that its watchers hear.
void end_watches(Inode& inode);

// Of what was done through an open file.
inline void tell_watchers(const OpenFile& file, u32 mask) {
  Entry* const entry = file.entry;
  if (entry == nullptr || (entry->inode->watches == nullptr &&
                           entry->parent->inode->watches == nullptr)) {
    return;
  }
  tell_watchers(entry, *entry->inode, mask, true);
}

}  // namespace tine::vfs

#endif  // SERVERS_VFS_INOTIFY_WATCHERS_H_
