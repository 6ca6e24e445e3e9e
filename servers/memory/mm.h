// An mm: what the memory of a process means. Its Space holds what is mapped.
#ifndef SERVERS_MEMORY_MM_H_
#define SERVERS_MEMORY_MM_H_

#include "servers/memory/vma_map.h"

namespace tine {

enum class MmState : u8 {
  kFree,
  kPrepared,   // made for a fork or exec that may still be undone
  kCommitted,  // a published thread runs in it
};

inline constexpr u64 kNoLimit = ~u64{0};

struct Mm {
  explicit Mm(VmaStore& store) : areas(store) {}
  MmId id = 0;
  Handle space = kNoHandle;
  MmState state = MmState::kFree;
  VmaMap areas;
  u64 break_start = 0;
  u64 break_end = 0;
  u64 mmap_top = 0;                 // mmap searches downwards from here
  u64 charged = 0;                  // pages in the commit ledger
  u64 locked = 0;                   // pages
  u64 most_seen = 0;                // pages of all areas
  u64 most_resident = 0;            // pages, when last looked
  u64 stack_top = 0;                // end of the initial stack
  u64 most_pages = kNoLimit;        // RLIMIT_AS
  u64 most_data_pages = kNoLimit;   // RLIMIT_DATA
  u64 most_stack_bytes = kNoLimit;  // RLIMIT_STACK
  u64 most_locked = kNoLimit;    // pages: RLIMIT_MEMLOCK, of who is bound by it
  bool lock_future = false;      // mlockall(MCL_FUTURE)
  bool lock_on_fault = false;    // with MCL_ONFAULT
  bool has_fork_advice = false;  // some area may be advised about fork
  Mm* next_free = nullptr;
};

// The mms, found by the badge of their Space: index in the low half, generation
// above it, so that a late message of a dead mm finds nothing.
class MmTable {
 public:
  MmTable(Heap& heap, VmaStore& store, u32 limit, Handle first_handle);
  Mm* take();  // state kPrepared, empty; null: no memory
  void release(Mm& mm);
  Mm* find(MmId id);
  u64 live() const { return live_; }
  // All records ever used.
  Mm* const* begin() { return mms_; }
  Mm* const* end() { return mms_ + made_; }
  const Mm* const* begin() const { return mms_; }
  const Mm* const* end() const { return mms_ + made_; }

 private:
  Mm** mms_;  // all of them, from the start
  u32 limit_;
  u32 made_ = 0;
  u64 live_ = 0;
  Handle first_handle_;
  Mm* free_ = nullptr;
};

}  // namespace tine

#endif  // SERVERS_MEMORY_MM_H_
