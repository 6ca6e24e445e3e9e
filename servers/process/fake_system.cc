#include "servers/process/fake_system.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "servers/protocol/task_board.h"
#include "servers/protocol/vfs.h"

namespace tine::process {
namespace {

constexpr i64 kEnoent = 2, kEfault = 14, kEinval = 22;

FakeSystem* current;
Utcb fake_utcb;
ServerConfig fake_config;
Ring fake_rings[2];
constexpr u32 kFakeTasks = 512;
BoardRecord fake_board[kFakeTasks];

[[noreturn]] void stop(const char* what) {
  fprintf(stderr, "fake system: %s\n", what);
  abort();
}

}  // namespace
}  // namespace tine::process

namespace tine::sys {
void native_trap(MessageRegisters& registers) {
  process::current->trap(registers);
}
Utcb& utcb() { return process::fake_utcb; }
const ServerConfig& config() { return process::fake_config; }
}  // namespace tine::sys

namespace tine::process {

FakeSystem::FakeSystem() : heap_memory_(16 << 20) {
  current = this;
  fake_rings[0] = fake_rings[1] = Ring{};
  fake_config = ServerConfig{};
  fake_config.memory_bytes = 64 << 20;
  fake_config.board_records = kFakeTasks;
  fake_config.board = reinterpret_cast<u64>(fake_board);
  std::fill_n(fake_board, kFakeTasks, BoardRecord{});
  fake_config.process_to_memory_ring = reinterpret_cast<u64>(&fake_rings[0]);
  fake_config.process_to_vfs_ring = reinterpret_cast<u64>(&fake_rings[1]);
  heap_ = std::make_unique<Heap>(reinterpret_cast<u64>(heap_memory_.data()),
                                 heap_memory_.size());
  server_ = std::make_unique<ProcessServer>(*heap_, fake_config);
}

FakeSystem::~FakeSystem() { current = nullptr; }

void FakeSystem::start() { server_->start(); }

std::set<u64> FakeSystem::cookies() {
  std::set<u64> all;
  for (auto& [handle, thread] : threads_) all.insert(thread.cookie);
  return all;
}

u64 FakeSystem::only_new_cookie(const std::set<u64>& before) {
  u64 found = 0;
  for (u64 cookie : cookies()) {
    if (before.contains(cookie)) continue;
    if (found != 0) stop("more than one new thread");
    found = cookie;
  }
  return found;
}

FakeSystem::Thread* FakeSystem::thread_of(i64 pid) {
  for (auto& [handle, thread] : threads_) {
    Task* task =
        const_cast<TaskTable&>(server_->tasks()).find_cookie(thread.cookie);
    if (task != nullptr && task->tid.value == pid) return &thread;
  }
  return nullptr;
}

void FakeSystem::finish(Outcome outcome) {
  while (outcome.kind == Outcome::Kind::kCommit) {
    const Status status = run_batch(fake_utcb.count);
    if (status == Status::kOk) {
      outcome.kind = Outcome::Kind::kAnswer;
      break;
    }
    outcome = server_->commit_failed({status, 0, 0});
  }
  if (outcome.answers() && outcome.token != 0) {
    answer(outcome.token, outcome.message.words[0], outcome.message.tag);
  }
}

void FakeSystem::answer(u64 token, u64 value, u64 tag) {
  if (held_.erase(token) == 0) stop("answer to a token that nobody awaits");
  if (tag_flags(tag) == kReplyResume) {
    resumed.insert(token);
  } else {
    answers[token] = static_cast<i64>(value);
  }
}

std::optional<i64> FakeSystem::call(u64 cookie, linux_abi::Nr number,
                                    std::array<u64, 6> arguments) {
  sys::Message in{};
  for (unsigned i = 0; i < 6; ++i) in.words[i] = arguments[i];
  in.words[7] = static_cast<u64>(number);
  in.tag = make_tag(kLabelSyscall);
  in.token = last_token = next_token_++;
  in.target = cookie;
  for (auto& [handle, thread] : threads_) {
    if (thread.cookie == cookie) held_[in.token] = handle;
  }
  if (!held_.contains(in.token)) stop("a call from a thread that is gone");
  const u64 token = in.token;
  finish(server_->handle(in));
  last_token = token;
  if (resumed.contains(token)) return 0;
  const auto found = answers.find(token);
  if (found == answers.end()) return std::nullopt;
  return found->second;
}

void FakeSystem::exception(u64 cookie, ExceptionKind kind) {
  sys::Message in{};
  in.words[0] = static_cast<u64>(kind);
  in.tag = make_tag(kLabelException);
  in.token = next_token_++;
  in.target = cookie;
  for (auto& [handle, thread] : threads_) {
    if (thread.cookie == cookie) held_[in.token] = handle;
  }
  finish(server_->handle(in));
}

void FakeSystem::timer() {
  sys::Message in{};
  in.words[0] = kNewsTimer;
  in.tag = make_tag(kLabelNotification);
  finish(server_->handle(in));
}

void FakeSystem::poke_text(Space& space, u64 address, const std::string& text) {
  for (u64 i = 0; i <= text.size(); ++i) {
    byte(space, address + i) = static_cast<u8>(text.c_str()[i]);
  }
}

std::string FakeSystem::peek_text(Space& space, u64 address) {
  std::string text;
  while (u8 c = byte(space, address++)) text += static_cast<char>(c);
  return text;
}

// ---- the kernel ------------------------------------------------------------

void FakeSystem::trap(MessageRegisters& m) {
  const auto op = static_cast<NativeOp>(m.tag >> 24 & 0xff);
  m.tag &= 0xff'ffff;
  switch (op) {
    case NativeOp::kCall:
      drain(fake_rings[0]);
      if (m.target == kCallMemory) return memory_call(m);
      return vfs_call(m);
    case NativeOp::kBatch:
      m.words[0] = static_cast<u64>(run_batch(m.words[0]));
      return;
    case NativeOp::kClock:
      m.words[0] = now_ns;
      return;
    case NativeOp::kDebug:
      if (m.words[0] == 2) stop(reinterpret_cast<const char*>(m.words[1]));
      return;
    default:
      stop("unexpected native call");
  }
}

std::shared_ptr<FakeSystem::Space> FakeSystem::space_of_end(u64 end) {
  const auto found = spaces_.find(static_cast<Handle>(end));
  return found == spaces_.end() ? nullptr : found->second;
}

Status FakeSystem::run_copy(Op& op) {
  std::shared_ptr<Space> to =
      op.a == kCopyEndSelf ? nullptr : space_of_end(op.a);
  std::shared_ptr<Space> from =
      op.c == kCopyEndSelf ? nullptr : space_of_end(op.c);
  if ((op.a != kCopyEndSelf && !to) || (op.c != kCopyEndSelf && !from)) {
    return Status::kBadHandle;
  }
  op.result = 0;
  const u64 to_at = op.b;
  const u64 from_at = op.d;
  for (u64 i = 0; i < op.e; ++i, ++op.result) {
    for (auto& [space, at] : {std::pair{from, from_at}, {to, to_at}}) {
      if (space != nullptr && !space->pages.contains((at + i) & ~kPageMask)) {
        op.a = at + i;
        op.b = space->badge;
        return Status::kFault;
      }
    }
    u8 value =
        from ? byte(*from, from_at + i) : *reinterpret_cast<u8*>(from_at + i);
    (to ? byte(*to, to_at + i) : *reinterpret_cast<u8*>(to_at + i)) = value;
  }
  return Status::kOk;
}

Status FakeSystem::run_op(Op& op, bool dry_run, std::set<Handle>& claimed) {
  switch (op.code) {
    case OpCode::kSpaceValid:
      return spaces_.contains(op.handle) ? Status::kOk : Status::kStale;
    case OpCode::kSpaceStat:
      if (!spaces_.contains(op.handle)) return Status::kBadHandle;
      op.a = spaces_.at(op.handle)->pages.size();
      op.b = 0;
      return Status::kOk;
    case OpCode::kThreadStat:
      if (!threads_.contains(op.handle)) return Status::kBadHandle;
      op.a = 7'000'000;
      op.b = 3'000'000;
      return Status::kOk;
    case OpCode::kThreadNew:
    case OpCode::kThreadClone: {
      const bool is_new = op.code == OpCode::kThreadNew;
      const Handle slot = static_cast<Handle>(is_new ? op.a : op.b);
      const Handle space = static_cast<Handle>(is_new ? op.b : op.c);
      if (dry_run) {
        if (!is_new && !held_.contains(op.a)) return Status::kStale;
        if (!is_new && fail_clones != 0) {
          --fail_clones;
          return Status::kNoMemory;
        }
        if (threads_.contains(slot)) return Status::kBusy;
        if (!spaces_.contains(space)) return Status::kBadHandle;
        claimed.insert(slot);
        return Status::kOk;
      }
      threads_[slot] = Thread{.space = spaces_[space]};
      return Status::kOk;
    }
    case OpCode::kThreadPublish:
      if (dry_run) {
        return threads_.contains(op.handle) || claimed.contains(op.handle)
                   ? Status::kOk
                   : Status::kBadHandle;
      }
      threads_[op.handle].published = true;
      threads_[op.handle].cookie = op.b;
      return Status::kOk;
    case OpCode::kThreadKill:
      if (dry_run) {
        return threads_.contains(op.handle) ? Status::kOk : Status::kStale;
      }
      std::erase_if(held_, [&](auto& e) { return e.second == op.handle; });
      threads_.erase(op.handle);
      return Status::kOk;
    case OpCode::kThreadSpace:
      if (dry_run) {
        return held_.contains(op.a) && spaces_.contains(Handle(op.b))
                   ? Status::kOk
                   : Status::kStale;
      }
      threads_[held_[op.a]].space = spaces_[Handle(op.b)];
      return Status::kOk;
    case OpCode::kThreadInterrupt:
      if (dry_run) {
        return threads_.contains(op.handle) ? Status::kOk : Status::kStale;
      }
      op.result = static_cast<u64>(InterruptResult::kPosted);
      interrupted.push_back(threads_[op.handle].cookie);
      return Status::kOk;
    case OpCode::kThreadRegisters: {
      if (dry_run) return Status::kOk;
      const Handle thread = op.handle != kNoHandle ? op.handle : held_[op.a];
      if (static_cast<RegistersAction>(op.b) == RegistersAction::kGet) {
        std::memcpy(fake_utcb.registers, &threads_[thread].frame,
                    sizeof(hw::TrapFrame));
        return Status::kOk;
      }
      std::memcpy(&threads_[thread].frame, fake_utcb.registers,
                  sizeof(hw::TrapFrame));
      return Status::kOk;
    }
    case OpCode::kHandleClose:
      if (dry_run) {
        return spaces_.contains(op.handle) ? Status::kOk : Status::kBadHandle;
      }
      spaces_.erase(op.handle);
      return Status::kOk;
    case OpCode::kReply:
      if (dry_run) return held_.contains(op.a) ? Status::kOk : Status::kStale;
      answer(op.a, op.b, op.c);
      return Status::kOk;
    case OpCode::kStore:
      if (!dry_run) *reinterpret_cast<u64*>(op.a) = op.b;
      return Status::kOk;
    case OpCode::kShutdown:
      if (!dry_run) shutdown_status = op.a;
      return Status::kOk;
    case OpCode::kRouteNew:
    case OpCode::kRouteSet:
    case OpCode::kThreadPriority:
    case OpCode::kNotify:
    case OpCode::kTimerSet:
      return Status::kOk;
    default:
      stop("unexpected operation");
  }
}

Status FakeSystem::run_batch(u64 count) {
  if (count > kMaxBatchOps) return Status::kTooLarge;
  if (count == 1 && fake_utcb.ops[0].code == OpCode::kCopy) {
    return run_copy(fake_utcb.ops[0]);
  }
  std::set<Handle> claimed;
  for (const bool dry_run : {true, false}) {
    for (u64 i = 0; i < count; ++i) {
      const Status status = run_op(fake_utcb.ops[i], dry_run, claimed);
      if (status != Status::kOk) return status;
    }
  }
  drain(fake_rings[0]);
  fake_rings[1].head = fake_rings[1].tail;
  return Status::kOk;
}

// ---- the servers below -----------------------------------------------------

void FakeSystem::drain(Ring& ring) {
  for (; ring.head != ring.tail; ++ring.head) {
    const RingRecord& record = ring.slots[ring.head % Ring::kSlots];
    if (!mms.contains(record.a)) stop("a record about no mm");
    if (record.op == RingOp::kMmCommit) mms[record.a]->committed = true;
    if (record.op == RingOp::kMmDrop) {
      for (auto& [handle, thread] : threads_) {
        if (thread.space == mms[record.a]) stop("a used mm is dropped");
      }
      mms.erase(record.a);
    }
  }
}

void FakeSystem::memory_call(MessageRegisters& m) {
  const auto label = static_cast<MemoryLabel>(tag_label(m.tag));
  const auto result = [&](i64 value) { m.words[0] = static_cast<u64>(value); };
  const auto make = [&](const Space& from, u64 slot) {
    if (spaces_.contains(Handle(slot))) stop("the slot is taken");
    auto space = std::make_shared<Space>(from);
    space->badge = next_badge_++;
    space->committed = false;
    spaces_[Handle(slot)] = mms[space->badge] = space;
    result(0);
    m.words[1] = space->badge;
  };
  if (label == MemoryLabel::kMmNew) return make(Space{}, m.words[0]);
  if (label == MemoryLabel::kDrain || label == MemoryLabel::kMemoryInfo) {
    return result(0);
  }
  const auto found = mms.find(m.words[0]);
  if (found == mms.end()) return result(-kEinval);
  Space& mm = *found->second;
  switch (label) {
    case MemoryLabel::kMmFork:
      return make(Space{mm}, m.words[1]);
    case MemoryLabel::kMmAbort:
      if (mm.committed) stop("abort of a committed mm");
      mms.erase(found);
      return result(0);
    case MemoryLabel::kMmMap: {
      const u64 start = m.words[1];
      mm.areas[start] = page_round_up(start + m.words[2]);
      if (m.words[4] != 0) {
        Space& object = *spaces_[kProgramHandle];
        for (u64 i = 0; i < m.words[6]; ++i) {
          byte(mm, start + i) = byte(object, m.words[5] + i);
        }
      }
      return result(0);
    }
    case MemoryLabel::kMmSetStack:
      mm.areas[m.words[1]] = m.words[2];
      return result(0);
    case MemoryLabel::kMmPrefault:
      for (auto [start, end] : mm.areas) {
        if (m.words[1] >= start && m.words[1] < end) {
          byte(mm, m.words[1]);
          return result(0);
        }
      }
      return result(-kEfault);
    case MemoryLabel::kMmKey:
      m.words[1] = 0;  // all memory is private
      return result(0);
    default:
      return result(0);
  }
}

void FakeSystem::vfs_call(MessageRegisters& m) {
  const auto label = static_cast<VfsLabel>(tag_label(m.tag));
  m.tag = 0;
  if (label != VfsLabel::kExecOpen) {
    if (label == VfsLabel::kExecClose) --open_files;
    m.words[0] = 0;
    return;
  }
  const std::string path(reinterpret_cast<const char*>(m.words[1]), m.words[2]);
  const auto found = files.find(path);
  if (found == files.end()) {
    m.words[0] = static_cast<u64>(-kEnoent);
    return;
  }
  ++open_files;
  auto object = std::make_shared<Space>();
  for (u64 i = 0; i < found->second.size(); ++i) {
    byte(*object, i) = found->second[i];
  }
  if (spaces_.contains(Handle(m.words[3]))) stop("the slot is taken");
  spaces_[Handle(m.words[3])] = object;
  m.words[0] = 0;
  m.words[1] = 77;
  m.words[2] = found->second.size();
  m.words[4] = 5;
}

}  // namespace tine::process
