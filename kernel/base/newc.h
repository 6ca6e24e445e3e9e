// Headers of a cpio archive in the "newc" form (Linux's
// driver-api/early-userspace/buffer-format): 110 ASCII bytes, then the name,
// then the data, both padded to 4 bytes.
#ifndef KERNEL_BASE_NEWC_H_
#define KERNEL_BASE_NEWC_H_

#include "kernel/base/types.h"

namespace tine::newc {

inline constexpr u64 kHeaderBytes = 110;

struct Entry {
  u32 inode;
  u32 mode;
  u32 links;
  u32 data_bytes;
  u32 device_major;  // of a device node
  u32 device_minor;
  u32 name_bytes;  // with its NUL and any NULs that pad it
  // Offsets from the start of this header.
  u64 name_offset;
  u64 data_offset;
  u64 next_offset;
};

// Eight hexadecimal digits; false if one is not.
constexpr bool parse_hex8(const char* text, u32& value) {
  value = 0;
  for (int i = 0; i < 8; ++i) {
    const char c = text[i];
    u32 digit = 0;
    if (c >= '0' && c <= '9') {
      digit = static_cast<u32>(c - '0');
    } else if (c >= 'a' && c <= 'f') {
      digit = static_cast<u32>(c - 'a') + 10;
    } else if (c >= 'A' && c <= 'F') {
      digit = static_cast<u32>(c - 'A') + 10;
    } else {
      return false;
    }
    value = value << 4 | digit;
  }
  return true;
}

// Parses the kHeaderBytes at `header`, which lie `offset` bytes into an archive
// of `archive_bytes`. False: malformed, or the entry ends beyond the archive.
// Padding counts from the archive's start, so alignment follows from `offset`.
constexpr bool parse_header(const char* header, u64 offset, u64 archive_bytes,
                            Entry& entry) {
  if (offset > archive_bytes || archive_bytes - offset < kHeaderBytes) {
    return false;
  }
  constexpr char kMagic[] = "07070";
  for (int i = 0; i < 5; ++i) {
    if (header[i] != kMagic[i]) return false;
  }
  if (header[5] != '1' && header[5] != '2') return false;
  u32 field[13] = {};
  for (unsigned i = 0; i < 13; ++i) {
    if (!parse_hex8(header + 6 + u64{8} * i, field[i])) return false;
  }
  entry.inode = field[0];
  entry.mode = field[1];
  entry.links = field[4];
  entry.data_bytes = field[6];
  entry.device_major = field[9];
  entry.device_minor = field[10];
  entry.name_bytes = field[11];
  if (entry.name_bytes == 0) return false;
  entry.name_offset = kHeaderBytes;
  u64 data = (offset + kHeaderBytes + entry.name_bytes + 3) & ~u64{3};
  u64 next = (data + entry.data_bytes + 3) & ~u64{3};
  entry.data_offset = data - offset;
  entry.next_offset = next - offset;
  return data <= archive_bytes && entry.data_bytes <= archive_bytes - data;
}

}  // namespace tine::newc

#endif  // KERNEL_BASE_NEWC_H_
