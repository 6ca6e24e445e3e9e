// Contents of the initrd's files: each regular file becomes a memory object.
#include "kernel/base/address.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/tree/initrd.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
constexpr u64 kPageRights = Rights::kRead | Rights::kWrite;
}

bool InitrdLoader::read_target(const newc::Entry& entry, Inode& inode) {
  if (entry.data_bytes == 0 || entry.data_bytes >= kPathMax) return false;
  if (!read(offset_ + entry.data_offset, target_, entry.data_bytes)) {
    return false;
  }
  // A NUL would end it for everyone who reads it.
  u64 bytes = 0;
  while (bytes < entry.data_bytes && target_[bytes] != '\0') ++bytes;
  if (bytes == 0) return false;
  return files_.set_target(inode, {target_, bytes});
}

bool InitrdLoader::copy_bytes(u64 from, Handle object, u64 to, u64 bytes) {
  return sys::copy_between(object, to, kInitrd, from, bytes).done == bytes;
}

bool InitrdLoader::is_zero(u64 offset, u64 bytes) {
  while (bytes != 0) {
    // The header at hand and its name are not needed any more.
    u64 part = bytes < kHeadBytes ? bytes : kHeadBytes;
    if (!read(offset, head_, part)) return false;
    for (u64 i = 0; i < part; ++i) {
      if (head_[i] != '\0') return false;
    }
    offset += part;
    bytes -= part;
  }
  return true;
}

// The archive's own frames become the file's, but for a last page that holds
// more than the file: what follows the end of a file in its last page is zero.
bool InitrdLoader::share_pages(const newc::Entry& entry, Inode& inode) {
  const u64 data = offset_ + entry.data_offset;
  const u64 tail = entry.data_bytes & kPageMask;
  const u64 page_end = page_round_up(data + entry.data_bytes);
  // Beyond the archive's end the last frame's contents are anyone's.
  const bool copies_tail =
      tail != 0 && (page_end > archive_bytes_ ||
                    !is_zero(data + entry.data_bytes, kPageSize - tail));
  u64 pages = page_round_up(entry.data_bytes) >> kPageShift;
  if (copies_tail) --pages;
  if (pages != 0 &&
      sys::run({OpCode::kSpaceMap, inode.object, 0, kInitrd, data, pages,
                kPageRights | static_cast<u64>(MapMode::kShared) << 8})
              .status != Status::kOk) {
    return false;
  }
  if (!copies_tail) return true;
  const u64 last = pages << kPageShift;
  return copy_bytes(data + last, inode.object, last, tail);
}

bool InitrdLoader::make_contents(const newc::Entry& entry, Inode& inode) {
  Contents& contents = files_.contents();
  const bool is_aligned = ((offset_ + entry.data_offset) & kPageMask) == 0;
  if (contents.make_object(inode) != 0) return false;
  if (is_aligned ? share_pages(entry, inode)
                 : copy_bytes(offset_ + entry.data_offset, inode.object, 0,
                              entry.data_bytes)) {
    inode.bytes = entry.data_bytes;
    contents.count(inode);
    return true;
  }
  contents.drop(inode);
  return false;
}

}  // namespace tine::vfs
