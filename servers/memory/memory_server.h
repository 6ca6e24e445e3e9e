// The memory server: mms, their areas, faults, and the objects behind files.
#ifndef SERVERS_MEMORY_MEMORY_SERVER_H_
#define SERVERS_MEMORY_MEMORY_SERVER_H_

#include "servers/memory/commit_ledger.h"
#include "servers/memory/mm.h"
#include "servers/protocol/ring.h"
#include "servers/runtime/server_loop.h"

namespace tine {

// What mmap maps where.
struct MapRequest {
  u64 address;
  u64 length;
  u64 prot;
  u64 flags;
  MemoryObject* object = nullptr;  // null: zeros
  u64 offset = 0;
  bool may_write = true;
};

// A result that no program sees: the call is made again when there is memory.
inline constexpr i64 kOutOfMemory = INT64_MIN;

class MemoryServer {
 public:
  explicit MemoryServer(const ServerConfig& config);

  Outcome handle(const sys::Message& in);
  Outcome commit_failed(const sys::BatchResult& result);

  // For the invariant checker.
  const MmTable& mms() const { return mms_; }
  const ObjectTable& objects() const { return objects_; }
  u64 committed_pages() const { return ledger_.total(); }
  // Objects that this server keeps for itself.
  static constexpr u32 kOwnObjects = 2;
  const MemoryObject* own_object(u32 i) const {
    return i == 0 ? vdso_ : reserve_;
  }

 private:
  Outcome handle_request(const sys::Message& in);
  Outcome handle_syscall(const sys::Message& in);

  // dup_mm.cc
  Outcome mm_new(const sys::Message& in);
  i64 follow_fork_advice(Mm& mm);
  Outcome mm_fork(const sys::Message& in);
  Outcome mm_abort(const sys::Message& in);
  void forget_mm(Mm& mm);
  void destroy_mm(Mm& mm);
  void apply(const RingRecord& record);

  // object_requests.cc
  Outcome object_new(const sys::Message& in);
  Outcome object_resize(const sys::Message& in);
  Outcome object_punch(const sys::Message& in);
  i64 punch(MemoryObject& object, u64 from, u64 to);
  void clear_pages(MemoryObject& object, u64 first, u64 end);
  void clear_bytes(MemoryObject& object, u64 from, u64 to);
  void clear_in_place(MemoryObject& object, u64 first, u64 end);
  bool has_private_area(const MemoryObject& object, u64 first, u64 end) const;
  void unmap_object(const MemoryObject& object, u64 first, u64 end,
                    bool private_too);

  // segments.cc
  Outcome mm_detach(const sys::Message& in);
  Outcome object_use(const sys::Message& in);

  // reserve.cc: unmapping never fails for want of page tables.
  void make_reserve();
  void fill_reserve();
  bool has_reserve() const { return reserve_pages_ == kReservePages; }
  sys::BatchResult unmap_pages(Mm& mm, u64 start, u64 pages);
  sys::BatchResult zero_pages(Mm& mm, u64 start, u64 pages, u8 rights);
  sys::BatchResult take_out(Mm& mm, Op op);

  // vdso.cc
  void make_vdso(const ServerConfig& config);
  Outcome set_realtime(const sys::Message& in);
  i64 map_vdso(Mm& mm);

  // mm_inspect.cc, mm_access.cc
  Outcome mm_stat(const sys::Message& in);
  Outcome mm_status(const sys::Message& in);
  Outcome mm_areas(const sys::Message& in);
  void note_peaks(Mm& mm);
  Outcome mm_access(const sys::Message& in, Access access);
  i64 force_copy(Mm& mm, u64 address, u64 token, u64 other, u64 bytes,
                 Access access);
  Outcome mm_key(const sys::Message& in);

  // exec_map.cc
  Outcome mm_map(const sys::Message& in);
  Outcome mm_set_break(const sys::Message& in);
  Outcome mm_set_stack(const sys::Message& in);

  // mlock.cc
  static bool may_lock(const Mm& mm, u64 more_pages);
  i64 mark_locked(Mm& mm, u64 start, u64 end, bool locked);
  i64 populate(Mm& mm, u64 start, u64 end);
  i64 populate_area(Mm& mm, const Vma& area, u64 start, u64 end, Access access);
  i64 sys_mlock(Mm& mm, u64 address, u64 bytes, bool on_fault);
  i64 sys_munlock(Mm& mm, u64 address, u64 bytes);
  i64 sys_mlockall(Mm& mm, u64 flags);
  i64 sys_munlockall(Mm& mm);

