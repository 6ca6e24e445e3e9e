#include "servers/vfs/wait/async_watch.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/proc/tasks_view.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

using namespace linux_abi;

bool AsyncWatches::has_any(const OpenFile& file) {
  switch (file.operations->kind()) {
    case FileKind::kPipe:
    case FileKind::kSocket:
    case FileKind::kTerminal:
    case FileKind::kInotify:
      return true;
    default:
      return false;
  }
}

bool AsyncWatches::add(OpenFile& file, i32 fd, bool writes) {
  WaitQueue* const queue = file.operations->wait_queue(file, writes);
  if (queue == nullptr) return true;
  AsyncWatch* watch = watches_.make();
  if (watch == nullptr) return false;
  watch->home = this;
  watch->file = &file;
  watch->queue = queue;
  watch->fd = fd;
  watch->writes = writes;
  watch->next_of_queue = queue->async;
  queue->async = watch;
  watch->next_of_file = file.async;
  file.async = watch;
  return true;
}

i64 AsyncWatches::add(OpenFile& file, i32 fd) {
  // Where a socket finds room is its peer's to say, and may change.
  const bool tells_of_room = file.operations->kind() == FileKind::kPipe;
  if ((file.can_read() && !add(file, fd, false)) ||
      (file.can_write() && tells_of_room && !add(file, fd, true))) {
    forget(file);
    return -ENOMEM;
  }
  return 0;
}

void AsyncWatches::forget(OpenFile& file) {
  while (AsyncWatch* watch = file.async) {
    file.async = watch->next_of_file;
    AsyncWatch** at = &watch->queue->async;
    while (*at != watch) at = &(*at)->next_of_queue;
    *at = watch->next_of_queue;
    watch->home->watches_.free(watch);
  }
}

void AsyncWatches::tell_owner(const OpenFile& file, i32 signal, u64 why,
                              tty::SignalNews& news) {
  if (file.owner == 0) return;
  // The owner has ended, and its number may be another's.
  if (file.owner > 0 && record_of(file.owner_cookie) == nullptr) return;
  news.send({.to = file.owner < 0         ? TerminalSignalTo::kOwnerGroup
                   : file.owner_is_thread ? TerminalSignalTo::kOwnerThread
                                          : TerminalSignalTo::kOwnerProcess,
             .id = file.owner < 0 ? -file.owner : file.owner,
             .signal = signal,
             .why = why,
             .owner = file.owner_uid | u64{file.owner_euid} << 32});
}

void AsyncWatches::tell(const AsyncWatch* first) {
  constexpr u64 kIn = 1;  // POLL_IN
  constexpr u64 kOut = 2;
  constexpr u64 kInBand = kPollIn | kPollReadNormal;
  constexpr u64 kOutBand = kPollOut | kPollWriteNormal | kPollWriteBand;
  for (const AsyncWatch* watch = first; watch != nullptr;
       watch = watch->next_of_queue) {
    const OpenFile& file = *watch->file;
    const u64 why =
        file.owner_signal == 0
            ? 0
            : (watch->writes ? kOut | kOutBand << 8 : kIn | kInBand << 8) |
                  static_cast<u64>(watch->fd) << 32;
    tell_owner(file, file.owner_signal != 0 ? file.owner_signal : i32{kSigIo},
               why, watch->home->news_);
  }
}

}  // namespace tine::vfs
