#include "servers/vfs/event/epoll_file.h"

#include "servers/linux_abi/epoll.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kReads =
    kPollIn | kPollReadNormal | kPollReadBand | kPollPriority | kPollReadHangUp;
constexpr u32 kWrites = kPollOut | kPollWriteNormal | kPollWriteBand;

// How often the file has had news of what is asked for. A set has news when it
// or one of its files has.
u64 wakes_of(OpenFile& file, u32 events) {
  if (EpollFile* set = EpollFile::of(&file)) {
    u64 wakes = set->changed.wakes();
    for (EpollInterest* i = set->first(); i != nullptr; i = i->next) {
      wakes += wakes_of(*i->file, i->events);
    }
    return wakes;
  }
  const WaitQueue* reads = file.operations->wait_queue(file, false);
  const WaitQueue* writes = file.operations->wait_queue(file, true);
  u64 wakes = 0;
  if (reads != nullptr && (events & kReads) != 0) wakes += reads->wakes();
  if (writes != nullptr && (events & kWrites) != 0 &&
      (writes != reads || (events & kReads) == 0)) {
    wakes += writes->wakes();
  }
  // Ends and errors wake both.
  if ((events & (kReads | kWrites)) == 0 && reads != nullptr) {
    wakes += reads->wakes();
  }
  return wakes;
}

}  // namespace

EpollFile* EpollFile::of(const OpenFile* file) {
  return file != nullptr && file->operations->kind() == FileKind::kEpoll
             ? static_cast<EpollFile*>(file->operations)
             : nullptr;
}

u32 EpollFile::ready(EpollInterest& interest) {
  if (interest.events == 0) return 0;
  OpenFile& file = *interest.file;
  const u32 events = file.operations->poll(file) & interest.events;
  if (events == 0 || (interest.events & kEpollEdge) == 0) return events;
  return interest.is_reported &&
                 wakes_of(file, interest.events) == interest.wakes
             ? 0
             : events;
}

void EpollFile::told(EpollInterest& interest) {
  interest.is_reported = true;
  if ((interest.events & kEpollEdge) != 0) {
    interest.wakes = wakes_of(*interest.file, interest.events);
  }
  if ((interest.events & kEpollOnce) != 0) interest.events = 0;
  unlink(interest);
  append(interest);
}

u32 EpollFile::poll(OpenFile&) {
  for (EpollInterest* i = first_; i != nullptr; i = i->next) {
    if (ready(*i) != 0) return kPollIn | kPollReadNormal;
  }
  return 0;
}

EpollInterest* EpollFile::find(const OpenFile& file, u32 fd) {
  for (EpollInterest* i = file.watched; i != nullptr; i = i->next_of_file) {
    if (i->owner == this && i->fd == fd) return i;
  }
  return nullptr;
}

u32 EpollFile::depth() const {
  u32 most = 0;
  for (const EpollInterest* i = first_; i != nullptr; i = i->next) {
    if (const EpollFile* set = of(i->file)) {
      const u32 below = 1 + set->depth();
      if (below > most) most = below;
    }
  }
  return most;
}

u32 EpollFile::height(const OpenFile& file) {
  u32 most = 0;
  for (const EpollInterest* i = file.watched; i != nullptr;
       i = i->next_of_file) {
    const u32 above = 1 + height(*i->owner->self);
    if (above > most) most = above;
  }
  return most;
}

bool EpollFile::holds(const OpenFile& file) const {
  for (const EpollInterest* i = first_; i != nullptr; i = i->next) {
    if (i->file == &file) return true;
    if (const EpollFile* set = of(i->file); set != nullptr) {
      if (set->holds(file)) return true;
    }
  }
  return false;
}

bool EpollFile::may_be_in(const OpenFile& set) const {
  return !holds(set) && 1 + depth() + height(set) <= kMostDepth;
}

void EpollFile::append(EpollInterest& interest) {
  interest.next = nullptr;
  interest.previous = last_;
  (last_ == nullptr ? first_ : last_->next) = &interest;
  last_ = &interest;
}

void EpollFile::unlink(EpollInterest& interest) {
  (interest.previous == nullptr ? first_ : interest.previous->next) =
      interest.next;
  (interest.next == nullptr ? last_ : interest.next->previous) =
      interest.previous;
}

EpollInterest* EpollFile::add(OpenFile& file, u32 fd) {
  EpollInterest* interest = home_.interests.make();
  if (interest == nullptr) return nullptr;
  interest->owner = this;
  interest->file = &file;
  interest->fd = fd;
  interest->next_of_file = file.watched;
  file.watched = interest;
  append(*interest);
  return interest;
}

void EpollFile::drop(EpollInterest& interest) {
  unlink(interest);
  EpollInterest** at = &interest.file->watched;
  while (*at != &interest) at = &(*at)->next_of_file;
  *at = interest.next_of_file;
  home_.interests.free(&interest);
}

void EpollFile::forget(OpenFile& file) {
  while (file.watched != nullptr) file.watched->owner->drop(*file.watched);
}

void EpollFile::release(OpenFile&) {
  while (first_ != nullptr) drop(*first_);
  changed.wake();
  home_.sets.free(this);
}

}  // namespace tine::vfs
