// futex: changing a word, waking those who wait for another, and, depending on
// what the word was, those who wait for it. For condition variables.
#include "servers/linux_abi/errno.h"
#include "servers/process/futex/futexes.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// The operation as one number: shift flag and operation, comparison, and two
// signed numbers of twelve bits.
struct WakeOperation {
  u32 operation;
  u32 comparison;
  i32 operand;
  i32 compared;
};

constexpr i32 signed_12(u32 bits) { return static_cast<i32>(bits << 20) >> 20; }

WakeOperation decode(u32 encoded) {
  constexpr u32 kOperandIsShift = u32{1} << 31;
  i32 operand = signed_12(encoded >> 12 & 0xfff);
  if ((encoded & kOperandIsShift) != 0) {
    operand = static_cast<i32>(u32{1} << (operand & 31));
  }
  return {encoded >> 28 & 7, encoded >> 24 & 0xf, operand,
          signed_12(encoded & 0xfff)};
}

// False: there is no such operation.
bool apply(const WakeOperation& op, u32 old, u32* changed) {
  const u32 operand = static_cast<u32>(op.operand);
  switch (op.operation) {
    case kFutexOpSet:
      *changed = operand;
      return true;
    case kFutexOpAdd:
      *changed = old + operand;
      return true;
    case kFutexOpOr:
      *changed = old | operand;
      return true;
    case kFutexOpAndNot:
      *changed = old & ~operand;
      return true;
    case kFutexOpXor:
      *changed = old ^ operand;
      return true;
    default:
      return false;
  }
}

// 0 or 1; negated errno: there is no such comparison.
i64 compare(const WakeOperation& op, i32 old) {
  switch (op.comparison) {
    case kFutexCmpEqual:
      return old == op.compared;
    case kFutexCmpNotEqual:
      return old != op.compared;
    case kFutexCmpLess:
      return old < op.compared;
    case kFutexCmpLessEqual:
      return old <= op.compared;
    case kFutexCmpGreater:
      return old > op.compared;
    case kFutexCmpGreaterEqual:
      return old >= op.compared;
    default:
      return -ENOSYS;
  }
}

}  // namespace

i64 Futexes::wake_operation(const Call& call) {
  const Mm& mm = *call.task.mm;
  const bool is_private = (call.uint_argument(1) & kFutexPrivate) != 0;
  const WakeOperation op = decode(call.uint_argument(5));
  const u64 second = call.argument(4);
  FutexKey waited;
  FutexKey changed;
  i64 error =
      find_key(mm, call.argument(0), is_private, Access::kRead, &waited);
  if (error == 0) {
    error = find_key(mm, second, is_private, Access::kWrite, &changed);
  }
  if (error != 0) return error;
  u32 old;
  u32 value;
  if (user_.read(mm, second, old) != 0) return -EFAULT;
  if (!apply(op, old, &value)) return -ENOSYS;
  if (user_.write(mm, second, value) != 0) return -EFAULT;
  const i64 holds = compare(op, static_cast<i32>(old));
  if (holds < 0) return holds;
  i32 woken = wake_word(waited, ~u32{0}, call.int_argument(2));
  if (woken < 0 || holds == 0) return woken;
  const i32 more = wake_word(changed, ~u32{0}, call.int_argument(3));
  return more < 0 ? more : woken + more;
}

}  // namespace tine::process
