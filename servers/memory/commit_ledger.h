// The commit ledger: how many private writable pages have been promised.
#ifndef SERVERS_MEMORY_COMMIT_LEDGER_H_
#define SERVERS_MEMORY_COMMIT_LEDGER_H_

#include "kernel/base/fault_site.h"
#include "servers/memory/mm.h"

namespace tine {

// Linux's vm.overcommit_memory. kGuess refuses only what could never be had
// (more in one request than there is RAM); kAlways refuses nothing; kStrict
// keeps the sum of all promises within the limit. I7: total == sum over all
// mms.
enum class Overcommit : u8 { kGuess = 0, kAlways = 1, kStrict = 2 };

class CommitLedger {
 public:
  CommitLedger(Overcommit mode, u64 ram_pages)
      : mode_(mode), ram_pages_(ram_pages) {}

  [[nodiscard]] bool charge(Mm& mm, u64 pages) {
    if (FAULT_SITE("commit ledger")) return false;
    if (mode_ == Overcommit::kGuess && pages > ram_pages_) return false;
    if (mode_ == Overcommit::kStrict && total_ + pages > limit()) return false;
    total_ += pages;
    mm.charged += pages;
    return true;
  }
  void uncharge(Mm& mm, u64 pages) {
    total_ -= pages;
    mm.charged -= pages;
  }
  void release(Mm& mm) { uncharge(mm, mm.charged); }
  u64 total() const { return total_; }
  // In mode kStrict.
  u64 limit() const { return ram_pages_ * ratio_ / 100; }
  Overcommit mode() const { return mode_; }
  u32 ratio() const { return ratio_; }
  // What has been promised stays so.
  void set(Overcommit mode, u32 ratio) {
    mode_ = mode;
    ratio_ = ratio;
  }
  bool is_strict() const { return mode_ == Overcommit::kStrict; }

 private:
  Overcommit mode_;
  u32 ratio_ = 50;  // per cent of the memory: vm.overcommit_ratio
  u64 ram_pages_;
  u64 total_ = 0;
};

// Only private writable memory can come to need frames of its own.
constexpr u64 chargeable_pages(const Vma& area) {
  bool counts =
      !area.shared && !area.uncharged && (area.prot & Rights::kWrite) != 0;
  return counts ? (area.end - area.start) >> kPageShift : 0;
}

}  // namespace tine

#endif  // SERVERS_MEMORY_COMMIT_LEDGER_H_
