// A reader of flattened device trees (Devicetree Specification 0.4, chapter 5).
//
// The blob is not trusted: every step is checked against its end, and what does
// not fit ends the walk as malformed. Needs no memory of its own.
#ifndef ARCH_AARCH64_FDT_H_
#define ARCH_AARCH64_FDT_H_

#include "kernel/base/types.h"

namespace tine::hw {

// A property's value, or any other bytes inside the blob.
struct FdtBytes {
  const u8* data = nullptr;
  u32 size = 0;

  bool exists() const { return data != nullptr; }
  u32 cells() const { return size / 4; }
  // The big-endian 32-bit cell; 0 beyond the end.
  u32 cell(u32 index) const;
  // A number of 0 to 2 cells from cell `index` on; more cells keep the last
  // two.
  u64 number(u32 index, u32 cell_count) const;
  // As text: ends at the first NUL or at the end.
  bool equals(const char* text) const;
  // Whether one of the NUL-terminated strings in it is `text`.
  bool lists(const char* text) const;
};

enum class FdtToken : u8 { kBeginNode, kProperty, kEndNode, kEnd, kMalformed };

class Fdt {
 public:
  // Bytes of the whole blob by its header, or 0 if that is no device tree.
  // Reads kHeaderBytes.
  static constexpr u32 kHeaderBytes = 40;
  static u32 total_bytes(const u8* blob);

  // `bytes`: how many may be read. False if header and bytes disagree.
  bool open(const u8* blob, u32 bytes);

  // Moves on: sets name() for kBeginNode and kProperty, value() for kProperty.
  FdtToken next();
  FdtBytes name() const { return name_; }
  FdtBytes value() const { return value_; }

  // The index-th memory reservation: false at the list's end.
  bool reservation(u32 index, u64& base, u64& bytes) const;

 private:
  // The string at `offset` inside `block`; none if it does not end in there.
  static FdtBytes text_at(FdtBytes block, u32 offset);

  FdtBytes structure_;
  FdtBytes strings_;
  FdtBytes reservations_;
  u32 at_ = 0;  // in structure_, a multiple of 4
  FdtBytes name_;
  FdtBytes value_;
};

}  // namespace tine::hw

#endif  // ARCH_AARCH64_FDT_H_
