// The memory functions that the compiler calls by itself. Word by word: servers
// copy little themselves, the kernel copies pages.
#include <cstddef>

#include "kernel/base/types.h"

namespace {

using tine::u64;
using tine::u8;

bool aligned_alike(const void* a, const void* b) {
  return ((reinterpret_cast<u64>(a) | reinterpret_cast<u64>(b)) & 7) == 0;
}

}  // namespace

extern "C" {

void* memcpy(void* to, const void* from, std::size_t bytes) {
  u8* t = static_cast<u8*>(to);
  const u8* f = static_cast<const u8*>(from);
  if (aligned_alike(to, from)) {
    for (; bytes >= 8; bytes -= 8, t += 8, f += 8) {
      *reinterpret_cast<u64*>(t) = *reinterpret_cast<const u64*>(f);
    }
  }
  for (; bytes != 0; --bytes) *t++ = *f++;
  return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
  u8* t = static_cast<u8*>(to);
  const u8* f = static_cast<const u8*>(from);
  if (t <= f || t >= f + bytes) return memcpy(to, from, bytes);
  while (bytes != 0) {
    --bytes;
    t[bytes] = f[bytes];
  }
  return to;
}

void* memset(void* to, int value, std::size_t bytes) {
  u8* t = static_cast<u8*>(to);
  u8 byte = static_cast<u8>(value);
  if (aligned_alike(to, to)) {
    u64 word = u64{byte} * 0x0101010101010101;
    for (; bytes >= 8; bytes -= 8, t += 8) *reinterpret_cast<u64*>(t) = word;
  }
  for (; bytes != 0; --bytes) *t++ = byte;
  return to;
}

int memcmp(const void* a, const void* b, std::size_t bytes) {
  const u8* x = static_cast<const u8*>(a);
  const u8* y = static_cast<const u8*>(b);
  for (; bytes != 0; --bytes, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}

std::size_t strlen(const char* text) {
  std::size_t n = 0;
  while (text[n] != 0) ++n;
  return n;
}

}  // extern "C"
