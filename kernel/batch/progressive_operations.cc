// Operations whose work grows with their range: one per batch, in quanta.
#include "kernel/batch/operation.h"
#include "kernel/memory/path.h"

namespace tine {
namespace {

constexpr u64 kAllPageRights = kRead | kWrite | kExecute;
// Pages that one kSpaceResolve looks at.
constexpr u64 kResolveQuantum = 64;

StepResult to_result(const Progress& progress, Op& user) {
  user.result = progress.pages;
  return {progress.status, progress.pages};
}

StepResult map(BatchCall& call, Space& destination, const Op& op, Op& user) {
  Space* source;
  if (Status status = find_space(call, op.b, source); status != Status::kOk) {
    return {status, 0};
  }
  const u64 mode = (op.e & ~kMapPresent) >> 8;
  if ((op.e & 0xff) > kAllPageRights ||
      mode > static_cast<u64>(MapMode::kPrivate)) {
    return {Status::kInvalid, 0};
  }
  if ((op.e & kMapPresent) != 0) {
    return to_result(
        space_map_present(destination, VirtAddr{op.a}, *source, VirtAddr{op.c},
                          op.d, static_cast<u8>(op.e),
                          static_cast<MapMode>(mode)),
        user);
  }
  return to_result(
      space_map(destination, VirtAddr{op.a}, *source, VirtAddr{op.c}, op.d,
                static_cast<u8>(op.e), static_cast<MapMode>(mode)),
      user);
}

// The kernel writes to the caller's UTCB through an address it keeps: that page
// must stay what it is.
bool touches_utcb(const BatchCall& call, const Space& space, const Op& op) {
  if (&space != call.self.space || op.code == OpCode::kSpaceResolve) {
    return false;
  }
  const u64 page = kUtcbAddress >> kPageShift;
  const u64 first = op.a >> kPageShift;
  return first <= page && page - first < op.d;
}

}  // namespace

StepResult progress_space(BatchCall& call, const Op& op, Op& user) {
  Space* space;
  if (Status status = find_space(call, op.handle, space);
      status != Status::kOk) {
    return {status, 0};
  }
  if (touches_utcb(call, *space, op)) return {Status::kInvalid, 0};
  if (op.code == OpCode::kSpaceMap) return map(call, *space, op, user);
  const VirtAddr va{op.a};
  if (op.code == OpCode::kSpaceUnmap) {
    return to_result(space_unmap(*space, va, op.d), user);
  }
  if (op.e > kAllPageRights) return {Status::kInvalid, 0};
  const u8 rights = static_cast<u8>(op.e);
  switch (op.code) {
    case OpCode::kSpaceMark:
      return to_result(space_mark(*space, va, op.d, rights), user);
    case OpCode::kSpaceProtect:
      return to_result(space_protect(*space, va, op.d, rights), user);
    default:
      return to_result(space_populate(*space, va, op.d, rights), user);
  }
}

StepResult progress_resolve(BatchCall& call, const Op& op, Op& user) {
  Space* space;
  if (Status status = find_space(call, op.handle, space);
      status != Status::kOk) {
    return {status, 0};
  }
  if (op.e > static_cast<u64>(Access::kExecute)) return {Status::kInvalid, 0};
  for (u64 done = 0; done < op.d; ++done) {
    if (done == kResolveQuantum) return to_result({Status::kMore, done}, user);
    const VirtAddr va{op.a + done * kPageSize};
    if (Status status = space_resolve(*space, va, static_cast<Access>(op.e));
        status != Status::kOk) {
      return to_result({status, done}, user);
    }
  }
  return to_result({Status::kOk, op.d}, user);
}

StepResult progress_present(BatchCall& call, const Op& op, Op& user) {
  Space* space;
  if (Status status = find_space(call, op.handle, space);
      status != Status::kOk) {
    return {status, 0};
  }
  if (op.d > 64) return {Status::kTooLarge, 0};
  if (Status status = check_range(VirtAddr{op.a}, op.d);
      status != Status::kOk) {
    return {status, 0};
  }
  user.result = space_present(*space, VirtAddr{op.a}, op.d);
  return {Status::kOk, op.d};
}

}  // namespace tine
