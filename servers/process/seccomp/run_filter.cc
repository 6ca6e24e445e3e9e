#include "servers/process/seccomp/filter.h"
#include "servers/process/seccomp/opcodes.h"

namespace tine::process {
namespace {

using namespace linux_abi;

u32 word_of(const SeccompData& data, u32 offset) {
  u32 word;
  __builtin_memcpy(&word, reinterpret_cast<const u8*>(&data) + offset,
                   sizeof(word));
  return word;
}

u32 calculate(u16 operation, u32 a, u32 b) {
  switch (operation) {
    case kAdd:
      return a + b;
    case kSubtract:
      return a - b;
    case kMultiply:
      return a * b;
    case kDivide:
      return a / b;
    case kOr:
      return a | b;
    case kAnd:
      return a & b;
    case kShiftLeft:
      return a << (b & 31);
    case kShiftRight:
      return a >> (b & 31);
    case kXor:
      return a ^ b;
    default:
      return a;  // check_filter() let nothing else through
  }
}

bool compare(u16 operation, u32 a, u32 b) {
  switch (operation) {
    case kJumpEqual:
      return a == b;
    case kJumpGreater:
      return a > b;
    case kJumpGreaterEqual:
      return a >= b;
    default:
      return (a & b) != 0;  // kJumpSet
  }
}

}  // namespace

u32 run_filter(const SeccompFilter& filter, const SeccompData& data) {
  constexpr u16 kClass = 7;
  constexpr u16 kJumps = 5;
  u32 a = 0;
  u32 x = 0;
  u32 memory[kFilterWords];
  for (u32 i = 0;; ++i) {
    const FilterInstruction& instruction = filter.at(i);
    const u32 k = instruction.k;
    switch (instruction.code) {
      case kReturn:
        return k;
      case kReturnA:
        return a;
      case kLoadData:
        a = word_of(data, k);
        continue;
      case kLoadLength:
        a = sizeof(data);
        continue;
      case kLoadNumber:
        a = k;
        continue;
      case kLoadMemory:
        a = memory[k];
        continue;
      case kLoadXLength:
        x = sizeof(data);
        continue;
      case kLoadXNumber:
        x = k;
        continue;
      case kLoadXMemory:
        x = memory[k];
        continue;
      case kStore:
        memory[k] = a;
        continue;
      case kStoreX:
        memory[k] = x;
        continue;
      case kNegate:
        a = 0 - a;
        continue;
      case kJump:
        i += k;
        continue;
      case kAToX:
        x = a;
        continue;
      case kXToA:
        a = x;
        continue;
      default:
        break;
    }
    const auto operation = static_cast<u16>(instruction.code & ~kWithX);
    const u32 operand = (instruction.code & kWithX) != 0 ? x : k;
    if ((operation & kClass) == kJumps) {
      i += compare(operation, a, operand) ? instruction.jump_true
                                          : instruction.jump_false;
      continue;
    }
    // A program that divides by zero ends with 0: kill.
    if (operation == kDivide && operand == 0) return 0;
    a = calculate(operation, a, operand);
  }
}

u32 run_filters(const SeccompFilter* newest, const SeccompData& data) {
  u32 most_severe = kSeccompAllow;
  for (const SeccompFilter* filter = newest; filter != nullptr;
       filter = filter->previous) {
    const u32 answer = run_filter(*filter, data);
    // Signed, so that killing the process is before all others.
    if (static_cast<i32>(answer & kSeccompActionMask) <
        static_cast<i32>(most_severe & kSeccompActionMask)) {
      most_severe = answer;
    }
  }
  return most_severe;
}

}  // namespace tine::process
