#include "servers/vfs/tree/text_store.h"

namespace tine::vfs {

unsigned TextStore::class_of(u64 bytes) {
  unsigned size_class = 0;
  while ((kSmallest << size_class) < bytes) ++size_class;
  return size_class;
}

Text TextStore::keep(Text text) {
  const unsigned size_class = class_of(text.count + 1);
  if (size_class >= kClasses || FAULT_SITE("name")) return {};
  void* piece = free_[size_class];
  if (piece != nullptr) {
    free_[size_class] = *static_cast<void**>(piece);
  } else {
    const u64 bytes = kSmallest << size_class;
    if (heap_.left() < reserve_ + bytes) return {};
    piece = heap_.take(bytes);
    if (piece == nullptr) return {};
  }
  char* kept = static_cast<char*>(piece);
  for (u64 i = 0; i < text.count; ++i) kept[i] = text.bytes[i];
  kept[text.count] = '\0';
  ++live_;
  return {kept, text.count};
}

void TextStore::drop(Text text) {
  if (text.bytes == nullptr) return;
  const unsigned size_class = class_of(text.count + 1);
  void* piece = const_cast<char*>(text.bytes);
  *static_cast<void**>(piece) = free_[size_class];
  free_[size_class] = piece;
  --live_;
}

}  // namespace tine::vfs
