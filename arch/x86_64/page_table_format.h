// Page-table entries of x86-64 (SDM 3A chapter 4, 4-level paging).
//
//   63 62..52 51........12 11..9 8 7  6 5 4   3   2 1 0
//   NX  soft    address    soft  G PS D A PCD PWT U W P
//
// Entries with P clear are the kernel's own:
//   mark  kMark, rights in bits 2..4: demand-zero memory
//   kept  kKept, address inverted: PROT_NONE on a frame that stays
//
// Header-only and free of instructions: the simulator walks with it too.
#ifndef ARCH_X86_64_PAGE_TABLE_FORMAT_H_
#define ARCH_X86_64_PAGE_TABLE_FORMAT_H_

#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"
#include "kernel/base/address.h"

namespace tine::hw {

struct PageTableFormat {
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kEntries = 512;
  // Exclusive. The page below the hole stays unmapped: SYSCALL as its last
  // instruction would return to a non-canonical address.
  static constexpr u64 kUserTop = 0x7fff'ffff'f000;

  static constexpr u64 kPresent = u64{1} << 0;
  static constexpr u64 kHardwareWritable = u64{1} << 1;
  static constexpr u64 kUser = u64{1} << 2;
  static constexpr u64 kUncached = u64{3} << 3;  // PCD and PWT: PAT entry 3
  static constexpr u64 kAccessed = u64{1} << 5;
  static constexpr u64 kDirty = u64{1} << 6;
  static constexpr u64 kHuge = u64{1} << 7;  // PS; at level 0 this is PAT
  static constexpr u64 kGlobal = u64{1} << 8;
  // Private and writable: a copy-on-write candidate even while read-only.
  static constexpr u64 kSoftWritable = u64{1} << 9;
  // Shared: written in place, and left as it is by fork.
  static constexpr u64 kSoftShared = u64{1} << 10;
  static constexpr u64 kNoExecute = u64{1} << 63;
  static constexpr u64 kAddressMask = 0x000f'ffff'ffff'f000;

  // Entries that are not present.
  static constexpr u64 kMark = u64{1} << 1;
  static constexpr unsigned kMarkRightsShift = 2;
  static constexpr u64 kMarkRights = u64{7} << kMarkRightsShift;
  static constexpr u64 kKept = u64{1} << 11;

  // Level 3 is the root, level 0 holds the leaves.
  static constexpr unsigned index(VirtAddr va, unsigned level) {
    return static_cast<unsigned>(va.value >> (kPageShift + u64{9} * level)) &
           (kEntries - 1);
  }

  static constexpr u64 make_table(PhysAddr table) {
    return table.value | kPresent | kHardwareWritable | kUser | kAccessed;
  }

  // Rights 0 give a kept entry. Write or execute alone implies read.
  static constexpr u64 make_leaf(PhysAddr frame, u8 rights, bool shared) {
    if (rights == 0) return make_none(frame, shared);
    u64 e = frame.value | kPresent | kUser | kAccessed | kDirty;
    if (rights & kWrite) e |= kHardwareWritable | (shared ? 0 : kSoftWritable);
    if (shared) e |= kSoftShared;
    if (!(rights & kExecute)) e |= kNoExecute;
    return e;
  }

  // Not accessible, frame kept. The address is inverted so that a CPU which
  // speculates through P=0 (L1TF) finds an address above all memory.
  static constexpr u64 make_none(PhysAddr frame, bool shared) {
    return (~frame.value & kAddressMask) | kKept | (shared ? kSoftShared : 0);
  }

  static constexpr u64 make_device_leaf(PhysAddr frame) {
    return make_leaf(frame, kRead | kWrite, true) | kUncached;
  }

  static constexpr u64 make_mark(u8 rights) {
    return kMark | (u64{rights} << kMarkRightsShift & kMarkRights);
  }

  static constexpr bool is_present(u64 e) { return e & kPresent; }
  static constexpr bool is_table(u64 e, unsigned level) {
    return level > 0 && (e & (kPresent | kHuge)) == kPresent;
  }
  static constexpr bool is_mark(u64 e) {
    return (e & (kPresent | kMark)) == kMark;
  }
  static constexpr bool is_kept(u64 e) {
    return (e & (kPresent | kKept)) == kKept;
  }

  // Of a table, leaf or kept entry.
  static constexpr PhysAddr address(u64 e) {
    return {(is_present(e) ? e : ~e) & kAddressMask};
  }

  // What the entry is meant to allow, read-only for copy-on-write or not; of
  // marks too. Kept and empty entries allow nothing.
  static constexpr u8 rights(u64 e) {
    if (is_mark(e)) {
      return static_cast<u8>((e & kMarkRights) >> kMarkRightsShift);
    }
    if (!is_present(e)) return 0;
    u8 r = kRead;
    if (e & (kHardwareWritable | kSoftWritable)) r |= kWrite;
    if (!(e & kNoExecute)) r |= kExecute;
    return r;
  }

  static constexpr bool is_shared(u64 e) {
    return !is_mark(e) && (e & kSoftShared);
  }

  // Of present leaf and table entries.
  static constexpr bool hardware_writable(u64 e) {
    return e & kHardwareWritable;
  }
  static constexpr u64 set_read_only(u64 e) { return e & ~kHardwareWritable; }
  static constexpr u64 clear_read_only(u64 e) { return e | kHardwareWritable; }

  // Whether this entry, at its level, stands in the way of a user's access.
  static constexpr bool hardware_allows(u64 e, Access access) {
    if (!is_present(e)) return false;
    if (access == Access::kWrite) return e & kHardwareWritable;
    if (access == Access::kExecute) return !(e & kNoExecute);
    return true;
  }

  // The leaf, kept entry or mark with other rights; address and sharing stay.
  // A private leaf never gains the hardware's write permission here, since its
  // frame may be shared copy-on-write: the next write fault decides.
  static constexpr u64 with_rights(u64 e, u8 rights) {
    if (is_mark(e)) return make_mark(rights);
    const bool shared = is_shared(e);
    const u64 changed = make_leaf(address(e), rights, shared);
    if (!is_present(changed) || shared) {
      return changed | (is_present(changed) ? e & kUncached : 0);
    }
    const bool was_writable = is_present(e) && hardware_writable(e);
    return was_writable ? changed : set_read_only(changed);
  }
};

}  // namespace tine::hw

#endif  // ARCH_X86_64_PAGE_TABLE_FORMAT_H_
