#include "servers/vfs/inotify/watchers.h"

#include "servers/vfs/inotify/inotify_file.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

u32 with_kind(u32 mask, bool is_directory) {
  // What happens to a directory itself never says so of these two.
  const bool tells =
      is_directory && mask != kInDeleteSelf && mask != kInMoveSelf;
  return tells ? mask | kInIsDirectory : mask;
}

void tell(InotifyWatch* first, const FileEvent& event) {
  for (InotifyWatch* watch = first; watch != nullptr;) {
    // A watch for one event ends with it.
    InotifyWatch* const next = watch->next_of_inode;
    watch->owner->hear(*watch, event);
    watch = next;
  }
}

}  // namespace

void tell_watchers(Inode& inode, u32 mask) {
  tell_watchers(nullptr, inode, mask);
}

void tell_watchers(Entry* entry, Inode& inode, u32 mask, bool is_open_file) {
  FileEvent event{.mask = with_kind(mask, inode.is_directory())};
  // The root, and what never had a name, are in no directory.
  if (entry != nullptr && entry->position != 0) {
    event.is_unlinked = is_open_file && !entry->in_tree;
    event.name = entry->name;
    tell(entry->parent->inode->watches, event);
    event.name = {};
  }
  tell(inode.watches, event);
}

void tell_directory(Entry& directory, Text name, bool names_directory, u32 mask,
                    u32 cookie) {
  tell(directory.inode->watches, {.mask = with_kind(mask, names_directory),
                                  .cookie = cookie,
                                  .name = name});
}

void end_watches(Inode& inode) {
  tell(inode.watches, {.mask = kInDeleteSelf});
  while (InotifyWatch* watch = inode.watches) watch->owner->end(*watch);
}

}  // namespace tine::vfs
