#include "servers/process/seccomp/filter.h"
#include "servers/process/seccomp/opcodes.h"

namespace tine::process {
namespace {

using namespace linux_abi;

bool is_comparison(u16 code) {
  const u16 operation = code & static_cast<u16>(~kWithX);
  return operation == kJumpEqual || operation == kJumpGreater ||
         operation == kJumpGreaterEqual || operation == kJumpSet;
}

bool is_known(u16 code) {
  switch (code) {
    case kLoadData:
    case kLoadLength:
    case kLoadNumber:
    case kLoadMemory:
    case kLoadXLength:
    case kLoadXNumber:
    case kLoadXMemory:
    case kStore:
    case kStoreX:
    case kReturn:
    case kReturnA:
    case kNegate:
    case kJump:
    case kAToX:
    case kXToA:
      return true;
    default:
      break;
  }
  switch (code & ~kWithX) {
    case kAdd:
    case kSubtract:
    case kMultiply:
    case kDivide:
    case kOr:
    case kAnd:
    case kShiftLeft:
    case kShiftRight:
    case kXor:
      return true;
    default:
      return is_comparison(code);
  }
}

// Operands of one instruction, `left` of which follow it.
bool has_good_operands(const FilterInstruction& instruction, u32 left) {
  if (!is_known(instruction.code)) return false;
  if (is_comparison(instruction.code)) {
    return instruction.jump_true < left && instruction.jump_false < left;
  }
  switch (instruction.code) {
    case kLoadData:
      return instruction.k % sizeof(u32) == 0 &&
             instruction.k < sizeof(SeccompData);
    case kLoadMemory:
    case kLoadXMemory:
    case kStore:
    case kStoreX:
      return instruction.k < kFilterWords;
    case kJump:
      return instruction.k < left;
    case kDivide:
      return instruction.k != 0;
    case kShiftLeft:
    case kShiftRight:
      return instruction.k < 32;
    default:
      return true;
  }
}

// Which words of M[] have been stored to on every way to an instruction. One
// program is checked at a time.
u16 stored[kMostFilterInstructions];

bool loads_what_was_stored(const SeccompFilter& filter) {
  constexpr u16 kAll = 0xffff;
  for (u32 i = 0; i < filter.length; ++i) stored[i] = kAll;
  u16 now = 0;
  for (u32 i = 0; i < filter.length; ++i) {
    const FilterInstruction& instruction = filter.at(i);
    now &= stored[i];
    const auto reach = [&](u32 ahead) {
      stored[i + 1 + ahead] = static_cast<u16>(stored[i + 1 + ahead] & now);
    };
    if (is_comparison(instruction.code)) {
      reach(instruction.jump_true);
      reach(instruction.jump_false);
      now = kAll;
      continue;
    }
    switch (instruction.code) {
      case kStore:
      case kStoreX:
        now = static_cast<u16>(now | 1u << instruction.k);
        break;
      case kLoadMemory:
      case kLoadXMemory:
        if ((now & 1u << instruction.k) == 0) return false;
        break;
      case kJump:
        reach(instruction.k);
        now = kAll;
        break;
      default:
        break;
    }
  }
  return true;
}

}  // namespace

bool check_filter(SeccompFilter& filter) {
  for (u32 i = 0; i < filter.length; ++i) {
    const FilterInstruction& instruction = filter.at(i);
    if (!has_good_operands(instruction, filter.length - i - 1)) return false;
    const bool is_pc =
        instruction.k == __builtin_offsetof(SeccompData, pc) ||
        instruction.k == __builtin_offsetof(SeccompData, pc) + sizeof(u32);
    if (instruction.code == kLoadData && is_pc) filter.reads_pc = true;
  }
  const u16 last = filter.at(filter.length - 1).code;
  return (last == kReturn || last == kReturnA) && loads_what_was_stored(filter);
}

}  // namespace tine::process
