#include "servers/vfs/tree/initrd.h"

#include "servers/linux_abi/time.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/devices.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u64 kMaxMessage = 160;

// A field that newc::Entry does not carry.
u32 header_field(const char* header, unsigned index) {
  u32 value = 0;
  return newc::parse_hex8(header + 6 + 8 * index, value) ? value : 0;
}
constexpr unsigned kUidField = 2;
constexpr unsigned kGidField = 3;
constexpr unsigned kModifiedField = 5;

}  // namespace

void InitrdLoader::complain(const char* what) {
  char text[kMaxMessage];
  u64 n = 0;
  auto append = [&](const char* s, u64 most) {
    while (most-- != 0 && *s != '\0' && n < kMaxMessage - 1) {
      text[n++] = *s >= ' ' && *s <= '~' ? *s : '?';
      ++s;
    }
  };
  append("vfs: initrd: ", kMaxMessage);
  append(what, kMaxMessage);
  if (name_bytes_ != 0) {
    append(": ", 2);
    append(name_, name_bytes_);
  }
  text[n] = '\0';
  sys::log(text);
}

bool InitrdLoader::read(u64 offset, void* to, u64 bytes) {
  return sys::copy_in(kInitrd, offset, to, bytes).done == bytes;
}

void InitrdLoader::load(u64 archive_bytes) {
  archive_bytes_ = archive_bytes;
  newc::Entry entry{};
  while (!is_full_ && next_header(entry)) {
    if (read_name(entry)) {
      if (Text{name_, name_bytes_}.is("TRAILER!!!")) {
        has_end_ = true;
        forget_links();
      } else {
        add_entry(entry);
      }
    }
    offset_ += entry.next_offset;
  }
  forget_links();
}

void InitrdLoader::forget_links() {
  for (u32 i = 0; i < link_count_; ++i) {
    --links_[i].inode->refs;
    files_.discard(*links_[i].inode);
  }
  link_count_ = 0;
}

bool InitrdLoader::next_header(newc::Entry& entry) {
  // Between archives there may be NULs, in steps of four bytes.
  for (;;) {
    if (offset_ >= archive_bytes_) {
      name_bytes_ = 0;
      if (!has_end_) complain("cut off: it has no end");
      return false;
    }
    u64 left = archive_bytes_ - offset_;
    u64 bytes = left < kHeadBytes ? left : kHeadBytes;
    if (!read(offset_, head_, bytes)) {
      name_bytes_ = 0;
      complain("cannot be read");
      return false;
    }
    u64 zeros = 0;
    while (zeros < bytes && head_[zeros] == '\0') ++zeros;
    if (zeros >= 4 || zeros == bytes) {
      offset_ += zeros == bytes ? zeros : zeros & ~u64{3};
      continue;
    }
    if (newc::parse_header(head_, offset_, archive_bytes_, entry)) return true;
    name_bytes_ = 0;
    complain(left < newc::kHeaderBytes
                 ? "cut off within a header; the rest is left out"
                 : "malformed or cut off (a cpio archive in the newc form is "
                   "needed); the rest is left out");
    return false;
  }
}

bool InitrdLoader::read_name(const newc::Entry& entry) {
  // The field may be padded with NULs far beyond the name.
  u64 bytes =
      entry.name_bytes < sizeof(name_) ? entry.name_bytes : sizeof(name_);
  name_bytes_ = 0;
  u64 in_head = kHeadBytes - entry.name_offset;
  u64 first = bytes < in_head ? bytes : in_head;
  u64 end = 0;
  for (; end < first; ++end) {
    name_[end] = head_[entry.name_offset + end];
    if (name_[end] == '\0') break;
  }
  if (end == first && first < bytes) {
    if (!read(offset_ + entry.name_offset + first, name_ + first,
              bytes - first)) {
      complain("a name cannot be read");
      return false;
    }
    while (end < bytes && name_[end] != '\0') ++end;
  }
  if (end == bytes) {
    complain("a name is too long or has no end");
    return false;
  }
  name_bytes_ = end;
  return true;
}

Entry* InitrdLoader::find_or_make_directory(Entry& parent, Text name) {
  Entry* found = files_.find(parent, name);
  if (found != nullptr) {
    return found->inode->is_directory() ? found : nullptr;
  }
  Inode* inode = files_.make_inode(kModeDirectory | 0755, 0);
  if (inode == nullptr) return nullptr;
  Entry* entry = files_.add(parent, name, *inode);
  if (entry == nullptr) files_.discard(*inode);
  return entry;
}

