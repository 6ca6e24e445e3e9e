#include "servers/vfs/tree/path_walk.h"

#include "servers/linux_abi/errno.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr int kMostLinks = 40;  // MAXSYMLINKS
}

bool PathWalk::prepend(Text text) {
  if (text.count > at_) return false;
  at_ -= text.count;
  for (u64 i = 0; i < text.count; ++i) rest_[at_ + i] = text.bytes[i];
  return true;
}

void PathWalk::skip_slashes() {
  while (at_ < kRoom && rest_[at_] == '/') ++at_;
}

// No entry if there is no such name.
i64 PathWalk::look_up(FileSystem& files, const Credentials& who,
                      Entry& directory, Text name, EntryRef& found) {
  Synthetic* const maker = directory.inode->maker;
  if (maker == nullptr) {
    found = files.find(directory, name);
    return 0;
  }
  const i64 error = maker->look_up(who, directory, name, found);
  return error == -ENOENT ? 0 : error;
}

i64 PathWalk::walk(FileSystem& files, const Credentials& who, Entry& root,
                   Entry& start, Text path, Follow follow, Found& found,
                   u64 resolve) {
  const bool stays_beneath = (resolve & kResolveBeneath) != 0;
  const bool stays_in_mount = (resolve & kResolveNoOtherMount) != 0;
  const Mount mount = start.inode->mount;
  at_ = kRoom;
  if (path.count == 0) return -ENOENT;
  if (!prepend(path)) return -ENAMETOOLONG;
  if (rest_[at_] == '/' && stays_beneath) return -EXDEV;
  EntryRef here = rest_[at_] == '/' ? &root : &start;
  found = {here, here->parent, {}, nullptr, LastKind::kRoot, false};
  skip_slashes();
  if (at_ == kRoom) return 0;

  int links = 0;
  while (at_ < kRoom) {
    if (stays_in_mount && here->inode->mount != mount) return -EXDEV;
    if (!here->inode->is_directory()) return -ENOTDIR;
    if (i64 error = check_rights(who, *here->inode, kAccessExecute);
        error != 0) {
      return error;
    }
    Text name{rest_ + at_, 0};
    while (at_ < kRoom && rest_[at_] != '/') {
      ++at_;
      ++name.count;
    }
    const u64 after = at_;
    skip_slashes();
    const bool is_last = at_ == kRoom;
    found.trailing_slash = is_last && after != kRoom;

    if (name.is(".")) {
      found.last = LastKind::kDot;
      continue;
    }
    if (name.is("..")) {
      if (stays_beneath && here == &start) return -EXDEV;
      if (!(here == &root)) here = here->parent;
      found.last = LastKind::kDotDot;
      continue;
    }
    if (name.count > kNameMax) return -ENAMETOOLONG;
    found.last = LastKind::kName;
    found.parent = here;
    found.name = name;
    EntryRef next;
    if (i64 error = look_up(files, who, *here, name, next); error != 0) {
      return error;
    }
    if (next == nullptr) {
      found.entry = {};
      return is_last ? 0 : -ENOENT;
    }
    const bool follows = !is_last || follow == Follow::kYes ||
                         (follow == Follow::kNo && found.trailing_slash);
    if (next->inode->is_symlink() && follows) {
      if (++links > kMostLinks || (resolve & kResolveNoLinks) != 0) {
        return -ELOOP;
      }
      at_ = after;
      Text target = next->inode->target;
      if (Synthetic* maker = next->inode->maker; maker != nullptr) {
        LinkTarget to;
        if (i64 error = maker->follow(who, *next->inode, false, to);
            error != 0) {
          return error;
        }
        const bool jumps = !(to.entry == nullptr) || to.file != nullptr;
        if (jumps && (resolve & kResolveNoMagicLinks) != 0) return -ELOOP;
        if (jumps && (resolve & (kResolveBeneath | kResolveInRoot)) != 0) {
          return -EXDEV;
        }
        if (to.entry == nullptr && to.file != nullptr) {
          if (!is_last) return -ENOTDIR;
          found.entry = {};
          found.file = to.file;
          return found.trailing_slash ? -ENOTDIR : 0;
        }
        if (!(to.entry == nullptr)) {
          here = to.entry;
          skip_slashes();
          continue;
        }
        target = to.path;
      }
      if (!prepend(target)) return -ENAMETOOLONG;
      if (rest_[at_] == '/') {
        if (stays_beneath) return -EXDEV;
        here = &root;
      }
      found.last = LastKind::kRoot;
      skip_slashes();
      continue;
    }
    here = next;
  }
  if (found.trailing_slash && follow != Follow::kNever &&
      !here->inode->is_directory()) {
    return -ENOTDIR;
  }
  if (stays_in_mount && here->inode->mount != mount) return -EXDEV;
  found.entry = here;
  return 0;
}

}  // namespace tine::vfs
