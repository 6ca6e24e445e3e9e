// epoll: a set of open files of which one asks for those that are ready.
#ifndef SERVERS_VFS_EVENT_EPOLL_FILE_H_
#define SERVERS_VFS_EVENT_EPOLL_FILE_H_

#include "servers/runtime/heap.h"
#include "servers/vfs/open/anonymous_file.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class EpollFile;

// One file of a set. It holds no reference: the file's end takes it out.
struct EpollInterest {
  EpollFile* owner = nullptr;
  OpenFile* file = nullptr;
  u32 fd = 0;
  u32 events = 0;  // EPOLL*; 0: EPOLLONESHOT has fired
  u64 data = 0;
  // EPOLLET: how often the file's queues had woken when it was reported last.
  u64 wakes = 0;
  bool is_reported = false;
  EpollInterest* next = nullptr;  // of the set
  EpollInterest* previous = nullptr;
  EpollInterest* next_of_file = nullptr;  // of other sets
};

// What all sets are made of.
struct Epolls {
  Epolls(Heap& heap, Wakeups& waking, u64 most)
      : sets(heap, most), interests(heap, most), wakeups(waking) {}
  Slab<EpollFile> sets;
  Slab<EpollInterest> interests;
  Wakeups& wakeups;
};

class EpollFile final : public AnonymousFile {
 public:
  // Sets in sets in sets: so that looking through all of them needs a bounded
  // stack.
  static constexpr u32 kMostDepth = 4;

  explicit EpollFile(Epolls& home)
      : AnonymousFile("anon_inode:[eventpoll]"),
        changed(home.wakeups),
        home_(home) {}

  FileKind kind() const override { return FileKind::kEpoll; }
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile&, bool writes) override {
    return writes ? nullptr : &changed;
  }
  void release(OpenFile& file) override;

  // Null: the file is no set.
  static EpollFile* of(const OpenFile* file);

  EpollInterest* first() { return first_; }
  EpollInterest* last() { return last_; }
  EpollInterest* find(const OpenFile& file, u32 fd);
  // Null: no memory.
  EpollInterest* add(OpenFile& file, u32 fd);
  void drop(EpollInterest& interest);
  // The file is no more: out of every set.
  static void forget(OpenFile& file);
  // What to tell of it now; 0: nothing.
  static u32 ready(EpollInterest& interest);
  // It was told of: its turn is after all others.
  void told(EpollInterest& interest);
  // Whether this may be in the set `set`: it does not hold it, and there are
  // not too many below and above.
  bool may_be_in(const OpenFile& set) const;

  OpenFile* self = nullptr;  // what it is open as
  WaitQueue changed;         // the set itself

 private:
  u32 depth() const;
  static u32 height(const OpenFile& file);
  bool holds(const OpenFile& file) const;
  void unlink(EpollInterest& interest);
  void append(EpollInterest& interest);

  Epolls& home_;
  EpollInterest* first_ = nullptr;
  EpollInterest* last_ = nullptr;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_EVENT_EPOLL_FILE_H_
