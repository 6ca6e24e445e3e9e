#include "servers/vfs/inotify/inotify_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/termios.h"
#include "servers/vfs/call.h"

namespace tine::vfs {

using namespace linux_abi;

u32 Inotifies::count_of(u32 uid) const {
  u32 count = 0;
  for (const InotifyFile* file = first; file != nullptr; file = file->next_) {
    count += file->node.uid == uid;
  }
  return count;
}

InotifyFile::InotifyFile(Inotifies& home)
    : AnonymousFile("anon_inode:inotify"),
      home_(home),
      readers_(home.wakeups),
      next_(home.first) {
  if (next_ != nullptr) next_->previous_ = this;
  home.first = this;
}

InotifyWatch* InotifyFile::find(const Inode& inode) const {
  for (InotifyWatch* w = inode.watches; w != nullptr; w = w->next_of_inode) {
    if (w->owner == this) return w;
  }
  return nullptr;
}

InotifyWatch* InotifyFile::find(i32 number) const {
  InotifyWatch* watch = watches_;
  while (watch != nullptr && watch->number != number) watch = watch->next;
  return watch;
}

i64 InotifyFile::add(Inode& inode, Entry* kept, u32 mask) {
  // Numbers are not used again.
  if (home_.watches.live() == kInotifyMostWatches || last_number_ == INT32_MAX)
    return -ENOSPC;
  InotifyWatch* watch = home_.watches.make();
  if (watch == nullptr) return -ENOMEM;
  watch->owner = this;
  watch->inode = &inode;
  watch->number = ++last_number_;
  watch->mask = mask;
  refer(watch->kept, kept);
  watch->next = watches_;
  watches_ = watch;
  watch->next_of_inode = inode.watches;
  inode.watches = watch;
  return watch->number;
}

void InotifyFile::drop(InotifyWatch& watch) {
  InotifyWatch** at = &watches_;
  while (*at != &watch) at = &(*at)->next;
  *at = watch.next;
  at = &watch.inode->watches;
  while (*at != &watch) at = &(*at)->next_of_inode;
  *at = watch.next_of_inode;
  Entry* const kept = watch.kept;
  home_.watches.free(&watch);
  unref(kept);
}

void InotifyFile::end(InotifyWatch& watch) {
  const i32 number = watch.number;
  drop(watch);
  queue(number, {.mask = kInIgnored});
}

void InotifyFile::hear(InotifyWatch& watch, const FileEvent& event) {
  if ((watch.mask & event.mask & kInAllEvents) == 0) return;
  if (event.is_unlinked && (watch.mask & kInExcludeUnlinked) != 0) return;
  queue(watch.number, event);
  if ((watch.mask & kInOneShot) != 0) end(watch);
}

void InotifyFile::append(QueuedEvent& event) {
  event.next = nullptr;
  (last_ == nullptr ? first_ : last_->next) = &event;
  last_ = &event;
  ++count_;
  bytes_ += event.bytes();
  readers_.wake();
}

void InotifyFile::queue(i32 watch, const FileEvent& event) {
  QueuedEvent* queued = nullptr;
  if (count_ < kInotifyMostQueued) {
    // What has just been told is not told again.
    if (last_ != nullptr && last_->watch == watch &&
        last_->mask == event.mask && event.mask != kInIgnored &&
        last_->name.is(event.name)) {
      return;
    }
    queued = home_.events.make();
  }
  if (queued != nullptr && event.name.count != 0) {
    queued->name = home_.names.keep(event.name);
    if (queued->name.bytes == nullptr) {
      home_.events.free(queued);
      queued = nullptr;
    }
  }
  if (queued != nullptr) {
    queued->watch = watch;
    queued->mask = event.mask;
    queued->cookie = event.cookie;
    append(*queued);
  } else if (!is_overflow_queued_) {
    is_overflow_queued_ = true;
    append(overflow_);
  }
}

void InotifyFile::take_first() {
  QueuedEvent& event = *first_;
  first_ = event.next;
  if (first_ == nullptr) last_ = nullptr;
  --count_;
  bytes_ -= event.bytes();
  if (&event == &overflow_) {
    is_overflow_queued_ = false;
    return;
  }
  home_.names.drop(event.name);
  home_.events.free(&event);
}

i64 InotifyFile::read(Call&, OpenFile&, Transfer& to, u64&) {
  if (first_ == nullptr) return -EAGAIN;
  u64 done = 0;
  while (first_ != nullptr && to.left() >= first_->bytes()) {
    const QueuedEvent& event = *first_;
    const u64 name_bytes = event.name_bytes();
    const InotifyEvent head{event.watch, event.mask, event.cookie,
                            static_cast<u32>(name_bytes)};
    to.put(&head, sizeof(head));
    to.put(event.name.bytes, event.name.count);
    to.put_zeros(name_bytes - event.name.count);
    done += event.bytes();
    take_first();
    if (to.has_failed()) return -EFAULT;
  }
  return done == 0 ? -EINVAL : static_cast<i64>(done);
}

u32 InotifyFile::poll(OpenFile&) {
  return first_ != nullptr ? kPollIn | kPollReadNormal : 0;
}

i64 InotifyFile::ioctl(Call& call, OpenFile&, u32 request, u64 argument) {
  if (request != kIoctlReadable) return -ENOTTY;
  return call.user.put(argument, static_cast<u32>(bytes_));
}

void InotifyFile::give_back() {
  while (watches_ != nullptr) drop(*watches_);
  while (first_ != nullptr) take_first();
  (previous_ == nullptr ? home_.first : previous_->next_) = next_;
  if (next_ != nullptr) next_->previous_ = previous_;
  readers_.wake();
  home_.files.free(this);
}

}  // namespace tine::vfs
