#include "servers/runtime/random.h"

namespace tine {
namespace {

constexpr u32 rotate(u32 value, unsigned by) {
  return value << by | value >> (32 - by);
}

void quarter_round(u32& a, u32& b, u32& c, u32& d) {
  a += b, d = rotate(d ^ a, 16);
  c += d, b = rotate(b ^ c, 12);
  a += b, d = rotate(d ^ a, 8);
  c += d, b = rotate(b ^ c, 7);
}

}  // namespace

// RFC 8439, section 2.3, with a 64-bit counter and a zero nonce.
void Random::block(u32 (&out)[16]) {
  u32 in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
  for (unsigned i = 0; i < 8; ++i) in[4 + i] = key_[i];
  in[12] = static_cast<u32>(counter_);
  in[13] = static_cast<u32>(counter_ >> 32);
  in[14] = in[15] = 0;
  ++counter_;
  for (unsigned i = 0; i < 16; ++i) out[i] = in[i];
  for (unsigned round = 0; round < 10; ++round) {
    quarter_round(out[0], out[4], out[8], out[12]);
    quarter_round(out[1], out[5], out[9], out[13]);
    quarter_round(out[2], out[6], out[10], out[14]);
    quarter_round(out[3], out[7], out[11], out[15]);
    quarter_round(out[0], out[5], out[10], out[15]);
    quarter_round(out[1], out[6], out[11], out[12]);
    quarter_round(out[2], out[7], out[8], out[13]);
    quarter_round(out[3], out[4], out[9], out[14]);
  }
  for (unsigned i = 0; i < 16; ++i) out[i] += in[i];
}

void Random::replace_key() {
  u32 fresh[16];
  block(fresh);
  for (unsigned i = 0; i < 8; ++i) key_[i] = fresh[i];
  counter_ = 0;
}

void Random::seed(u64 value) {
  key_[0] ^= static_cast<u32>(value);
  key_[1] ^= static_cast<u32>(value >> 32);
  replace_key();
}

// The first half of the first block is the next key, so that little takes no
// second block ("fast key erasure", D. J. Bernstein, 2017).
void Random::fill(u8* to, u64 bytes) {
  u32 words[16];
  block(words);
  u32 next_key[8];
  for (unsigned i = 0; i < 8; ++i) next_key[i] = words[i];
  for (u64 used = sizeof(next_key);;) {
    const u64 left = sizeof(words) - used;
    const u64 count = bytes < left ? bytes : left;
    const u8* from = reinterpret_cast<const u8*>(words) + used;
    for (u64 i = 0; i < count; ++i) *to++ = from[i];
    bytes -= count;
    if (bytes == 0) break;
    block(words);
    used = 0;
  }
  for (unsigned i = 0; i < 8; ++i) key_[i] = next_key[i];
  counter_ = 0;
}

}  // namespace tine
