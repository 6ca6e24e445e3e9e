#include "arch/sim/tlb_model.h"

#include "arch/hw/page_table_format.h"
#include "arch/hw/phys_map.h"

namespace tine::sim {
namespace {

using Format = hw::PageTableFormat;
constexpr unsigned kRootLevel = Format::kLevels - 1;

Translation translation(u64 leaf, bool tables_writable) {
  return {true, Format::address(leaf),
          tables_writable && Format::hardware_writable(leaf),
          Format::hardware_allows(leaf, Access::kExecute)};
}

bool in_ram(PhysAddr address) {
  return address.value - hw::phys_map.base.value < hw::phys_map.bytes;
}

// The slot that a walk reads at `level` now; null if it ends before. A table
// that was replaced and reused may well be remembered for addresses whose new
// tables still say the same.
const u64* slot_on_walk(PhysAddr table, unsigned level, VirtAddr va) {
  for (unsigned at = kRootLevel;; --at) {
    const u64* const slot =
        reinterpret_cast<const u64*>(hw::phys_to_virt(table)) +
        Format::index(va, at);
    if (at == level) return slot;
    if (!Format::is_present(*slot)) return nullptr;
    table = Format::address(*slot);
  }
}

std::string describe(const char* what, u16 asid, VirtAddr va) {
  return std::string(what) + ": asid " + std::to_string(asid) + ", page " +
         std::to_string(va.value >> kPageShift);
}

}  // namespace

void TlbModel::reset() {
  spaces_.clear();
  violation_.clear();
}

TlbModel::Key TlbModel::key(unsigned level, VirtAddr va) {
  return {level, va.value >> (kPageShift + u64{9} * level)};
}

Translation TlbModel::walk(PhysAddr table, unsigned level, bool writable,
                           VirtAddr va, SpaceCache* remember) {
  for (;; --level) {
    if (!in_ram(table)) {
      return {true, {~u64{0}}, true, true};  // a walk through garbage
    }
    const u64* const slot =
        reinterpret_cast<const u64*>(hw::phys_to_virt(table)) +
        Format::index(va, level);
    const u64 entry = *slot;
    if (!Format::is_present(entry)) {
      return {};  // never remembered, by either architecture
    }
    if (level == 0) {
      if (remember != nullptr) {
        remember->entries.insert_or_assign(key(0, va),
                                           Cached{slot, entry, writable});
      }
      return translation(entry, writable);
    }
    writable = writable && Format::hardware_writable(entry);
    if (remember != nullptr) {
      remember->entries.insert_or_assign(key(level, va),
                                         Cached{slot, entry, writable});
    }
    table = Format::address(entry);
  }
}

Translation TlbModel::translate(u16 asid, PhysAddr root, VirtAddr va) {
  SpaceCache& space = spaces_[asid];
  space.root = root;
  for (unsigned level = 0; level <= kRootLevel; ++level) {
    const auto found = space.entries.find(key(level, va));
    if (found == space.entries.end()) continue;
    const Cached cached = found->second;
    return level == 0 ? translation(cached.value, cached.writable)
                      : walk(Format::address(cached.value), level - 1,
                             cached.writable, va, &space);
  }
  return walk(root, kRootLevel, true, va, &space);
}

std::string TlbModel::check(u16 asid, PhysAddr root, VirtAddr va) const {
  const auto space = spaces_.find(asid);
  if (space == spaces_.end()) return {};
  const Translation truth = walk(root, kRootLevel, true, va, nullptr);
  for (unsigned level = 0; level <= kRootLevel; ++level) {
    const auto found = space->second.entries.find(key(level, va));
    if (found == space->second.entries.end()) continue;
    const Cached& cached = found->second;
    const Translation stale =
        level == 0 ? translation(cached.value, cached.writable)
                   : walk(Format::address(cached.value), level - 1,
                          cached.writable, va, nullptr);
    if (!stale.present) continue;
    if (!truth.present) return describe("stale translation", asid, va);
    if (stale.frame != truth.frame) return describe("stale frame", asid, va);
    if ((stale.writable && !truth.writable) ||
        (stale.executable && !truth.executable)) {
      return describe("stale permission", asid, va);
    }
  }
  return {};
}

std::string TlbModel::check_all(u16 asid, PhysAddr root) const {
  const auto space = spaces_.find(asid);
  if (space == spaces_.end()) return {};
  for (const auto& [key, cached] : space->second.entries) {
    if (key.first != 0) continue;
    std::string error = check(asid, root, {key.second << kPageShift});
    if (!error.empty()) return error;
  }
  return {};
}

void TlbModel::invalidate_page(u16 asid, VirtAddr va) {
  const auto space = spaces_.find(asid);
  if (space == spaces_.end()) return;
  for (unsigned level = 0; level <= kRootLevel; ++level) {
    space->second.entries.erase(key(level, va));
  }
}

void TlbModel::invalidate_space(u16 asid) {
  const auto space = spaces_.find(asid);
  if (space != spaces_.end()) space->second.entries.clear();
}

void TlbModel::invalidate_all() { spaces_.clear(); }

void TlbModel::retire(u16 asid) {
  const auto space = spaces_.find(asid);
  if (space != spaces_.end()) space->second.retired = true;
}

void TlbModel::load(u16 asid, PhysAddr root) {
  const auto space = spaces_.find(asid);
  if (asid == 0 || space == spaces_.end()) return;
  if (space->second.entries.empty()) {
    space->second = {root, false, {}};
  } else if (space->second.retired || space->second.root != root) {
    violation_ = describe("asid reused without invalidation", asid, {});
  }
}

void TlbModel::check_store(const u64* slot, u64 entry) {
  if (!Format::is_present(entry)) return;
  if (Format::is_present(*slot) &&
      Format::address(*slot) != Format::address(entry)) {
    violation_ = "replaced without break";
  }
  for (const auto& [asid, space] : spaces_) {
    if (space.retired) continue;
    for (const auto& [key, cached] : space.entries) {
      const VirtAddr va{key.second << (kPageShift + u64{9} * key.first)};
      if (cached.slot == slot &&
          Format::address(cached.value) != Format::address(entry) &&
          slot_on_walk(space.root, key.first, va) == slot) {
        violation_ = describe("make without break", asid, va);
      }
    }
  }
}

}  // namespace tine::sim
