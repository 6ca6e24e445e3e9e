// Sockets of AF_UNIX: streams, datagrams, sequenced packets.
#ifndef SERVERS_VFS_SOCKET_SOCKET_H_
#define SERVERS_VFS_SOCKET_SOCKET_H_

#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/socket/packet.h"
#include "servers/vfs/tty/signal_news.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs {

class Socket;
struct Task;

// Of the task as it is now.
linux_abi::SocketCredentials socket_credentials(const Task& task);

// What all sockets are made of.
struct Sockets {
  Sockets(Heap& heap, Wakeups& waking, PagePool& pool, FdStore& files,
          tty::SignalNews& signals, u64 most)
      : packets(heap, pool, files, most),
        sockets(heap, most),
        wakeups(waking),
        news(signals) {}

  Socket* make(linux_abi::SocketType type);

  PacketStore packets;
  Slab<Socket> sockets;
  Wakeups& wakeups;
  tty::SignalNews& news;
  Socket* named = nullptr;  // those with an abstract name
};

// What goes with bytes that are sent or received.
struct SentWith {
  u32 flags = 0;  // MSG_*
  // Sending: where to, if not to the peer; what else. Taken over when the first
  // bytes are.
  Socket* to = nullptr;
  Rights* rights = nullptr;
  bool has_credentials = false;
  linux_abi::SocketCredentials credentials{};
  // Receiving: what came.
  u32 answer_flags = 0;
  bool has_packet = false;
  SocketName from{};
};

class Socket final : public FileOperations {
 public:
  enum class State : u8 { kUnconnected, kListening, kConnected };
  static constexpr u32 kReads = 1;  // of `shut`: RCV_SHUTDOWN
  static constexpr u32 kWrites = 2;
  static constexpr u32 kUsualBuffer = 212'992;

  Socket(Sockets& home, linux_abi::SocketType type);

  FileKind kind() const override { return FileKind::kSocket; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  bool writes_all() const override { return is_stream(); }
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile& file, bool writes) override;
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  void release(OpenFile& file) override;
  u64 describe(const OpenFile& file, char* text, u64 room) const override;

  bool is_stream() const { return type == linux_abi::SocketType::kStream; }
  // Nothing will come any more for which it would be worth to wait.
  bool has_ended() const { return (shut & kReads) != 0; }
  bool is_datagram() const { return type == linux_abi::SocketType::kDatagram; }

  // As read and write of FileOperations.
  i64 send(Call& call, Transfer& from, SentWith& with);
  i64 receive(Call& call, Transfer& to, SentWith& with);

  // Both become each other's peer.
  static void connect(Socket& a, Socket& b);
  // Of datagrams: where they go from now on; null: nowhere.
  void set_peer(Socket* other);
  // The same of one that had a peer: what that has sent is lost.
  void leave_peer();
  // A listener's: a connection to `client` that waits to be accepted.
  void add_pending(Socket& made);
  Socket* take_pending();
  bool has_room_for_connection() const { return pending_count_ <= backlog; }
  void shut_down(u32 how);
  // It is no more, but for those that refer to it.
  void close();
  void unref();

  const linux_abi::SocketType type;
  State state = State::kUnconnected;
  u32 refs = 1;  // its file, its listener, its peers
  u32 shut = 0;
  bool is_dead = false;
  bool passes_credentials = false;
  i32 error = 0;
  u32 backlog = 0;
  u32 send_buffer = kUsualBuffer;
  u32 receive_buffer = kUsualBuffer;
  u64 options = 0;       // bit n: SO_* n is on
  i32 priority = 0;      // SO_PRIORITY
  i32 linger[2] = {};    // SO_LINGER: is it on, seconds
  u32 receive_low = 1;   // SO_RCVLOWAT
  u64 send_timeout = 0;  // ns; 0: none
  u64 receive_timeout = 0;
  Socket* peer = nullptr;  // counted
  SocketName name;
  Socket* next_named = nullptr;
  Entry* entry = nullptr;  // of a name in the file system, counted
  linux_abi::SocketCredentials owner{0, ~0u, ~0u};
  linux_abi::SocketCredentials peer_credentials{0, ~0u, ~0u};
  Inode node;
  OpenFile* file = nullptr;
  WaitQueue arrived;  // bytes, connections, the end
  WaitQueue room;     // in this one's queue

 private:
  bool is_full() const;
  bool takes_urgent_inline() const {
    return (options >> linux_abi::kOptionOutOfBandInline & 1) != 0;
  }
  void send_urgent(Transfer& from, SentWith& with);
  i64 receive_urgent(Transfer& to, SentWith& with);
  i64 send_stream(Call& call, Transfer& from, SentWith& with);
  i64 send_packet(Call& call, Transfer& from, SentWith& with);
  i64 receive_stream(Call& call, Transfer& to, SentWith& with);
  i64 receive_packet(Call& call, Transfer& to, SentWith& with);
  i64 if_empty();
  void push(Packet& packet);
  void drop_first() { drop(first_); }
  // Takes a packet out of the queue.
  void drop(Packet*& place);
  void fill(Packet& packet, SentWith& with);
  static void hand_out(Packet& packet, SentWith& with);
  void drop_name();

  Sockets& home_;
  Packet* first_ = nullptr;
  Packet* last_ = nullptr;
  Packet* urgent_ = nullptr;  // of these, a byte of its own
  u32 packets_ = 0;
  u64 queued_ = 0;  // bytes
  Socket* pending_ = nullptr;
  Socket* next_pending_ = nullptr;
  u32 pending_count_ = 0;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_SOCKET_SOCKET_H_
