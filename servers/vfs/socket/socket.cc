// A socket's life: peers, pending connections, the end.
#include "servers/vfs/socket/socket.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/call.h"

namespace tine::vfs {

using namespace linux_abi;

Socket* Sockets::make(SocketType type) { return sockets.make(*this, type); }

Socket::Socket(Sockets& home, SocketType of)
    : type(of), arrived(home.wakeups), room(home.wakeups), home_(home) {}

void Socket::connect(Socket& a, Socket& b) {
  a.set_peer(&b);
  b.set_peer(&a);
  a.peer_credentials = b.owner;
  b.peer_credentials = a.owner;
  a.state = b.state = State::kConnected;
}

void Socket::set_peer(Socket* other) {
  if (other != nullptr) ++other->refs;
  Socket* const before = peer;
  peer = other;
  if (before == nullptr) return;
  // Those who wait for room there wait for what does not concern them.
  before->room.wake();
  before->unref();
}

// unix_dgram_disconnected().
void Socket::leave_peer() {
  Socket* const before = peer;
  if (before != nullptr && first_ != nullptr) {
    while (first_ != nullptr) drop_first();
    room.wake();
    if (!before->is_dead && before->peer == this) {
      before->error = ECONNRESET;
      before->arrived.wake();
    }
  }
  set_peer(nullptr);
}

void Socket::add_pending(Socket& made) {
  Socket** at = &pending_;
  while (*at != nullptr) at = &(*at)->next_pending_;
  *at = &made;
  ++pending_count_;
  arrived.wake();
}

Socket* Socket::take_pending() {
  Socket* taken = pending_;
  if (taken == nullptr) return nullptr;
  pending_ = taken->next_pending_;
  taken->next_pending_ = nullptr;
  --pending_count_;
  room.wake();
  return taken;
}

// The other end of a connection sees the mirror image.
void Socket::shut_down(u32 how) {
  shut |= how;
  arrived.wake();
  room.wake();
  if (peer == nullptr || is_datagram()) return;
  if ((how & kReads) != 0) peer->shut |= kWrites;
  if ((how & kWrites) != 0) peer->shut |= kReads;
  peer->arrived.wake();
  peer->room.wake();
}

void Socket::drop_name() {
  for (Socket** at = &home_.named; *at != nullptr; at = &(*at)->next_named) {
    if (*at != this) continue;
    *at = next_named;
    break;
  }
  if (entry != nullptr) {
    entry->inode->opened = nullptr;
    tine::vfs::unref(entry);
    entry = nullptr;
  }
}

void Socket::close() {
  is_dead = true;
  drop_name();
  const bool has_unread = first_ != nullptr;
  while (first_ != nullptr) drop_first();
  while (Socket* connection = take_pending()) {
    if (connection->peer != nullptr) connection->peer->error = ECONNRESET;
    connection->close();
  }
  if (peer != nullptr) {
    if (!is_datagram()) {
      peer->shut |= kReads | kWrites;
      if (has_unread) peer->error = ECONNRESET;
      peer->arrived.wake();
      peer->room.wake();
    }
    set_peer(nullptr);
  }
  shut = kReads | kWrites;
  arrived.wake();
  room.wake();
  unref();
}

void Socket::unref() {
  if (--refs != 0) return;
  home_.sockets.free(this);
}

void Socket::release(OpenFile&) {
  file = nullptr;
  close();
}

u32 Socket::poll(OpenFile&) {
  u32 events = 0;
  if (error != 0) events |= kPollError;
  if (shut == (kReads | kWrites)) events |= kPollHangUp;
  if ((shut & kReads) != 0) {
    events |= kPollIn | kPollReadNormal | kPollReadHangUp;
  }
  if (first_ != nullptr || pending_ != nullptr) {
    events |= kPollIn | kPollReadNormal;
  }
  if (urgent_ != nullptr) events |= kPollPriority;
  if (!is_datagram() && state == State::kUnconnected) events |= kPollHangUp;
  if (state != State::kListening && (peer == nullptr || !peer->is_full())) {
    events |= kPollOut | kPollWriteNormal | kPollWriteBand;
  }
  return events;
}

WaitQueue* Socket::wait_queue(OpenFile&, bool writes) {
  if (!writes) return &arrived;
  return peer != nullptr ? &peer->room : &room;
}

i64 Socket::ioctl(Call& call, OpenFile&, u32 request, u64 argument) {
  constexpr u32 kUnsent = 0x5411;    // TIOCOUTQ
  constexpr u32 kIsAtMark = 0x8905;  // SIOCATMARK
  if (request == kUnsent) {
    return call.user.put(argument,
                         static_cast<u32>(peer == nullptr ? 0 : peer->queued_));
  }
  if (request == kIsAtMark) {
    const bool is_at_mark = first_ != nullptr && first_ == urgent_;
    return call.user.put(argument, i32{is_at_mark ? 1 : 0});
  }
  if (request != kIoctlReadable) return -ENOTTY;
  if (state == State::kListening) return -EINVAL;
  const u64 bytes = is_stream()         ? queued_
                    : first_ == nullptr ? 0
                                        : first_->bytes;
  return call.user.put(argument, static_cast<u32>(bytes));
}

u64 Socket::describe(const OpenFile&, char* text, u64 room_for) const {
  return describe_by_number("socket", node.number, text, room_for);
}

}  // namespace tine::vfs
