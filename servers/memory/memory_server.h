// The memory server: mms, their areas, faults, and the objects behind files.
#ifndef SERVERS_MEMORY_MEMORY_SERVER_H_
#define SERVERS_MEMORY_MEMORY_SERVER_H_

#include "servers/memory/commit_ledger.h"
#include "servers/memory/mm.h"
#include "servers/protocol/ring.h"
#include "servers/runtime/server_loop.h"

namespace tine {

class MemoryServer {
 public:
  explicit MemoryServer(const ServerConfig& config);

  Outcome handle(const sys::Message& in);
  Outcome commit_failed(const sys::BatchResult& result);

  // For the invariant checker: I5 and I7.
  u64 live_mms() const { return mms_.live(); }
  u64 live_objects() const { return objects_.live(); }
  u64 committed_pages() const { return ledger_.total(); }

 private:
  Outcome handle_request(const sys::Message& in);
  Outcome handle_syscall(const sys::Message& in);

  // dup_mm.cc
  Outcome mm_new(const sys::Message& in);
  Outcome mm_fork(const sys::Message& in);
  Outcome mm_abort(const sys::Message& in);
  void mm_drop(Mm& mm);
  void drain_ring();

  // exec_map.cc
  Outcome mm_map(const sys::Message& in);
  Outcome mm_set_break(const sys::Message& in);
  Outcome mm_set_stack(const sys::Message& in);

  // fault.cc
  Outcome page_fault(const sys::Message& in);
  i64 prefault(Mm& mm, u64 address, Access access);

  // mmap.cc, brk.cc, mprotect.cc, madvise.cc: system calls of managed threads
  i64 sys_mmap(Mm& mm, const u64* arguments);
  i64 sys_munmap(Mm& mm, u64 address, u64 bytes);
  i64 sys_mprotect(Mm& mm, u64 address, u64 bytes, u64 prot);
  i64 sys_madvise(Mm& mm, u64 address, u64 bytes, u64 advice);
  i64 sys_msync(Mm& mm, u64 address, u64 bytes, u64 flags);
  i64 sys_mlock(Mm& mm, u64 address, u64 bytes);
  i64 sys_brk(Mm& mm, u64 address);

  // Removes [start, end) from areas and tables. On failure a prefix is gone.
  i64 unmap_range(Mm& mm, u64 start, u64 end);
  // Adds an anonymous private area of demand-zero pages where nothing is.
  i64 map_anonymous(Mm& mm, const Vma& area);
  i64 map_shared_anonymous(Mm& mm, Vma area);
  void uncharge_range(Mm& mm, u64 start, u64 end);

  Heap heap_;
  ObjectTable objects_;
  VmaStore store_;
  MmTable mms_;
  CommitLedger ledger_;
  ForkMode fork_mode_;
  Ring* ring_;
  // Of the commit batch that handle() returned last.
  Mm* committing_ = nullptr;
  u64 committing_token_ = 0;
};

}  // namespace tine

#endif  // SERVERS_MEMORY_MEMORY_SERVER_H_
