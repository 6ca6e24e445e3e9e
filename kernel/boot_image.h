// Finding a file in the boot image, a cpio archive of servers.
#ifndef KERNEL_BOOT_IMAGE_H_
#define KERNEL_BOOT_IMAGE_H_

#include "kernel/base/newc.h"
#include "kernel/base/types.h"

namespace tine {

struct ArchiveFile {
  const u8* data;  // null: not found, or the archive is malformed before it
  u64 bytes;
};

// `name` as in the archive, without a leading slash.
inline ArchiveFile find_in_archive(const char* archive, u64 archive_bytes,
                                   const char* name) {
  u64 offset = 0;
  newc::Entry entry;
  while (newc::parse_header(archive + offset, offset, archive_bytes, entry)) {
    const char* entry_name = archive + offset + entry.name_offset;
    // The parser has checked that the name ends before the data does.
    u64 i = 0;
    while (i < entry.name_bytes && name[i] != '\0' &&
           entry_name[i] == name[i]) {
      ++i;
    }
    if (i < entry.name_bytes && name[i] == '\0' && entry_name[i] == '\0') {
      return {reinterpret_cast<const u8*>(archive) + offset + entry.data_offset,
              entry.data_bytes};
    }
    offset += entry.next_offset;
  }
  return {nullptr, 0};
}

}  // namespace tine

#endif  // KERNEL_BOOT_IMAGE_H_
