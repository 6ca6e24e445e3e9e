// getdents64, getcwd, chdir, chroot.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// Writes directory entries into a buffer as long as there is room.
class Listing {
 public:
  Listing(u8* buffer, u64 room, DirectoryForm form)
      : buffer_(buffer), room_(room), form_(form) {}

  // `next`: the position behind this entry.
  bool add(const Inode& inode, Text name, u64 next) {
    return add(inode.number, inode.mode, name, next);
  }
  bool add(u64 number, u32 mode, Text name, u64 next) {
    // The older form has the type behind the name, in the last byte.
    const bool is_old = form_ == DirectoryForm::kOld;
    const u64 name_at = is_old ? kDirectoryEntryName - 1 : kDirectoryEntryName;
    const u64 size = (kDirectoryEntryName + name.count + 1 + 7) & ~u64{7};
    if (size > room_ - used_) {
      is_full_ = true;
      return false;
    }
    const u8 type = static_cast<u8>(mode >> 12);
    const DirectoryEntry head{number, static_cast<i64>(next),
                              static_cast<u16>(size), type};
    u8* at = buffer_ + used_;
    put(at, &head, name_at);
    put(at + name_at, name.bytes, name.count);
    for (u64 i = name_at + name.count; i < size; ++i) at[i] = 0;
    if (is_old) at[size - 1] = type;
    used_ += size;
    return true;
  }
  u64 used() const { return used_; }
  bool is_full() const { return is_full_; }

 private:
  static void put(u8* to, const void* from, u64 bytes) {
    for (u64 i = 0; i < bytes; ++i) to[i] = static_cast<const u8*>(from)[i];
  }

  u8* buffer_;
  u64 room_;
  DirectoryForm form_;
  u64 used_ = 0;
  bool is_full_ = false;
};

// The first name at or behind a position. Positions ascend and are never used
// again, so a name that was removed meanwhile is no hole one could fall into.
const Entry* child_from(const Entry& directory, u64 position) {
  const Entry* child = directory.first_child;
  // Most who come again come for the end.
  if (directory.last_child != nullptr &&
      directory.last_child->position < position) {
    return nullptr;
  }
  while (child != nullptr && child->position < position) {
    child = child->next_sibling;
  }
  return child;
}

// All from `position` on that there is room for; moves it behind them.
void list(const Credentials& who, const Entry& directory, Listing& listing,
          u64& position) {
  if (directory.inode->links == 0) return;  // removed: not even "."
  if (position == 0) {
    if (!listing.add(*directory.inode, {".", 1}, 1)) return;
    position = 1;
  }
  if (position == 1) {
    if (!listing.add(*directory.parent->inode, {"..", 2}, 2)) return;
    position = 2;
  }
  if (Synthetic* maker = directory.inode->maker; maker != nullptr) {
    Listed one;
    while (maker->list(who, directory, position, one)) {
      if (!listing.add(one.number, one.mode, {one.name, one.name_bytes},
                       one.next)) {
        return;
      }
      position = one.next;
    }
    return;
  }
  for (const Entry* child = child_from(directory, position); child != nullptr;
       child = child->next_sibling) {
    if (!listing.add(*child->inode, child->name, child->position + 1)) return;
    position = child->position + 1;
  }
}

}  // namespace

i64 VfsServer::sys_getdents(Call& call, DirectoryForm form) {
  const u32 fd = call.as_u32(0);
  const u64 address = call[1];
  const u64 bytes = call.as_u32(2);
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  if (!open->inode().is_directory()) return -ENOTDIR;
  if (open->inode().links == 0) return -ENOENT;
  // The size is an int in Linux.
  if (static_cast<i32>(bytes) < 0) return -EINVAL;
  Listing listing(bounce_, bytes < kBounceBytes ? bytes : kBounceBytes, form);
  u64 position = open->offset;
  list(credentials(call.task), *open->entry, listing, position);
  const u64 used = listing.used();
  tell_watchers(*open, kInAccess);
  if (used == 0) return listing.is_full() ? -EINVAL : 0;
  if (call.user.out(address, bounce_, used) != used) return -EFAULT;
  open->offset = position;
  note_read(*open);
  return static_cast<i64>(used);
}

i64 VfsServer::sys_getcwd(Call& call, u64 address, u64 bytes) {
  const Entry& directory = *call.task.context->directory;
  if (directory.inode->links == 0) return -ENOENT;
  const Entry& root = *call.task.context->root;
  u64 at = 0;
  // From outside of one's root no path leads there.
  if (!FileSystem::is_below(directory, root)) {
    for (const char c :
         {'(', 'u', 'n', 'r', 'e', 'a', 'c', 'h', 'a', 'b', 'l', 'e', ')'}) {
      path_[at++] = c;
    }
  }
  u64 count =
      FileSystem::path_of(directory, root, path_ + at, kPathMax - 1 - at);
  if (count == 0) return -ENAMETOOLONG;
  count += at;
  path_[count++] = '\0';
  if (count > bytes) return -ERANGE;
  if (call.user.out(address, path_, count) != count) return -EFAULT;
  return static_cast<i64>(count);
}

i64 VfsServer::set_directory(Call& call, Entry& entry) {
  if (!entry.inode->is_directory()) return -ENOTDIR;
  const i64 error =
      check_rights(credentials(call.task), *entry.inode, kAccessExecute);
  if (error == 0) refer(call.task.context->directory, &entry);
  return error;
}

i64 VfsServer::sys_chdir(Call& call) {
  EntryRef entry;
  i64 error = find_entry(call, kAtFdCwd, call[0], 0, entry);
  return error != 0 ? error : set_directory(call, *entry);
}

i64 VfsServer::sys_fchdir(Call& call) {
  OpenFile* open = any_file(call, call[0]);
  if (open == nullptr) return -EBADF;
  if (open->entry == nullptr) return -ENOTDIR;
  return set_directory(call, *open->entry);
}

i64 VfsServer::sys_chroot(Call& call) {
  const Credentials who = credentials(call.task);
  EntryRef entry;
  if (i64 error = find_entry(call, who, kAtFdCwd, call[0], 0, entry);
      error != 0) {
    return error;
  }
  if (!entry->inode->is_directory()) return -ENOTDIR;
  if (i64 error = check_rights(who, *entry->inode, kAccessExecute);
      error != 0) {
    return error;
  }
  if (!who.may(Capability::kSysChroot)) return -EPERM;
  refer(call.task.context->root, entry.get());
  return 0;
}

}  // namespace tine::vfs
