// Segments of shared memory. The memory server has the memory, an object, and
// knows who has it mapped; this knows whose it is and what it is called.
//
// How often a segment is attached is asked, never counted: mappings come and go
// by fork, munmap and the end of programs, too. So a segment that was removed
// while it was attached goes when it is next looked for and is not any more.
#ifndef SERVERS_PROCESS_SYSV_SHARED_SEGMENTS_H_
#define SERVERS_PROCESS_SYSV_SHARED_SEGMENTS_H_

#include "servers/process/sysv/block_pool.h"
#include "servers/process/sysv/ipc_table.h"
#include "servers/protocol/memory.h"

namespace tine::process::sysv {

struct Segment : IpcObject {
  ObjectId object = 0;
  u64 bytes = 0;
  u64 attached = 0;  // times, in seconds
  u64 detached = 0;
  u64 changed = 0;
  i32 creator = 0;  // pids
  i32 last = 0;     // that attached or detached it last

  u64 pages() const { return (bytes + kPageSize - 1) >> kPageShift; }
  bool is_removed() const { return (mode & linux_abi::kShmDestroyed) != 0; }
};

// What of a segment the memory server knows.
struct SegmentUse {
  u64 attachments = 0;
  u64 resident_pages = 0;
};

class SharedSegments {
 public:
  SharedSegments(BlockPool& blocks, u64 memory_bytes)
      : blocks_(blocks), memory_pages_(memory_bytes >> kPageShift) {}

  // The id, or a negated errno.
  i64 get(const GetRequest& request, u64 bytes, i32 creator, u64 now);
  // IPC_RMID: it goes now, or when nobody has it attached any more.
  void remove(Segment& segment);
  // Null: there is none.
  Segment* find(i32 id);
  Segment* at(u32 id);
  // All that there are still.
  const IpcTable<Segment>& segments();
  // For the invariant checker.
  const IpcTable<Segment>& table() const { return segments_; }
  static SegmentUse use_of(const Segment& segment);
  u64 pages() const { return pages_; }

  // Maps it. The address, or a negated errno.
  i64 attach(Segment& segment, MmId mm, u64 address, u32 flags);
  // What an attachment at `address` has mapped is so no more. The segment;
  // null: there was none.
  Segment* detach(MmId mm, u64 address, i64* error);
  // Every segment that is attached there is so from now on by one more, or
  // one less, process, as `pid` made it.
  void note_attached(MmId mm, i32 pid, u64 now);
  void note_detached(MmId mm, i32 pid, u64 now);

  // Blocks of memory that all this has, for the invariant checker.
  u64 blocks() const { return segments_.count(); }

 private:
  i64 make(const GetRequest& request, u64 bytes, i32 creator, u64 now);
  Segment* find_object(ObjectId object) const;
  template <typename F>
  void for_each_attached(MmId mm, F f) const;
  void destroy(Segment& segment);
  void drop_unused();

  BlockPool& blocks_;
  u64 memory_pages_;
  u64 pages_ = 0;    // of all segments
  u32 removed_ = 0;  // that are attached still, as far as is known
  IpcTable<Segment> segments_{linux_abi::kMostSegments};
};

}  // namespace tine::process::sysv

#endif  // SERVERS_PROCESS_SYSV_SHARED_SEGMENTS_H_
