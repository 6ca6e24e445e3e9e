#include "servers/vfs/path_walk.h"

#include "servers/linux_abi/errno.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr int kMostLinks = 40;  // MAXSYMLINKS
}

bool PathWalk::prepend(const char* text, u64 count) {
  if (count > at_) return false;
  at_ -= count;
  for (u64 i = 0; i < count; ++i) rest_[at_ + i] = text[i];
  return true;
}

void PathWalk::skip_slashes() {
  while (at_ < kRoom && rest_[at_] == '/') ++at_;
}

i64 PathWalk::walk(FileSystem& files, Entry& start, Text path, bool follow,
                   Found& found) {
  at_ = kRoom;
  if (path.count == 0) return -ENOENT;
  if (!prepend(path.bytes, path.count)) return -ENAMETOOLONG;
  Entry* here = rest_[at_] == '/' ? &files.root() : &start;
  found = {here, here->parent, LastKind::kRoot, false};
  skip_slashes();
  if (at_ == kRoom) return 0;

  int links = 0;
  while (at_ < kRoom) {
    if (!here->inode->is_directory()) return -ENOTDIR;
    Text name{rest_ + at_, 0};
    while (at_ < kRoom && rest_[at_] != '/') {
      ++at_;
      ++name.count;
    }
    if (name.count > kNameMax) return -ENAMETOOLONG;
    const u64 after = at_;
    skip_slashes();
    const bool is_last = at_ == kRoom;
    found.trailing_slash = is_last && after != kRoom;

    if (name.is(".")) {
      found.last = LastKind::kDot;
      continue;
    }
    if (name.is("..")) {
      here = here->parent;
      found.last = LastKind::kDotDot;
      continue;
    }
    found.last = LastKind::kName;
    found.parent = here;
    Entry* next = files.find(*here, name);
    if (next == nullptr) {
      found.entry = nullptr;
      return is_last ? 0 : -ENOENT;
    }
    if (next->inode->is_symlink() &&
        (!is_last || follow || found.trailing_slash)) {
      if (++links > kMostLinks) return -ELOOP;
      at_ = after;
      if (!prepend(next->inode->target, next->inode->bytes)) {
        return -ENAMETOOLONG;
      }
      if (rest_[at_] == '/') here = &files.root();
      found.last = LastKind::kRoot;
      skip_slashes();
      continue;
    }
    here = next;
  }
  if (found.trailing_slash && !here->inode->is_directory()) return -ENOTDIR;
  found.entry = here;
  return 0;
}

}  // namespace tine::vfs
