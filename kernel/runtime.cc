// The four functions that the compiler may call by itself.
#include "arch/hw/copy_page.h"
#include "kernel/base/types.h"

using tine::u8;
using tine::usize;

extern "C" {

void* memcpy(void* to, const void* from, usize bytes) {
  tine::hw::copy_bytes(static_cast<u8*>(to), static_cast<const u8*>(from),
                       bytes);
  return to;
}

void* memmove(void* to, const void* from, usize bytes) {
  auto* out = static_cast<u8*>(to);
  const auto* in = static_cast<const u8*>(from);
  if (out <= in || out >= in + bytes) {
    tine::hw::copy_bytes(out, in, bytes);
  } else {
    // Volatile, lest the compiler make a call of memmove of this loop.
    while (bytes-- > 0) static_cast<volatile u8*>(out)[bytes] = in[bytes];
  }
  return to;
}

void* memset(void* to, int value, usize bytes) {
  auto* out = static_cast<volatile u8*>(to);
  const auto byte = static_cast<u8>(value);
  while (bytes > 0 && reinterpret_cast<usize>(out) % 8 != 0) {
    *out++ = byte;
    --bytes;
  }
  const tine::u64 word = byte * 0x0101'0101'0101'0101ULL;
  for (; bytes >= 8; bytes -= 8, out += 8) {
    *reinterpret_cast<volatile tine::u64*>(out) = word;
  }
  while (bytes-- > 0) *out++ = byte;
  return to;
}

int memcmp(const void* left, const void* right, usize bytes) {
  const auto* a = static_cast<const u8*>(left);
  const auto* b = static_cast<const u8*>(right);
  for (; bytes > 0; --bytes, ++a, ++b) {
    if (*a != *b) return *a < *b ? -1 : 1;
  }
  return 0;
}
}
