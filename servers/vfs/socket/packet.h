// What was sent and not yet received: bytes in pages, and what came with them.
#ifndef SERVERS_VFS_SOCKET_PACKET_H_
#define SERVERS_VFS_SOCKET_PACKET_H_

#include "servers/linux_abi/socket.h"
#include "servers/vfs/fd_table.h"
#include "servers/vfs/open/transfer.h"
#include "servers/vfs/pipe/page_pool.h"

namespace tine::vfs {

// A socket's address, in the form that programs see.
struct SocketName {
  u32 bytes = 0;  // of the path; 0: it has no name
  char path[linux_abi::kSocketPathBytes] = {};

  bool is_abstract() const { return bytes != 0 && path[0] == '\0'; }
  bool operator==(const SocketName& other) const;
};

// Open files on their way, counted, in a page of the pool.
struct Rights {
  u32 count = 0;
  OpenFile* files[linux_abi::kMostRights] = {};
};

struct Packet {
  Packet* next = nullptr;
  u64 bytes = 0;  // that are left
  u32 begin = 0;  // in the first page
  u32 end = 0;    // in the last
  struct Page* first = nullptr;
  struct Page* last = nullptr;
  Rights* rights = nullptr;
  linux_abi::SocketCredentials credentials{};
  SocketName from;
  u32 priority = 0;  // in a message queue
};

// Makes and unmakes packets.
class PacketStore {
 public:
  PacketStore(Heap& heap, PagePool& pool, FdStore& files, u64 most)
      : packets_(heap, most), pool_(pool), files_(files) {}

  // Without bytes; null: no memory.
  Packet* make() { return packets_.make(); }
  void free(Packet& packet);
  // Adds at most `most` bytes; how many. Fewer: no page, or a fault.
  u64 append(Packet& packet, Transfer& from, u64 most);
  // Moves bytes out, from `skip` on; they stay if `peeks`.
  u64 take(Packet& packet, Transfer& to, bool peeks);

  Rights* make_rights();
  void free(Rights& rights);
  FdStore& files() { return files_; }

  u64 live() const { return packets_.live(); }

 private:
  void drop_first_page(Packet& packet);

  Slab<Packet> packets_;
  PagePool& pool_;
  FdStore& files_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_SOCKET_PACKET_H_
