// Extended attributes, as tmpfs has them: those of the system's, trusted.* and
// security.*. What is wrong with the call itself is told first, as Linux does.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// linux/limits.h, linux/xattr.h
constexpr u64 kMostNameBytes = 255;
constexpr u64 kMostValueBytes = 65'536;
constexpr u32 kCreate = 1;
constexpr u32 kReplace = 2;

// The name at `address` into `room`. 0 or a negated errno.
i64 get_name(Call& call, u64 address, char (&room)[kMostNameBytes + 1],
             Text& name) {
  const u64 count = call.user.in(address, room, sizeof(room));
  u64 length = 0;
  while (length < count && room[length] != '\0') ++length;
  name = {room, length};
  if (length == count && count < sizeof(room)) return -EFAULT;
  return length == 0 || length > kMostNameBytes ? -ERANGE : 0;
}

bool begins(Text text, const char* prefix) {
  const u64 length = text_of(prefix).count;
  return text.count >= length && Text{text.bytes, length}.is(prefix);
}

// xattr_permission(), and who has attributes of that kind at all.
i64 check(const Credentials& who, const Inode& inode, Text name, bool writes) {
  const bool is_trusted = begins(name, "trusted.");
  const bool is_security = begins(name, "security.");
  const bool is_admin = who.may(Capability::kSysAdmin);
  if (is_trusted) {
    if (!is_admin) return writes ? -EPERM : -ENODATA;
  } else if (is_security) {
    if (writes && !is_admin) return -EPERM;
  } else if (!begins(name, "system.")) {
    if (begins(name, "user.")) {
      const bool is_sticky =
          inode.is_directory() && (inode.mode & kModeSticky) != 0;
      if (!inode.is_regular() && !inode.is_directory()) {
        return writes ? -EPERM : -ENODATA;
      }
      if (writes && is_sticky && !owns(who, inode)) return -EPERM;
    }
    const i64 error =
        check_rights(who, inode, writes ? kAccessWrite : kAccessRead);
    if (error != 0) return error;
  }
  if (inode.mount != Mount::kRoot || inode.maker != nullptr ||
      (!is_trusted && !is_security)) {
    return -EOPNOTSUPP;
  }
  if (name.is("trusted.") || name.is("security.")) return -EINVAL;
  // exec gives no capabilities that a file has.
  return writes && name.is("security.capability") ? -EOPNOTSUPP : 0;
}

i64 list(Call& call, const Credentials& who, const Inode& inode) {
  const bool is_admin = who.may(Capability::kSysAdmin);
  const auto each = [&](auto&& act) {
    for (const Attribute* at = inode.attributes; at != nullptr; at = at->next) {
      if (is_admin || !begins(at->name, "trusted.")) act(at->name);
    }
  };
  u64 bytes = 0;
  each([&](Text name) { bytes += name.count + 1; });
  if (call[2] == 0) return static_cast<i64>(bytes);
  if (call[2] < bytes) return -ERANGE;
  u64 at = call[1];
  i64 error = 0;
  each([&](Text name) {
    if (error == 0) error = call.user.put_bytes(at, name.bytes, name.count + 1);
    at += name.count + 1;
  });
  return error != 0 ? error : static_cast<i64>(bytes);
}

i64 get(Call& call, const Attribute* attribute) {
  if (attribute == nullptr) return -ENODATA;
  const Text value = attribute->value;
  if (call[3] == 0) return static_cast<i64>(value.count);
  if (call[3] < value.count) return -ERANGE;
  const i64 error = call.user.put_bytes(call[2], value.bytes, value.count);
  return error != 0 ? error : static_cast<i64>(value.count);
}

// Flags as of setxattr().
i64 set(FileSystem& files, Inode& inode, Text name, Text value, u32 flags) {
  const bool is_there = files.find_attribute(inode, name) != nullptr;
  if (is_there && (flags & kCreate) != 0) return -EEXIST;
  if (!is_there && (flags & kReplace) != 0) return -ENODATA;
  return files.set_attribute(inode, name, value) ? 0 : -ENOSPC;
}

}  // namespace

i64 VfsServer::xattr(Call& call, XattrCall what, Entry* entry, Inode& inode) {
  const Credentials who = credentials(call.task);
  if (what == XattrCall::kList) return list(call, who, inode);
  const bool sets = what == XattrCall::kSet;
  const bool writes = what != XattrCall::kGet;
  char room[kMostNameBytes + 1];
  Text name;
  if (sets && (call.as_u32(4) & ~(kCreate | kReplace)) != 0) return -EINVAL;
  if (i64 error = get_name(call, call[1], room, name); error != 0) return error;
  if (sets) {
    if (call[3] > kMostValueBytes) return -E2BIG;
    const u64 kept = call[3] < sizeof(target_) ? call[3] : sizeof(target_);
    char last;
    if (call.user.in(call[2], target_, kept) != kept ||
        (kept < call[3] && !call.user.get(call[2] + call[3] - 1, last))) {
      return -EFAULT;
    }
  }
  if (i64 error = check(who, inode, name, writes); error != 0) return error;
  i64 error = 0;
  switch (what) {
    case XattrCall::kGet:
      return get(call, files_.find_attribute(inode, name));
    case XattrCall::kSet:
      error = set(files_, inode, name, {target_, call[3]}, call.as_u32(4));
      break;
    default:
      if (!files_.remove_attribute(inode, name)) return -ENODATA;
      break;
  }
  if (error != 0) return error;
  inode.changed = now();
  tell_watchers(entry, inode, kInAttributes);
  return 0;
}

i64 VfsServer::sys_xattr(Call& call, XattrCall what, Follow follow) {
  EntryRef entry;
  Inode* inode;
  const u32 flags = follow == Follow::kYes ? 0 : kAtSymlinkNoFollow;
  const i64 error = find_inode(call, kAtFdCwd, call[0], flags, entry, inode);
  return error != 0 ? error : xattr(call, what, entry.get(), *inode);
}

i64 VfsServer::sys_fxattr(Call& call, XattrCall what) {
  OpenFile* open = file(call, call.as_u32(0));
  return open == nullptr ? -EBADF
                         : xattr(call, what, open->entry, open->inode());
}

}  // namespace tine::vfs
