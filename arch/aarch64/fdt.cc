#include "arch/aarch64/fdt.h"

namespace tine::hw {
namespace {

constexpr u32 kMagic = 0xd00d'feed;
constexpr u32 kVersion = 17;
constexpr u32 kMaxBytes = 2 << 20;  // what the boot protocol allows

// Cells of the header.
enum HeaderCell : u32 {
  kMagicCell,
  kTotalSize,
  kStructureOffset,
  kStringsOffset,
  kReservationsOffset,
  kVersionCell,
  kLastCompatibleVersion,
  kBootCpu,
  kStringsSize,
  kStructureSize,
};

// Structure tokens.
constexpr u32 kBeginNode = 1;
constexpr u32 kEndNode = 2;
constexpr u32 kProperty = 3;
constexpr u32 kNop = 4;
constexpr u32 kEnd = 9;

u32 load_be32(const u8* at) {
  return u32{at[0]} << 24 | u32{at[1]} << 16 | u32{at[2]} << 8 | at[3];
}

// [offset, offset + size) of the blob, or none.
FdtBytes slice(FdtBytes whole, u32 offset, u32 size) {
  if (offset > whole.size || size > whole.size - offset) return {};
  return {whole.data + offset, size};
}

u32 padded(u32 bytes) { return (bytes + 3) & ~u32{3}; }

}  // namespace

u32 FdtBytes::cell(u32 index) const {
  return index < cells() ? load_be32(data + u64{index} * 4) : 0;
}

u64 FdtBytes::number(u32 index, u32 cell_count) const {
  u64 result = 0;
  for (u32 i = 0; i < cell_count; ++i) result = result << 32 | cell(index + i);
  return result;
}

bool FdtBytes::equals(const char* text) const {
  u32 i = 0;
  for (; i < size && data[i] != 0; ++i) {
    if (text[i] == '\0' || data[i] != static_cast<u8>(text[i])) return false;
  }
  return exists() && text[i] == '\0';
}

bool FdtBytes::lists(const char* text) const {
  for (u32 at = 0; at < size;) {
    if (FdtBytes{data + at, size - at}.equals(text)) return true;
    while (at < size && data[at] != 0) ++at;
    ++at;
  }
  return false;
}

u32 Fdt::total_bytes(const u8* blob) {
  const FdtBytes header{blob, kHeaderBytes};
  const u32 bytes = header.cell(kTotalSize);
  const bool good = header.cell(kMagicCell) == kMagic &&
                    header.cell(kVersionCell) >= kVersion &&
                    header.cell(kLastCompatibleVersion) <= kVersion &&
                    bytes >= kHeaderBytes && bytes <= kMaxBytes;
  return good ? bytes : 0;
}

bool Fdt::open(const u8* blob, u32 bytes) {
  if (bytes < kHeaderBytes) return false;
  const u32 total = total_bytes(blob);
  if (total == 0 || total > bytes) return false;
  const FdtBytes whole{blob, total};
  structure_ =
      slice(whole, whole.cell(kStructureOffset), whole.cell(kStructureSize));
  strings_ = slice(whole, whole.cell(kStringsOffset), whole.cell(kStringsSize));
  // Its size is not given: it ends at an all-zero entry.
  const u32 list = whole.cell(kReservationsOffset);
  reservations_ = slice(whole, list, list > total ? 0 : total - list);
  at_ = 0;
  return structure_.exists() && strings_.exists() && reservations_.exists();
}

FdtBytes Fdt::text_at(FdtBytes block, u32 offset) {
  for (u32 end = offset; end < block.size; ++end) {
    if (block.data[end] == 0) return {block.data + offset, end - offset};
  }
  return {};
}

// Tokens and lengths lie at multiples of 4 from the structure's start; at_
// never passes its size, which bounds all sums below 2^32.
FdtToken Fdt::next() {
  for (;;) {
    if (structure_.size - at_ < 4) return FdtToken::kMalformed;
    const u32 token = structure_.cell(at_ / 4);
    at_ += 4;
    switch (token) {
      case kNop:
        continue;
      case kEndNode:
        return FdtToken::kEndNode;
      case kEnd:
        return FdtToken::kEnd;
      case kBeginNode: {
        name_ = text_at(structure_, at_);
        if (!name_.exists()) return FdtToken::kMalformed;
        const u32 step = padded(name_.size + 1);
        if (step > structure_.size - at_) return FdtToken::kMalformed;
        at_ += step;
        return FdtToken::kBeginNode;
      }
      case kProperty: {
        if (structure_.size - at_ < 8) return FdtToken::kMalformed;
        const u32 size = structure_.cell(at_ / 4);
        name_ = text_at(strings_, structure_.cell(at_ / 4 + 1));
        at_ += 8;
        value_ = slice(structure_, at_, size);
        if (!name_.exists() || !value_.exists() ||
            padded(size) > structure_.size - at_) {
          return FdtToken::kMalformed;
        }
        at_ += padded(size);
        return FdtToken::kProperty;
      }
      default:
        return FdtToken::kMalformed;
    }
  }
}

bool Fdt::reservation(u32 index, u64& base, u64& bytes) const {
  if (index >= reservations_.cells() / 4) return false;
  base = reservations_.number(index * 4, 2);
  bytes = reservations_.number(index * 4 + 2, 2);
  return base != 0 || bytes != 0;
}

}  // namespace tine::hw
