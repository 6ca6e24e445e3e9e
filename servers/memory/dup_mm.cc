// The memory server's part of fork, exec and exit: making, duplicating and
// dropping mms. An mm is prepared by a call and either committed by a ring
// record that the process server's commit batch publishes, or aborted.
#include "servers/linux_abi/errno.h"
#include "servers/memory/memory_server.h"
#include "servers/memory/user_range.h"
#include "servers/runtime/trace.h"

namespace tine {

Outcome MemoryServer::mm_new(const sys::Message& in) {
  Mm* mm = mms_.take();
  if (mm == nullptr) return answer_words(in.token, -linux_abi::ENOMEM);
  sys::Batch batch;
  batch.add(OpCode::kSpaceNew, kSelfPool, mm->space, mm->id,
            static_cast<u64>(SpaceKind::kLoadable));
  batch.add(OpCode::kHandleGive, mm->space, in.token, in.words[0]);
  committing_ = mm;
  committing_token_ = in.token;
  Outcome outcome = answer_words(in.token, 0, mm->id);
  outcome.kind = Outcome::Kind::kCommit;
  return outcome;
}

Outcome MemoryServer::mm_fork(const sys::Message& in) {
  Mm* source = mms_.find(in.words[0]);
  if (source == nullptr) return answer_words(in.token, -linux_abi::EINVAL);
  Mm* mm = mms_.take();
  if (mm == nullptr || !ledger_.charge(*mm, source->charged)) {
    TINE_TRACE(kMmForkUndone, mm != nullptr ? mm->id : 0);
    if (mm != nullptr) mms_.release(*mm);
    return answer_words(in.token, -linux_abi::ENOMEM);
  }
  mm->areas = source->areas.clone();
  mm->break_start = source->break_start;
  mm->break_end = source->break_end;
  mm->mmap_top = source->mmap_top;
  mm->most_pages = source->most_pages;
  mm->most_data_pages = source->most_data_pages;
  mm->most_stack_bytes = source->most_stack_bytes;
  mm->most_locked = source->most_locked;
  mm->stack_top = source->stack_top;
  mm->has_fork_advice = source->has_fork_advice;
  TINE_TRACE(kMmCharged, mm->id);

  ForkMode mode = in.words[2] == static_cast<u64>(ForkMode::kEager)
                      ? ForkMode::kEager
                      : fork_mode_;
  if (mm->has_fork_advice) [[unlikely]] {
    const sys::BatchResult forked =
        sys::run({OpCode::kSpaceFork, source->space, mm->space, mm->id,
                  kSelfPool, static_cast<u64>(mode)});
    committing_ = mm;
    committing_token_ = in.token;
    if (forked.status != Status::kOk) return commit_failed(forked);
    i64 error = follow_fork_advice(*mm);
    if (error == 0 &&
        sys::run({OpCode::kHandleGive, mm->space, in.token, in.words[1]})
                .status != Status::kOk) {
      error = -linux_abi::EINVAL;
    }
    if (error == 0) return answer_words(in.token, 0, mm->id);
    if (error == kOutOfMemory) error = -linux_abi::ENOMEM;
    destroy_mm(*mm);
    return answer_words(in.token, error);
  }
  sys::Batch batch;
  batch.add(OpCode::kSpaceFork, source->space, mm->space, mm->id, kSelfPool,
            static_cast<u64>(mode));
  batch.add(OpCode::kHandleGive, mm->space, in.token, in.words[1]);
  committing_ = mm;
  committing_token_ = in.token;
  Outcome outcome = answer_words(in.token, 0, mm->id);
  outcome.kind = Outcome::Kind::kCommit;
  return outcome;
}

// Row 122: in the child areas of MADV_DONTFORK are not there, and those of
// MADV_WIPEONFORK are zero. Row 126: nothing of it is locked.
i64 MemoryServer::follow_fork_advice(Mm& mm) {
  bool any_locked = false;
  for (u32 i = 0; i < mm.areas.count(); ++i) any_locked |= mm.areas[i].locked;
  if (any_locked) {
    if (!mm.areas.reserve(0)) return -linux_abi::ENOMEM;
    mm.areas.change(0, kUserEnd, [](Vma& area) { area.locked = false; });
  }
  for (u32 i = 0; i < mm.areas.count();) {
    const Vma area = mm.areas[i];
    if (area.not_forked) {
      const i64 error = unmap_range(mm, area.start, area.end);
      if (error != 0) return error;
      continue;
    }
    if (area.wiped_on_fork) {
      const i64 error = forget_pages(mm, area);
      if (error != 0) return error;
    }
    ++i;
  }
  return 0;
}

Outcome MemoryServer::commit_failed(const sys::BatchResult& result) {
  Mm& mm = *committing_;
  TINE_TRACE(kMmForkUndone, mm.id);
  forget_mm(mm);
  i64 error = result.status == Status::kNoMemory ? linux_abi::ENOMEM
                                                 : linux_abi::EINVAL;
  return answer_words(committing_token_, -error);
}

Outcome MemoryServer::mm_abort(const sys::Message& in) {
  Mm* mm = mms_.find(in.words[0]);
  if (mm == nullptr || mm->state != MmState::kPrepared) {
    return answer_words(in.token, -linux_abi::EINVAL);
  }
  TINE_TRACE(kMmAborted, mm->id);
  destroy_mm(*mm);
  return answer_words(in.token, 0);
}

// Its space is gone, and with it this server's handle.
void MemoryServer::forget_mm(Mm& mm) {
  ledger_.release(mm);
  mms_.release(mm);
}

// One that was only prepared.
void MemoryServer::destroy_mm(Mm& mm) {
  if (sys::run({OpCode::kSpaceDestroy, mm.space}).status != Status::kOk) {
    sys::fail("memory: mm is in use");
  }
  forget_mm(mm);
}

void MemoryServer::apply(const RingRecord& record) {
  Mm* mm = mms_.find(record.a);
  if (mm == nullptr) return;
  switch (record.op) {
    case RingOp::kMmCommit:
      mm->state = MmState::kCommitted;
      TINE_TRACE(kMmLearned, mm->id);
      break;
    case RingOp::kMmDrop:
      forget_mm(*mm);
      break;
    case RingOp::kMmLimits:
      // Unlimited stays so.
      mm->most_pages = record.b == ~u64{0} ? record.b : record.b >> kPageShift;
      mm->most_data_pages =
          record.c == ~u64{0} ? record.c : record.c >> kPageShift;
      mm->most_stack_bytes =
          record.flags == ~u32{0} ? kNoLimit : u64{record.flags} << kPageShift;
      break;
    case RingOp::kMmLockLimit:
      mm->most_locked =
          record.b == kNoLimit ? kNoLimit : record.b >> kPageShift;
      break;
    default:
      break;
  }
}

}  // namespace tine
