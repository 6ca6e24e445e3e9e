// An address space, or a memory object (a Space that is never loaded, A7).
#ifndef KERNEL_MEMORY_SPACE_H_
#define KERNEL_MEMORY_SPACE_H_

#include "arch/hw/mmu.h"
#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"
#include "kernel/abi/status.h"
#include "kernel/base/address.h"
#include "kernel/base/object.h"
#include "kernel/memory/pool.h"
#include "kernel/memory/teardown.h"

namespace tine {

struct Space {
  Object object;  // the owner of the storage keeps it
  SpaceKind kind;
  Frame root;
  u16 asid;              // valid in asid_generation only
  u64 asid_generation;   // 0: was never loaded, no TLB knows it
  u64 translation_base;  // to load it; valid like the ASID
  u64 root_live[8];      // exact bitmap of the root's non-zero user entries
  u64 badge;             // chosen by the memory server
  Pool* pool;
  u64 minor_faults;  // pages made by demand-zero and copy-on-write
  u64 rss;           // leaf entries with a frame
  u32 threads;       // bound to it; kSpaceDestroy is kBusy while > 0
};

// Progress of a progressive operation.
struct Progress {
  Status status;  // kOk done, kMore call again, else the error
  u64 pages;      // done so far in this call
};

// Entries that one call of a progressive operation looks at, at most.
inline constexpr unsigned kQuantum = 64;

// All addresses are checked: user range, page aligned, no wrap (kInvalid).
// Frames a SPACE_NEW or SPACE_FORK needs are taken before anything changes.
// Both leave `object` alone, and pay two quanta of pending teardown (A15).
Status space_create(Space& space, Pool& pool, SpaceKind kind, u64 badge);

// kEager copies all tables at once and shares none: an oracle for kShareTables,
// unbounded in time. `source` must be loaded on no other CPU.
Status space_fork(Space& source, Space& destination, Pool& pool, u64 badge,
                  ForkMode mode);

// Maps what `source` has at `source_va`; demand-zero there is resolved first,
// but for a private mapping of a loadable space, which gets a mark of its own.
// What was mapped at `va` goes. kFault: the source has nothing at the first
// page not done. A private writable page of a loadable space that is mapped
// kShared becomes shared in the source too; one that is not writable is
// refused, kInvalid.
Progress space_map(Space& destination, VirtAddr va, Space& source,
                   VirtAddr source_va, u64 pages, u8 rights, MapMode mode);

// Maps only what an object has a frame for, and only where nothing is: makes no
// page, and replaces none.
Progress space_map_present(Space& destination, VirtAddr va, Space& source,
                           VirtAddr source_va, u64 pages, u8 rights,
                           MapMode mode);

// What was mapped goes; the memory reads as zero from then on.
Progress space_mark(Space& space, VirtAddr va, u64 pages, u8 rights);

// Holes in the range stay holes.
Progress space_protect(Space& space, VirtAddr va, u64 pages, u8 rights);
Progress space_unmap(Space& space, VirtAddr va, u64 pages);
Progress space_populate(Space& space, VirtAddr va, u64 pages, u8 rights);

// Bit i: page i of the range has a frame. At most 64 pages.
u64 space_present(const Space& space, VirtAddr va, u64 pages);

// Maps frames that the boot code reserved (initrd, boot image) into an object,
// readable and writable, with everything charged to its pool. Boot time only:
// not bounded. On failure what was mapped stays.
Status space_adopt(Space& object, VirtAddr offset, PhysRange range);

// Unhooks the whole user half in O(1); the frames come back in quanta. The
// space must not be loaded and is not to be used again.
void space_destroy(Space& space);

// Generation of ASIDs: the ASID of a space with an older one is void.
inline u64 asid_generation = 1;
// The greatest ASID: boot lowers it where the CPU has fewer bits.
inline u16 asid_limit = hw::kMaxAsid;
void asid_assign(Space& space);

// Makes `space` the one that this CPU's MMU walks, from the next return to user
// mode at the latest.
inline void space_load(Space& space) {
  if (space.asid_generation != asid_generation) [[unlikely]] {
    asid_assign(space);
  }
  hw::load_space(space.translation_base);
}

// Resolves an access as the hardware fault does: spurious, copy-on-write or
// demand-zero. kFault: no right there, ask the memory server. kNoMemory.
// Shared by the fault path and by all software copies (A1). `va` is untrusted.
Status space_resolve(Space& space, VirtAddr va, Access access);

// Kernel address of the byte at `va` if `access` is possible right now
// (resolving as above), else null with `status` set. Valid to the page's end
// and until the space changes. `va` is untrusted.
u8* space_window(Space& space, VirtAddr va, Access access, Status& status);

// Copies across spaces page by page; returns the bytes done. On a miss
// `status` = kFault (or kNoMemory) and `fault` tells where. The caller bounds
// `bytes`.
struct CopyFault {
  Status status;
  VirtAddr address;
  Space* space;
};
u64 copy_between(Space& destination, VirtAddr to, Space& source, VirtAddr from,
                 u64 bytes, CopyFault& fault);

}  // namespace tine

#endif  // KERNEL_MEMORY_SPACE_H_
