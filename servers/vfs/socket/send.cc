// Sending.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/call.h"
#include "servers/vfs/socket/socket.h"
#include "servers/vfs/wait/async_watch.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
// Datagrams that a socket keeps, as net.unix.max_dgram_qlen has it.
constexpr u32 kMostPackets = 10;
// What a packet takes besides its bytes, as Linux counts against SO_SNDBUF.
constexpr u32 kOverhead = 32;
constexpr u32 kDatagramOverhead = 767;

bool is_same(const SocketCredentials& a, const SocketCredentials& b) {
  return a.pid == b.pid && a.uid == b.uid && a.gid == b.gid;
}
}  // namespace

bool Socket::is_full() const {
  // From its peer it takes as much as that may send.
  if (is_datagram()) {
    return peer == nullptr
               ? packets_ > kMostPackets
               : queued_ + packets_ * kDatagramOverhead >= peer->send_buffer;
  }
  const u64 most = peer != nullptr ? peer->send_buffer : kUsualBuffer;
  return queued_ + packets_ * kOverhead >= most;
}

void Socket::push(Packet& packet) {
  (last_ == nullptr ? first_ : last_->next) = &packet;
  last_ = &packet;
  ++packets_;
  queued_ += packet.bytes;
  arrived.wake();
}

// What comes with the bytes is the packet's from now on.
void Socket::fill(Packet& packet, SentWith& with) {
  packet.rights = with.rights;
  with.rights = nullptr;
  packet.credentials = with.credentials;
  packet.from = name;
}

i64 Socket::send_stream(Call& call, Transfer& from, SentWith& with) {
  if (with.to != nullptr)
    return state == State::kConnected ? -EISCONN : -EOPNOTSUPP;
  if (state != State::kConnected) return -ENOTCONN;
  if ((shut & kWrites) != 0 || peer->is_dead || (peer->shut & kReads) != 0) {
    if (call.progress == 0 && (with.flags & kMessageNoSignal) == 0) {
      call.raises = kSigPipe;
    }
    return -EPIPE;
  }
  // The last byte is the urgent one.
  const bool is_urgent = (with.flags & kMessageOutOfBand) != 0;
  const u64 behind = is_urgent ? 1 : 0;
  if (from.left() == 0) return is_urgent ? -EOPNOTSUPP : 0;
  u64 done = 0;
  while (from.left() > behind && !from.has_failed() && !peer->is_full()) {
    u64 most = send_buffer - peer->queued_;
    if (most > from.left() - behind) most = from.left() - behind;
    // Small writes go on in the last packet, if nothing came with it.
    Packet* last = peer->last_;
    if (last != nullptr && last != peer->urgent_ && last->rights == nullptr &&
        with.rights == nullptr &&
        is_same(last->credentials, with.credentials)) {
      const u64 part = home_.packets.append(*last, from, most);
      peer->queued_ += part;
      done += part;
      if (part == 0) break;
      continue;
    }
    Packet* packet = home_.packets.make();
    if (packet == nullptr) break;
    const u64 part = home_.packets.append(*packet, from, most);
    if (part == 0) {
      home_.packets.free(*packet);
      break;
    }
    fill(*packet, with);
    peer->push(*packet);
    done += part;
  }
  if (is_urgent && from.left() == 1 && !from.has_failed()) {
    const u64 before = from.left();
    send_urgent(from, with);
    done += before - from.left();
  }
  if (done != 0) peer->arrived.wake();
  if (done == 0 && !from.has_failed()) {
    // Nobody will make room in an empty queue: memory is what it lacks.
    return peer->first_ == nullptr ? -ENOBUFS : -EAGAIN;
  }
  return moved(from, done);
}

// The receiver has one such byte: another, if there is one, is like all others
// from now on. Its file's owner gets SIGURG.
void Socket::send_urgent(Transfer& from, SentWith& with) {
  Packet* packet = home_.packets.make();
  if (packet == nullptr) return;
  if (home_.packets.append(*packet, from, 1) != 1) {
    home_.packets.free(*packet);
    return;
  }
  fill(*packet, with);
  peer->push(*packet);
  peer->urgent_ = packet;
  if (peer->file != nullptr) {
    AsyncWatches::tell_owner(*peer->file, kSigUrg, 0, home_.news);
  }
}

i64 Socket::send_packet(Call&, Transfer& from, SentWith& with) {
  Socket* to = with.to != nullptr && is_datagram() ? with.to : peer;
  if ((shut & kWrites) != 0) return -EPIPE;
  if (!is_datagram() && state != State::kConnected) return -ENOTCONN;
  if (to == nullptr) return -ENOTCONN;
  const u64 bytes = from.left();
  if (bytes > send_buffer - kOverhead) return -EMSGSIZE;
  if (to->is_dead) {
    if (!is_datagram()) return -EPIPE;
    if (to == peer) leave_peer();
    return -ECONNREFUSED;
  }
  if (to->type != type) return -EPROTOTYPE;
  if (to->peer != nullptr && to->peer != this) return -EPERM;
  if ((to->shut & kReads) != 0) return -EPIPE;
  if (to->is_full()) return -EAGAIN;
  Packet* packet = home_.packets.make();
  if (packet == nullptr) return -ENOBUFS;
  if (home_.packets.append(*packet, from, bytes) != bytes) {
    home_.packets.free(*packet);
    return from.has_failed() ? -EFAULT : -ENOBUFS;
  }
  fill(*packet, with);
  to->push(*packet);
  return static_cast<i64>(bytes);
}

i64 Socket::send(Call& call, Transfer& from, SentWith& with) {
  if ((with.flags & kMessageOutOfBand) != 0 && !is_stream()) {
    return -EOPNOTSUPP;
  }
  if (error != 0 && !is_stream()) {
    const i32 pending = error;
    error = 0;
    return -pending;
  }
  if (!with.has_credentials) with.credentials = socket_credentials(call.task);
  return is_stream() ? send_stream(call, from, with)
                     : send_packet(call, from, with);
}

i64 Socket::write(Call& call, OpenFile&, Transfer& from, u64&) {
  SentWith with;
  return send(call, from, with);
}

}  // namespace tine::vfs
