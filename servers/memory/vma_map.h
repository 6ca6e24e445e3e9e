// The areas of an mm: a sorted flat array with value semantics.
//
// The array lies in a reference-counted block. Copying a map shares the block,
// so dup_mmap costs the same for 8 areas and for 8,000; the first edit after it
// copies the block. A block, not a map, owns the references to objects.
#ifndef SERVERS_MEMORY_VMA_MAP_H_
#define SERVERS_MEMORY_VMA_MAP_H_

#include "kernel/base/address.h"
#include "servers/memory/object_table.h"

namespace tine {

struct Vma {
  u64 start = 0;  // bytes, page aligned
  u64 end = 0;    // exclusive
  u8 prot = 0;    // PROT_* = Rights
  bool shared = false;
  bool stack = false;
  bool heap = false;       // made by brk
  bool uncharged = false;  // MAP_NORESERVE: nothing of it is promised
  bool has_object = false;
  bool never_writable = false;  // shared, of a file open for reading only
  bool not_forked = false;      // MADV_DONTFORK
  bool wiped_on_fork = false;   // MADV_WIPEONFORK
  bool locked = false;          // mlock: counted, since nothing is paged out
  bool vdso = false;            // the system's own code
  u32 object = 0;               // index in the ObjectTable
  u64 offset = 0;               // of `start` in the object

  // Neighbours that are one area as far as Linux can tell.
  bool continues(const Vma& before) const;
};

// Blocks of areas, in sizes that double: a buddy allocator, so that what a
// program with very many areas leaves behind serves programs with few.
class VmaStore {
 public:
  struct Block {
    u32 refs;  // 0: free
    u32 size_class;
    u32 count;
    u32 capacity;
    Block* next_free;
    Block* previous_free;
    Vma areas[];
  };
  static constexpr u32 kMaxAreas = 65530;  // Linux's vm.max_map_count

  explicit VmaStore(ObjectTable& objects) : objects_(objects) {}
  // Takes all that is left of the heap.
  void start(Heap& heap);
  // An empty block for at least `areas`; null: no memory.
  Block* take(u32 areas);
  void ref(Block* block) { ++block->refs; }
  void unref(Block* block);
  ObjectTable& objects() { return objects_; }

 private:
  static constexpr u32 kClasses = 14;
  static constexpr u32 kLarge = 2;   // the first that is rationed
  static constexpr u64 kUnit = 512;  // bytes of the smallest
  static constexpr u64 bytes_of(u32 size_class) { return kUnit << size_class; }
  static constexpr u32 capacity_of(u32 size_class) {
    return static_cast<u32>((bytes_of(size_class) - sizeof(Block)) /
                            sizeof(Vma));
  }
  Block* at(u64 offset) { return reinterpret_cast<Block*>(base_ + offset); }
  void put(Block* block, u32 size_class);
  void take_out(Block* block);

  ObjectTable& objects_;
  u64 base_ = 0;
  u64 bytes_ = 0;
  u64 bytes_in_large_ = 0;
  Block* free_[kClasses] = {};
};

class VmaMap {
 public:
  explicit VmaMap(VmaStore& store) : store_(&store) {}
  // dup_mmap: O(1).
  VmaMap clone() const;
  void clear();

  u32 count() const { return block_ == nullptr ? 0 : block_->count; }
  const Vma& operator[](u32 i) const { return block_->areas[i]; }
  // For the invariant checker.
  const VmaStore::Block* block() const { return block_; }
  // Index of the first area that ends above `address`; count() if none.
  u32 lower_bound(u64 address) const;
  const Vma* find(u64 address) const;
  bool overlaps(u64 start, u64 end) const;
  u64 pages() const;
  u64 pages_in(u64 start, u64 end) const;
  // The first address of [start, end) that no area has; `end` if none.
  u64 first_gap(u64 start, u64 end) const;
  // Nothing is there, nor is it where a stack may grow to.
  bool is_gap(u64 start, u64 end) const;
  // The highest gap of `bytes` within [low, high), or 0.
  u64 find_gap(u64 bytes, u64 low, u64 high) const;
  // Every page of [start, end) lies in some area.
  bool covers(u64 start, u64 end) const { return first_gap(start, end) == end; }

  // How many areas more there are when [start, end) is made separate.
  u32 cuts(u64 start, u64 end) const;

  // Makes sure the next edit of up to `more` new areas cannot fail, be it done
  // whole or stopped on the way: own block, enough room. False: no memory or
  // too many, nothing changed.
  [[nodiscard]] bool reserve(u32 more);
  // The same for erase(), which adds an area only where it makes two of one.
  [[nodiscard]] bool reserve_erase(u64 start, u64 end);
  // After reserve_erase(): removes [start, end) from whatever covers it.
  void erase(u64 start, u64 end);
  // After reserve(1): adds an area that overlaps none; takes over the caller's
  // reference to its object.
  void insert(const Vma& area);
  // After reserve(cuts()): sets `prot` on [start, end).
  void protect(u64 start, u64 end, u8 prot) {
    change(start, end, [prot](Vma& area) { area.prot = prot; });
  }
  // After reserve(2): `f` for what of each area lies in [start, end).
  template <typename F>
  void change(u64 start, u64 end, F f) {
    split(start);
    split(end);
    for (u32 i = lower_bound(start);
         i < count() && block_->areas[i].start < end; ++i) {
      f(block_->areas[i]);
    }
    merge_around(start, end);
  }

 private:
  // Where what lies below area `i` must end: a stack may grow down to there.
  u64 lower_end(u32 i) const;
  bool make_room(u32 more);
  void split(u64 at);
  void remove_at(u32 i, u32 n);
  void insert_at(u32 i, const Vma& area);
  void merge_around(u64 start, u64 end);

  VmaStore* store_;
  VmaStore::Block* block_ = nullptr;
};

}  // namespace tine

#endif  // SERVERS_MEMORY_VMA_MAP_H_
