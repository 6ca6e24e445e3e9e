#include "servers/vfs/socket/packet.h"

namespace tine::vfs {

struct Page {
  static constexpr u32 kBytes = kPageSize - sizeof(void*);
  Page* next;
  u8 bytes[kBytes];
};
static_assert(sizeof(Page) == kPageSize);
static_assert(sizeof(Rights) <= kPageSize);

bool SocketName::operator==(const SocketName& other) const {
  return bytes == other.bytes && __builtin_memcmp(path, other.path, bytes) == 0;
}

Rights* PacketStore::make_rights() {
  u8* page = pool_.take();
  return page == nullptr ? nullptr : new (page) Rights();
}

void PacketStore::free(Rights& rights) {
  for (u32 i = 0; i < rights.count; ++i) files_.unref(rights.files[i]);
  pool_.give(reinterpret_cast<u8*>(&rights));
}

void PacketStore::drop_first_page(Packet& packet) {
  Page* page = packet.first;
  packet.first = page->next;
  packet.begin = 0;
  if (packet.first == nullptr) packet.last = nullptr;
  pool_.give(reinterpret_cast<u8*>(page));
}

void PacketStore::free(Packet& packet) {
  while (packet.first != nullptr) drop_first_page(packet);
  Rights* rights = packet.rights;
  packets_.free(&packet);
  if (rights != nullptr) free(*rights);
}

u64 PacketStore::append(Packet& packet, Transfer& from, u64 most) {
  u64 done = 0;
  while (done < most && from.left() != 0 && !from.has_failed()) {
    if (packet.last == nullptr || packet.end == Page::kBytes) {
      auto* page = reinterpret_cast<Page*>(pool_.take());
      if (page == nullptr) break;
      page->next = nullptr;
      (packet.last == nullptr ? packet.first : packet.last->next) = page;
      packet.last = page;
      packet.end = 0;
    }
    u64 part = Page::kBytes - packet.end;
    if (part > most - done) part = most - done;
    const u64 got = from.get(packet.last->bytes + packet.end, part);
    packet.end += static_cast<u32>(got);
    done += got;
  }
  packet.bytes += done;
  return done;
}

u64 PacketStore::take(Packet& packet, Transfer& to, bool peeks) {
  u64 done = 0;
  u32 begin = packet.begin;
  for (Page* page = packet.first; page != nullptr && to.left() != 0;) {
    const u32 end = page == packet.last ? packet.end : Page::kBytes;
    const u64 part = to.put(page->bytes + begin, end - begin);
    done += part;
    begin += static_cast<u32>(part);
    if (begin != end) break;
    begin = 0;
    page = page->next;
    if (!peeks) drop_first_page(packet);
  }
  if (!peeks) {
    packet.begin = begin;
    packet.bytes -= done;
  }
  return done;
}

}  // namespace tine::vfs
