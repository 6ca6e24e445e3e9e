#include "kernel/ipc/handle_table.h"

#include "arch/hw/phys_map.h"

namespace tine {

constinit const HandleTable::Page HandleTable::kEmptyPage{};

namespace {

// Reads through it find no object; nothing is ever written through it, because
// handle_table_free_slot() replaces it first.
HandleTable::Page* empty_page() {
  return const_cast<HandleTable::Page*>(&HandleTable::kEmptyPage);
}

u8* take_page(Pool& pool) {
  const Frame frame = frame_take(pool, FrameType::kSlab, true);
  return frame == kNoFrame ? nullptr : hw::phys_to_virt(frame.address());
}

void release_page(const void* page) {
  frame_release(Frame::containing(hw::virt_to_phys(page)));
}

}  // namespace

HandleTable* handle_table_create(Pool& pool) {
  auto* table = reinterpret_cast<HandleTable*>(take_page(pool));
  if (table == nullptr) return nullptr;
  for (HandleTable::Page*& page : table->pages) page = empty_page();
  return table;
}

void handle_table_destroy(HandleTable& table) {
  for (HandleTable::Page* page : table.pages) {
    if (page != empty_page()) release_page(page);
  }
  release_page(&table);
}

Status handle_table_free_slot(HandleTable& table, Pool& pool, u64 handle,
                              HandleEntry*& entry) {
  if (handle == kNoHandle || handle >= kMaxHandles) return Status::kInvalid;
  HandleTable::Page*& page = table.pages[handle / HandleTable::kEntriesPerPage];
  if (page == empty_page()) [[unlikely]] {
    u8* fresh = take_page(pool);
    if (fresh == nullptr) return Status::kNoMemory;
    page = reinterpret_cast<HandleTable::Page*>(fresh);
  }
  entry = &page->entries[handle % HandleTable::kEntriesPerPage];
  return entry->taken() ? Status::kBusy : Status::kOk;
}

}  // namespace tine
