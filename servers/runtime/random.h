// Random numbers: ChaCha20 (RFC 8439) over a key that is replaced after every
// use, so that what was handed out cannot be computed from what is here.
#ifndef SERVERS_RUNTIME_RANDOM_H_
#define SERVERS_RUNTIME_RANDOM_H_

#include "kernel/base/types.h"

namespace tine {

class Random {
 public:
  // Mixes into the key; what the machine has at boot is little and the same in
  // two runs that must be identical (docs say so).
  void seed(u64 value);
  void fill(u8* to, u64 bytes);

 private:
  void block(u32 (&out)[16]);
  void replace_key();

  u32 key_[8] = {};
  u64 counter_ = 0;
};

}  // namespace tine

#endif  // SERVERS_RUNTIME_RANDOM_H_