// Makes the directories on the way to `name` and leaves its last component;
// that is empty for the root.
Entry* InitrdLoader::add_directories(Text& name) {
  Entry* directory = &files_.root();
  Text last{name.bytes, 0};
  u64 at = 0;
  while (at < name.count) {
    Text part{name.bytes + at, 0};
    while (at < name.count && name.bytes[at] != '/') {
      ++at;
      ++part.count;
    }
    while (at < name.count && name.bytes[at] == '/') ++at;
    if (part.count == 0 || part.is(".")) continue;
    if (part.is("..") || part.count > kNameMax) return nullptr;
    if (last.count != 0) {
      directory = find_or_make_directory(*directory, last);
      if (directory == nullptr) return nullptr;
    }
    last = part;
  }
  name = last;
  return directory;
}

Inode* InitrdLoader::find_link(const newc::Entry& entry) {
  for (u32 i = 0; i < link_count_; ++i) {
    if (links_[i].number == entry.inode) return links_[i].inode;
  }
  return nullptr;
}

Inode* InitrdLoader::make_inode(const newc::Entry& entry) {
  Inode* inode =
      files_.make_inode(entry.mode & (kModeType | kModePermissions),
                        header_field(head_, kModifiedField) * kNsPerSecond);
  if (inode == nullptr) return nullptr;
  inode->uid = header_field(head_, kUidField);
  inode->gid = header_field(head_, kGidField);
  inode->device_major = entry.device_major;
  inode->device_minor = entry.device_minor;
  return inode;
}

bool InitrdLoader::may_place(const Entry* old, const newc::Entry& entry) {
  if (old == nullptr) return true;
  const bool is_directory = (entry.mode & kModeType) == kModeDirectory;
  if (old->inode->is_directory() != is_directory) {
    complain("a directory and a file have the same name");
    return false;
  }
  // The devices that there are stay, whatever the archive has in their place.
  if (device_of(*old->inode) == Device::kNone) return true;
  if ((entry.mode & kModeType) == kModeCharacter &&
      entry.device_major == old->inode->device_major &&
      entry.device_minor == old->inode->device_minor) {
    old->inode->mode = kModeCharacter | (entry.mode & kModePermissions);
  } else {
    complain("not what this device is");
  }
  return false;
}

void InitrdLoader::place(Entry& directory, Text name, Inode& inode) {
  Entry* old = files_.find(directory, name);
  if (old != nullptr && inode.is_directory()) {
    old->inode->mode = inode.mode;
    old->inode->uid = inode.uid;
    old->inode->gid = inode.gid;
    old->inode->modified = inode.modified;
    return;
  }
  if (old != nullptr) {
    if (old->inode == &inode) return;
    files_.remove(*old);  // the later one wins
  }
  is_full_ = files_.add(directory, name, inode) == nullptr;
  if (is_full_) complain("too many files for this machine's memory");
}

bool InitrdLoader::has_room() const {
  return files_.inodes() + kOwnFiles < files_.most_inodes();
}

void InitrdLoader::add_entry(const newc::Entry& entry) {
  Text name{name_, name_bytes_};
  const u32 type = entry.mode & kModeType;
  if (type != kModeDirectory && type != kModeRegular && type != kModeSymlink &&
      type != kModeCharacter && type != kModeBlock && type != kModeFifo &&
      type != kModeSocket) {
    return complain("unknown type of file");
  }
  Entry* directory = add_directories(name);
  if (directory == nullptr) return complain("bad path");
  if (name.count == 0) {  // the root itself
    if (type == kModeDirectory) {
      directory->inode->mode = kModeDirectory | (entry.mode & kModePermissions);
    }
    return;
  }
  if (!may_place(files_.find(*directory, name), entry)) return;
  const bool may_link = type == kModeRegular && entry.links > 1;
  Inode* inode = may_link ? find_link(entry) : nullptr;
  if (inode == nullptr) {
    inode = has_room() ? make_inode(entry) : nullptr;
    if (inode == nullptr) {
      is_full_ = true;
      return complain("too many files for this machine's memory");
    }
    if (may_link) {
      if (link_count_ == kMostLinks) {
        complain("too many files with several names");
      } else {
        links_[link_count_++] = {entry.inode, inode};
        ++inode->refs;
      }
    }
  }
  if (type == kModeSymlink && !read_target(entry, *inode)) {
    complain("a symlink's target is empty or too long");
  } else if (type == kModeRegular && entry.data_bytes != 0 &&
             inode->bytes == 0 && !make_contents(entry, *inode)) {
    complain("no memory for the file");
  } else {
    place(*directory, name, *inode);
  }
  files_.discard(*inode);  // if it got no name
}

}  // namespace tine::vfs
