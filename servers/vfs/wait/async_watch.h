// O_ASYNC: a signal for the owner of an open file whenever its readers, or
// writers, awake.
#ifndef SERVERS_VFS_WAIT_ASYNC_WATCH_H_
#define SERVERS_VFS_WAIT_ASYNC_WATCH_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/open/open_file.h"
#include "servers/vfs/tty/signal_news.h"

namespace tine::vfs {

class AsyncWatches;
class WaitQueue;

// On one queue of one open file.
struct AsyncWatch {
  AsyncWatches* home = nullptr;
  OpenFile* file = nullptr;
  WaitQueue* queue = nullptr;
  i32 fd = 0;  // the descriptor that it was set by
  bool writes = false;
  AsyncWatch* next_of_queue = nullptr;
  AsyncWatch* next_of_file = nullptr;
};

class AsyncWatches {
 public:
  AsyncWatches(Heap& heap, u64 most, tty::SignalNews& news)
      : watches_(heap, most), news_(news) {}

  // Whether files of the kind send signals at all.
  static bool has_any(const OpenFile& file);
  // 0, ENOMEM.
  i64 add(OpenFile& file, i32 fd);
  static void forget(OpenFile& file);
  // A signal for the owner of the file, if it has one and that still is; `why`
  // as kTakeSignals tells.
  static void tell_owner(const OpenFile& file, i32 signal, u64 why,
                         tty::SignalNews& news);
  // Something has happened in the queue that these are on.
  static void tell(const AsyncWatch* first);

  u64 live() const { return watches_.live(); }

 private:
  bool add(OpenFile& file, i32 fd, bool writes);

  Slab<AsyncWatch> watches_;
  tty::SignalNews& news_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_WAIT_ASYNC_WATCH_H_
