// VMSAv8-64 descriptors, 4 KiB granule, four levels (Arm ARM D8.3).
//
// Header-only and host-compilable: the simulator runs on the same format.
#ifndef ARCH_AARCH64_PAGE_TABLE_FORMAT_H_
#define ARCH_AARCH64_PAGE_TABLE_FORMAT_H_

#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"
#include "kernel/base/address.h"

namespace tine::hw {

struct PageTableFormat {
  static constexpr unsigned kLevels = 4;
  static constexpr unsigned kEntries = 512;
  // Exclusive; the topmost page of the lower half stays unmapped.
  static constexpr u64 kUserTop = (u64{1} << 48) - kPageSize;

  // Bits of a present entry.
  static constexpr u64 kValid = u64{1} << 0;
  static constexpr u64 kTableOrPage = u64{1} << 1;
  static constexpr u64 kDeviceMemory = u64{0} << 2;  // MAIR_EL1 index
  static constexpr u64 kNormalMemory = u64{1} << 2;
  static constexpr u64 kUser = u64{1} << 6;        // AP[1]
  static constexpr u64 kApReadOnly = u64{1} << 7;  // AP[2]
  static constexpr u64 kInnerShareable = u64{3} << 8;
  static constexpr u64 kAccessed = u64{1} << 10;
  static constexpr u64 kNotGlobal = u64{1} << 11;
  static constexpr u64 kAddressMask = 0x0000'ffff'ffff'f000;
  static constexpr u64 kPrivilegedNever = u64{1} << 53;
  static constexpr u64 kUserNever = u64{1} << 54;
  static constexpr u64 kTableReadOnly = u64{1} << 62;  // APTable[1]

  // Soft bits, which the hardware ignores. Private and writable by right: where
  // the hardware permission is missing, a write copies or takes the frame over.
  static constexpr u64 kSoftWritable = u64{1} << 55;
  // Written in place by all who map it; fork leaves it alone.
  static constexpr u64 kSoftShared = u64{1} << 56;

  // Both read-only bits go together: a leaf ignores bit 62 (TCR_EL1.HWUnn are
  // 0) and a table ignores bit 7, so that no one needs to know which it is.
  static constexpr u64 kReadOnly = kApReadOnly | kTableReadOnly;

  // Bits of an entry that the hardware takes as absent (bit 0 clear).
  static constexpr u64 kMark = u64{1} << 2;
  static constexpr u64 kKept = u64{1} << 3;
  static constexpr unsigned kAbsentRightsShift = 4;

  // Level 3 is the root, level 0 the table of leaves.
  static constexpr unsigned index(VirtAddr address, unsigned level) {
    return static_cast<unsigned>(address.value >>
                                 (kPageShift + u64{9} * level)) &
           (kEntries - 1);
  }

  static constexpr u64 make_table(PhysAddr table) {
    return table.value | kValid | kTableOrPage;
  }

  // Rights 0 give a kept entry. Write or execute alone implies read.
  static constexpr u64 make_leaf(PhysAddr frame, u8 rights, bool shared) {
    if (rights == 0) return make_none(frame, shared);
    u64 entry = frame.value | kValid | kTableOrPage | kNormalMemory | kUser |
                kInnerShareable | kAccessed | kNotGlobal | kPrivilegedNever;
    if ((rights & kExecute) == 0) entry |= kUserNever;
    if ((rights & kWrite) == 0) entry |= kReadOnly;
    if (shared) {
      entry |= kSoftShared;
    } else if ((rights & kWrite) != 0) {
      entry |= kSoftWritable;
    }
    return entry;
  }

  // No access, but the frame and what is in it stay (PROT_NONE).
  static constexpr u64 make_none(PhysAddr frame, bool shared) {
    return frame.value | kKept | (shared ? kSoftShared : 0);
  }

  // Registers of a device: nGnRE, readable and writable, shared.
  static constexpr u64 make_device_leaf(PhysAddr registers) {
    return registers.value | kValid | kTableOrPage | kDeviceMemory | kUser |
           kAccessed | kNotGlobal | kPrivilegedNever | kUserNever | kSoftShared;
  }

  // Nothing there yet; an access with one of `rights` gets a zeroed frame.
  static constexpr u64 make_mark(u8 rights) {
    return kMark | (u64{rights} & 7) << kAbsentRightsShift;
  }

  static constexpr bool is_present(u64 entry) { return (entry & kValid) != 0; }
  static constexpr bool is_table(u64 entry, unsigned level) {
    constexpr u64 kBits = kValid | kTableOrPage;
    return level > 0 && (entry & kBits) == kBits;
  }
  static constexpr bool is_mark(u64 entry) {
    return (entry & (kValid | kMark)) == kMark;
  }
  static constexpr bool is_kept(u64 entry) {
    return (entry & (kValid | kKept)) == kKept;
  }

  // Of a table, a leaf or a kept entry.
  static constexpr PhysAddr address(u64 entry) {
    return {entry & kAddressMask};
  }

  // What the owner may do, if need be after a copy. Of a leaf, mark or kept.
  static constexpr u8 rights(u64 entry) {
    if (!is_present(entry)) {
      return static_cast<u8>(entry >> kAbsentRightsShift & 7);
    }
    u8 result = kRead;
    if ((entry & kSoftWritable) != 0 || (entry & kApReadOnly) == 0) {
      result |= kWrite;
    }
    if ((entry & kUserNever) == 0) result |= kExecute;
    return result;
  }

  static constexpr bool is_shared(u64 entry) {
    return (entry & kSoftShared) != 0;  // never set in marks
  }

  // Of a leaf or table entry.
  static constexpr bool hardware_writable(u64 entry) {
    return (entry & (kValid | kApReadOnly)) == kValid;
  }
  static constexpr u64 set_read_only(u64 entry) { return entry | kReadOnly; }
  static constexpr u64 clear_read_only(u64 entry) { return entry & ~kReadOnly; }

  // Of a leaf; tables above it may still take write permission away.
  static constexpr bool hardware_allows(u64 entry, Access access) {
    if (!is_present(entry)) return false;
    if (access == Access::kWrite) return hardware_writable(entry);
    return access == Access::kRead || (entry & kUserNever) == 0;
  }

  // The same frame or mark with other rights. A private leaf gains no hardware
  // write permission here: its frame may be shared copy-on-write, and the first
  // write finds out.
  static constexpr u64 with_rights(u64 entry, u8 rights) {
    if (is_mark(entry)) return make_mark(rights);
    const bool shared = is_shared(entry);
    u64 changed = make_leaf(address(entry), rights, shared);
    if (!is_present(changed)) return changed;
    if (is_present(entry)) {  // a device stays one
      changed = (changed & ~kNormalMemory) | (entry & kNormalMemory);
    }
    return shared || hardware_writable(entry) ? changed
                                              : set_read_only(changed);
  }
};

}  // namespace tine::hw

#endif  // ARCH_AARCH64_PAGE_TABLE_FORMAT_H_
