// inotify: an open file that tells what happens to other files.
//
// A watch belongs to an inode and to the file that tells of it. It does not
// keep the inode: what is removed for good says so and takes its watches along.
#ifndef SERVERS_VFS_INOTIFY_INOTIFY_FILE_H_
#define SERVERS_VFS_INOTIFY_INOTIFY_FILE_H_

#include "servers/linux_abi/inotify.h"
#include "servers/runtime/heap.h"
#include "servers/vfs/open/anonymous_file.h"
#include "servers/vfs/tree/text_store.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class InotifyFile;

struct InotifyWatch {
  InotifyFile* owner = nullptr;
  Inode* inode = nullptr;
  i32 number = 0;
  u32 mask = 0;  // events, kInExcludeUnlinked, kInOneShot
  // What is made up as it is looked at would be gone at once: counted.
  Entry* kept = nullptr;
  InotifyWatch* next = nullptr;  // of the file
  InotifyWatch* next_of_inode = nullptr;
};

// What happened, as watchers are told.
struct FileEvent {
  u32 mask = 0;  // one event, and kInIsDirectory
  u32 cookie = 0;
  Text name{};  // in the watched directory; empty: the watched file itself
  // By an open file whose name is gone.
  bool is_unlinked = false;
};

struct QueuedEvent {
  i32 watch = -1;
  u32 mask = 0;
  u32 cookie = 0;
  Text name{};  // kept in Inotifies::names
  QueuedEvent* next = nullptr;

  // As it is read: the name with NULs up to a multiple of the head's size.
  u64 name_bytes() const {
    constexpr u64 kUnit = sizeof(linux_abi::InotifyEvent);
    return name.count == 0 ? 0 : (name.count + kUnit) / kUnit * kUnit;
  }
  u64 bytes() const { return sizeof(linux_abi::InotifyEvent) + name_bytes(); }
};

// What all of them are made of.
struct Inotifies {
  // Events, and their names, take at most so many bytes of the heap each.
  Inotifies(Heap& heap, Wakeups& waking, u64 most_files, u64 share)
      : files(heap, most_files),
        watches(heap, linux_abi::kInotifyMostWatches),
        events(heap, share / sizeof(QueuedEvent)),
        names(heap, heap.left() - share),
        wakeups(waking) {}
  u32 count_of(u32 uid) const;

  Slab<InotifyFile> files;
  Slab<InotifyWatch> watches;
  Slab<QueuedEvent> events;
  TextStore names;
  Wakeups& wakeups;
  InotifyFile* first = nullptr;
};

class InotifyFile final : public AnonymousFile {
 public:
  explicit InotifyFile(Inotifies& home);

  FileKind kind() const override { return FileKind::kInotify; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile&, bool writes) override {
    return writes ? nullptr : &readers_;
  }
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  void release(OpenFile&) override { give_back(); }

  InotifyWatch* find(const Inode& inode) const;
  InotifyWatch* find(i32 number) const;
  // The number of a new watch, ENOSPC or ENOMEM. `kept`: see InotifyWatch.
  i64 add(Inode& inode, Entry* kept, u32 mask);
  // Ends a watch, and tells so.
  void end(InotifyWatch& watch);
  // It is told if the watch asks for it; a watch for one event ends with it.
  void hear(InotifyWatch& watch, const FileEvent& event);
  const InotifyWatch* first() const { return watches_; }
  // With its watches, of which nothing more is told, and all that it keeps.
  void give_back();

 private:
  friend struct Inotifies;
  void queue(i32 watch, const FileEvent& event);
  void append(QueuedEvent& event);
  void take_first();
  void drop(InotifyWatch& watch);

  Inotifies& home_;
  WaitQueue readers_;
  InotifyFile* next_;
  InotifyFile* previous_ = nullptr;
  InotifyWatch* watches_ = nullptr;
  i32 last_number_ = 0;
  // Those that nobody has read yet.
  QueuedEvent* first_ = nullptr;
  QueuedEvent* last_ = nullptr;
  u64 count_ = 0;
  u64 bytes_ = 0;  // as read
  // Told in place of what there was no room for.
  QueuedEvent overflow_{.mask = linux_abi::kInOverflow};
  bool is_overflow_queued_ = false;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_INOTIFY_INOTIFY_FILE_H_