  // mincore.cc
  i64 sys_mincore(const sys::Message& in, Mm& mm);
  // Bit i: there is a frame for page i of up to 64.
  static u64 present_pages(Handle space, u64 address, u64 pages);
  u64 resident_pages(const Mm& mm, const Vma& area, u64 address, u64 pages);
  i64 copy_to_caller(Mm& mm, u64 token, u64 to, const void* from, u64 bytes);

  // stack.cc
  bool may_grow_stack(const Mm& mm, u32 index, u64 low) const;
  const Vma* area_at(Mm& mm, u64 address);

  // fault.cc
  Outcome page_fault(const sys::Message& in);
  i64 prefault(Mm& mm, u64 address, Access access);

  // mmap.cc, brk.cc, mprotect.cc, madvise.cc: system calls of managed threads
  Outcome forward_mmap(const sys::Message& in);
  Outcome mm_map_file(const sys::Message& in);
  i64 map(Mm& mm, const MapRequest& request);
  // Where an area may lie; what is in the way of MAP_FIXED is gone then.
  i64 place(Mm& mm, u64 address, u64 bytes, u64 flags);
  bool is_within_limits(const Mm& mm, u64 bytes, u64 replaced,
                        bool is_data) const;
  // What RLIMIT_DATA counts.
  static bool is_data(const Vma& area) {
    return !area.shared && !area.stack && (area.prot & Rights::kWrite) != 0;
  }
  static u64 data_pages(const Mm& mm);
  i64 sys_munmap(Mm& mm, u64 address, u64 bytes);
  i64 sys_mprotect(Mm& mm, u64 address, u64 bytes, u64 prot);
  i64 sys_mremap(Mm& mm, const u64* arguments);
  i64 sys_remap_file_pages(Mm& mm, const u64* arguments);
  i64 grow_in_place(Mm& mm, const Vma& area, u64 bytes);
  i64 move(Mm& mm, Vma from, u64 old_bytes, u64 new_bytes, u64 to, u64 flags);
  i64 map_moved(Mm& mm, const Vma& from, const Vma& to, u64 bytes);
  i64 sys_madvise(Mm& mm, u64 address, u64 bytes, u32 advice);
  i64 advise_area(Mm& mm, const Vma& area, u64 advice);
  i64 forget_pages(Mm& mm, const Vma& area);
  i64 sys_msync(Mm& mm, u64 address, u64 bytes, u32 flags);
  i64 sys_brk(Mm& mm, u64 address);

  // Removes [start, end) from areas and tables. On failure a prefix is gone.
  i64 unmap_range(Mm& mm, u64 start, u64 end);
  // Adds an anonymous private area of demand-zero pages where nothing is.
  i64 map_anonymous(Mm& mm, const Vma& area);
  // Adds an area of an object, of which it takes a reference of its own. Pages
  // beyond the object's end stay empty: touching them is SIGBUS.
  // They are mapped when touched, or now if `at_once`.
  i64 map_object(Mm& mm, const Vma& area, bool at_once = false);
  // What of an area may be mapped: pages of its object from the area's start.
  u64 object_pages(const Vma& area) const;
  i64 map_object_page(Mm& mm, const Vma& area, u64 page);
  i64 map_shared_anonymous(Mm& mm, Vma area);
  // What [start, end) counts for is counted no more: it goes.
  void uncharge_range(Mm& mm, u64 start, u64 end);

  Heap heap_;
  ObjectTable objects_;
  VmaStore store_;
  MmTable mms_;
  CommitLedger ledger_;
  ForkMode fork_mode_;
  MemoryObject* vdso_ = nullptr;
  static constexpr u64 kReservePages = 6;  // tables of two paths below the root
  MemoryObject* reserve_ = nullptr;
  u64 reserve_pages_ = 0;  // that are in it
  Ring* ring_;
  // Of the commit batch that handle() returned last.
  Mm* committing_ = nullptr;
  u64 committing_token_ = 0;
};

}  // namespace tine

#endif  // SERVERS_MEMORY_MEMORY_SERVER_H_
