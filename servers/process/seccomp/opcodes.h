// The instructions of classic BPF that a filter of system calls may have
// (linux/bpf_common.h). A is the accumulator, X the index, M[] sixteen words.
#ifndef SERVERS_PROCESS_SECCOMP_OPCODES_H_
#define SERVERS_PROCESS_SECCOMP_OPCODES_H_

#include "kernel/base/types.h"

namespace tine::process {

enum FilterCode : u16 {
  kLoadData = 0x20,     // A = word k of the data
  kLoadLength = 0x80,   // A = bytes of the data
  kLoadNumber = 0x00,   // A = k
  kLoadMemory = 0x60,   // A = M[k]
  kLoadXLength = 0x81,  // the same to X
  kLoadXNumber = 0x01,
  kLoadXMemory = 0x61,
  kStore = 0x02,   // M[k] = A
  kStoreX = 0x03,  // M[k] = X
  kReturn = 0x06,
  kReturnA = 0x16,
  kNegate = 0x84,
  kJump = 0x05,
  kAToX = 0x07,
  kXToA = 0x87,
};
// Arithmetic and comparisons: with k, or with X if kWithX is set.
enum FilterOperation : u16 {
  kAdd = 0x04,
  kSubtract = 0x14,
  kMultiply = 0x24,
  kDivide = 0x34,
  kOr = 0x44,
  kAnd = 0x54,
  kShiftLeft = 0x64,
  kShiftRight = 0x74,
  kXor = 0xa4,
  kJumpEqual = 0x15,
  kJumpGreater = 0x25,
  kJumpGreaterEqual = 0x35,
  kJumpSet = 0x45,
};
inline constexpr u16 kWithX = 0x08;
inline constexpr u32 kFilterWords = 16;  // M[]

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SECCOMP_OPCODES_H_
