// Receiving.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/call.h"
#include "servers/vfs/socket/socket.h"

namespace tine::vfs {

using namespace linux_abi;

void Socket::drop(Packet*& place) {
  Packet* const packet = place;
  if (last_ == packet) {
    last_ = nullptr;
    for (Packet* at = first_; at != packet; at = at->next) last_ = at;
  }
  place = packet->next;
  if (urgent_ == packet) urgent_ = nullptr;
  --packets_;
  queued_ -= packet->bytes;
  home_.packets.free(*packet);
}

// An empty queue's answer.
i64 Socket::if_empty() {
  if (error != 0) {
    const i32 pending = error;
    error = 0;
    return -pending;
  }
  // Datagrams end only for those who would wait.
  return (shut & kReads) != 0 && !is_datagram() ? 0 : -EAGAIN;
}

// What came with the packet's first byte is handed out once.
void Socket::hand_out(Packet& packet, SentWith& with) {
  with.has_packet = true;
  with.credentials = packet.credentials;
  with.from = packet.from;
  if ((with.flags & kMessagePeek) != 0) return;
  with.rights = packet.rights;
  packet.rights = nullptr;
}

i64 Socket::receive_stream(Call&, Transfer& to, SentWith& with) {
  if (state != State::kConnected) return -EINVAL;
  const bool peeks = (with.flags & kMessagePeek) != 0;
  if (first_ == nullptr) return if_empty();
  if (to.left() == 0) return 0;
  u64 done = 0;
  for (Packet* packet = first_; packet != nullptr && to.left() != 0;) {
    // The urgent byte ends what comes before it, and is not of the others.
    if (packet == urgent_) {
      if (done != 0) break;
      if (!takes_urgent_inline()) {
        packet = packet->next;
        if (!peeks) drop_first();
        continue;
      }
      if (!peeks) urgent_ = nullptr;
    }
    // Bytes of different senders, or with other files, are not mixed.
    const bool has_rights = packet->rights != nullptr;
    if (with.has_packet && has_rights) break;
    if (with.has_packet && passes_credentials &&
        (packet->credentials.pid != with.credentials.pid ||
         packet->credentials.uid != with.credentials.uid ||
         packet->credentials.gid != with.credentials.gid)) {
      break;
    }
    const u64 part = home_.packets.take(*packet, to, peeks);
    if (part == 0) break;
    done += part;
    if (!with.has_packet) hand_out(*packet, with);
    if (!peeks) queued_ -= part;
    const bool is_empty = packet->bytes == 0;
    packet = packet->next;
    if (!peeks && is_empty) drop_first();
    if (!peeks && !is_empty) break;
    if (has_rights) break;
  }
  if (done != 0 && !peeks) room.wake();
  // There was an urgent byte and nothing else.
  if (done == 0 && !to.has_failed()) return if_empty();
  return moved(to, done);
}

i64 Socket::receive_urgent(Transfer& to, SentWith& with) {
  if (state != State::kConnected) return -EINVAL;
  if (urgent_ == nullptr || takes_urgent_inline()) return -EINVAL;
  if (home_.packets.take(*urgent_, to, true) == 0) return -EFAULT;
  with.answer_flags |= kMessageOutOfBand;
  if ((with.flags & kMessagePeek) == 0) {
    Packet** place = &first_;
    while (*place != urgent_) place = &(*place)->next;
    drop(*place);
    room.wake();
  }
  return 1;
}

i64 Socket::receive_packet(Call&, Transfer& to, SentWith& with) {
  if (!is_datagram() && state != State::kConnected) return -ENOTCONN;
  if (first_ == nullptr) return if_empty();
  Packet& packet = *first_;
  const u64 bytes = packet.bytes;
  const bool is_cut = to.left() < bytes;
  const u64 wanted = is_cut ? to.left() : bytes;
  const u64 done = home_.packets.take(packet, to, true);
  if (done != wanted) return -EFAULT;
  hand_out(packet, with);
  if (is_cut) with.answer_flags |= kMessageCut;
  if ((with.flags & kMessagePeek) == 0) {
    drop_first();
    room.wake();
  }
  return static_cast<i64>((with.flags & kMessageCut) != 0 ? bytes : done);
}

i64 Socket::receive(Call& call, Transfer& to, SentWith& with) {
  if ((with.flags & kMessageOutOfBand) != 0) {
    return is_stream() ? receive_urgent(to, with) : -EOPNOTSUPP;
  }
  return is_stream() ? receive_stream(call, to, with)
                     : receive_packet(call, to, with);
}

i64 Socket::read(Call& call, OpenFile& open, Transfer& to, u64&) {
  if (to.left() == 0) return 0;  // recv() of nothing waits, read() does not
  SentWith with;
  i64 result = receive(call, to, with);
  if (result == -EAGAIN && has_ended() && open.waits()) result = 0;
  // Whoever does not look at what came with the bytes loses it.
  if (with.rights != nullptr) home_.packets.free(*with.rights);
  return result;
}

}  // namespace tine::vfs
