// Pages for what is on its way between processes: pipes and sockets. They come
// from the heap as they are needed, up to a limit, and are used again.
#ifndef SERVERS_VFS_PIPE_PAGE_POOL_H_
#define SERVERS_VFS_PIPE_PAGE_POOL_H_

#include "kernel/base/address.h"
#include "servers/runtime/heap.h"

namespace tine::vfs {

class PagePool {
 public:
  PagePool(Heap& heap, u64 most) : pages_(heap, most) {}

  // Null: no memory.
  u8* take() {
    Page* page = pages_.make();
    return page == nullptr ? nullptr : page->bytes;
  }
  void give(u8* page) { pages_.free(reinterpret_cast<Page*>(page)); }
  u64 live() const { return pages_.live(); }

 private:
  struct Page {
    Page() {}  // bytes are written before they are read
    alignas(8) u8 bytes[kPageSize];
  };
  Slab<Page> pages_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PIPE_PAGE_POOL_H_
