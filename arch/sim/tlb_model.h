// A TLB that forgets nothing until it is told to.
//
// It remembers translations and the table entries on the way to them (paging-
// structure caches), prefers the memory over the tables whenever it has an
// answer, and drops only what an invalidation names. Stale permission, missing
// invalidations and missing break-before-make show up as violations or as
// stores into the wrong frame.
#ifndef ARCH_SIM_TLB_MODEL_H_
#define ARCH_SIM_TLB_MODEL_H_

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "kernel/base/address.h"

namespace tine::sim {

struct Translation {
  bool present = false;
  PhysAddr frame;
  bool writable = false;
  bool executable = false;
};

class TlbModel {
 public:
  void reset();

  // What hardware would use for `va`: a remembered answer if there is one,
  // else a walk, from a remembered table if possible, that is remembered.
  Translation translate(u16 asid, PhysAddr root, VirtAddr va);

  // Invariant I8 for one address: nothing remembered for it allows more than
  // the tables do, or leads elsewhere. Empty: it holds.
  std::string check(u16 asid, PhysAddr root, VirtAddr va) const;
  // The same for every page that is remembered for that ASID.
  std::string check_all(u16 asid, PhysAddr root) const;

  void invalidate_page(u16 asid, VirtAddr va);
  void invalidate_space(u16 asid);
  void invalidate_all();

  // The space with that ASID is gone: nothing will use what is remembered,
  // unless the number is given out again without an invalidation.
  void retire(u16 asid);
  // `asid` is loaded with that root.
  void load(u16 asid, PhysAddr root);

  // Before a store into a table: break before make.
  void check_store(const u64* slot, u64 entry);

  const std::string& violation() const { return violation_; }

 private:
  // One remembered entry: of level 0 a translation, above it a table.
  struct Cached {
    const u64* slot;
    u64 value;
    bool writable;  // accumulated from the root down
  };
  // Level and the part of the address that its table and those above decode.
  using Key = std::pair<unsigned, u64>;
  struct SpaceCache {
    PhysAddr root;
    bool retired = false;
    std::map<Key, Cached> entries;
  };

  static Key key(unsigned level, VirtAddr va);
  static Translation walk(PhysAddr table, unsigned level, bool writable,
                          VirtAddr va, SpaceCache* remember);

  std::map<u16, SpaceCache> spaces_;
  std::string violation_;
};

inline TlbModel tlb;

}  // namespace tine::sim

#endif  // ARCH_SIM_TLB_MODEL_H_
