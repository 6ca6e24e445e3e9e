#include "servers/process/fake_system.h"

#include <algorithm>
#include <cstring>

#include "servers/protocol/pid_numbers.h"
#include "servers/protocol/vfs.h"

namespace tine::process {
namespace {

constexpr i64 kEnoent = 2, kEfault = 14, kEinval = 22;

constexpr u32 kFakeTasks = 512;
// CPU time of every thread.
constexpr u64 kUserNs = 7'000'000, kServedNs = 3'000'000;
// In records, with the numbers of pids behind them.
constexpr u64 kBoardRoom = board_bytes(kFakeTasks) / sizeof(BoardRecord) + 1;

}  // namespace

FakeSystem::FakeSystem() : heap_memory_(16 << 20), board_(kBoardRoom) {
  config.memory_bytes = 64 << 20;
  config.board_records = kFakeTasks;
  config.board = reinterpret_cast<u64>(board_.data());
  config.ring = reinterpret_cast<u64>(&ring_);
  heap_ = std::make_unique<Heap>(reinterpret_cast<u64>(heap_memory_.data()),
                                 heap_memory_.size());
  server_ = std::make_unique<ProcessServer>(*heap_, config);
}

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

// What the kernel does if all of it has pages.
bool FakeSystem::poke_for(const Outcome& outcome) {
  const u64(&words)[kMessageWords] = outcome.message.words;
  FakeSpace& space = *threads_.at(held_.at(outcome.token)).space;
  for (u64 i = 0; i < words[2]; ++i) {
    if (!space.pages.contains(FakeSpace::page_of(words[1] + i))) return false;
  }
  space.write(words[1], &words[kPeekWord], words[2]);
  return true;
}

void FakeSystem::finish(Outcome outcome) {
  if (outcome.kind == Outcome::Kind::kPoke) {
    if (poke_for(outcome)) {
      outcome.kind = Outcome::Kind::kResult;
    } else {
      outcome = server_->poke_failed(outcome);
    }
  }
  while (outcome.kind == Outcome::Kind::kCommit) {
    MessageRegisters batch{{utcb.count}, 0, 0, 0};
    batch.tag = static_cast<u64>(NativeOp::kBatch) << 24;
    trap(batch);
    const auto status = static_cast<Status>(static_cast<i64>(batch.words[0]));
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
    space.byte(address + i) = static_cast<u8>(text.c_str()[i]);
  }
}

std::string FakeSystem::peek_text(Space& space, u64 address) {
  std::string text;
  while (u8 c = space.byte(address++)) text += static_cast<char>(c);
  return text;
}

// ---- the kernel ------------------------------------------------------------

void FakeSystem::call(MessageRegisters& m) {
  drain_ring();
  return m.target == kCallMemory ? memory_call(m) : vfs_call(m);
}

FakeSpace* FakeSystem::space_of_end(u64 end) {
  const auto found = spaces_.find(static_cast<Handle>(end));
  return found == spaces_.end() ? nullptr : found->second.get();
}

Status FakeSystem::check_op(Op& op) {
  const auto known = [](bool is_known) {
    return is_known ? Status::kOk : Status::kStale;
  };
  switch (op.code) {
    case OpCode::kSpaceValid:
    case OpCode::kSpaceStat:
    case OpCode::kSpaceDestroy:
    case OpCode::kHandleClose:
      return known(spaces_.contains(op.handle));
    case OpCode::kThreadStat:
    case OpCode::kThreadKill:
    case OpCode::kThreadInterrupt:
      return known(threads_.contains(op.handle));
    case OpCode::kThreadNew:
    case OpCode::kThreadClone: {
      const bool is_new = op.code == OpCode::kThreadNew;
      const Handle slot = static_cast<Handle>(is_new ? op.a : op.b);
      const Handle space = static_cast<Handle>(is_new ? op.b : op.c);
      if (!is_new && !held_.contains(op.a)) return Status::kStale;
      if (!is_new && fail_clones != 0) {
        --fail_clones;
        return Status::kNoMemory;
      }
      if (threads_.contains(slot)) return Status::kBusy;
      claimed_.insert(slot);
      return known(spaces_.contains(space));
    }
    case OpCode::kThreadPublish:
      return known(threads_.contains(op.handle) ||
                   claimed_.contains(op.handle));
    case OpCode::kThreadSpace:
      return known(held_.contains(op.a) && spaces_.contains(Handle(op.b)));
    case OpCode::kReply:
      return known(held_.contains(op.a));
    default:
      return Status::kOk;
  }
}

Status FakeSystem::run_op(Op& op, u64&) {
  switch (op.code) {
    case OpCode::kSpaceStat:
      op.a = spaces_.at(op.handle)->pages.size();
      op.b = 0;
      break;
    case OpCode::kThreadStat:
      op.a = kUserNs;
      op.b = kServedNs;
      break;
    case OpCode::kThreadNew:
      threads_[Handle(op.a)] = Thread{.space = spaces_[Handle(op.b)]};
      break;
    case OpCode::kThreadClone:
      threads_[Handle(op.b)] =
          Thread{.space = spaces_[Handle(op.c)],
                 .cookie = op.result,
                 .published = (op.flags & kClonePublish) != 0};
      break;
    case OpCode::kThreadPublish:
      threads_[op.handle].published = true;
      threads_[op.handle].cookie = op.b;
      break;
    case OpCode::kThreadKill:
      op.a = kUserNs;
      op.b = kServedNs;
      std::erase_if(held_, [&](auto& e) { return e.second == op.handle; });
      threads_.erase(op.handle);
      break;
    case OpCode::kThreadSpace:
      threads_[held_[op.a]].space = spaces_[Handle(op.b)];
      break;
    case OpCode::kThreadInterrupt:
      op.result = static_cast<u64>(InterruptResult::kPosted);
      interrupted.push_back(threads_[op.handle].cookie);
      break;
    case OpCode::kThreadRegisters: {
      const Handle thread = op.handle != kNoHandle ? op.handle : held_[op.a];
      hw::TrapFrame& frame = threads_[thread].frame;
      if (static_cast<RegistersAction>(op.b) == RegistersAction::kGet) {
        std::memcpy(utcb.registers, &frame, sizeof(frame));
      } else {
        std::memcpy(&frame, utcb.registers, sizeof(frame));
      }
      break;
    }
    case OpCode::kSpaceDestroy:
      op.a = spaces_.at(op.handle)->pages.size();
      op.b = 0;
      spaces_.erase(op.handle);
      break;
    case OpCode::kHandleClose:
      spaces_.erase(op.handle);
      break;
    case OpCode::kReply:
      answer(op.a, op.b, op.c);
      break;
    case OpCode::kStore:
      *reinterpret_cast<u64*>(op.a) = op.b;
      break;
    case OpCode::kShutdown:
      shutdown_status = op.a;
      break;
    case OpCode::kSpaceValid:
    case OpCode::kRouteNew:
    case OpCode::kRouteSet:
    case OpCode::kThreadPriority:
    case OpCode::kNotify:
    case OpCode::kTimerSet:
      break;
    default:
      stop("unexpected operation");
  }
  return Status::kOk;
}

void FakeSystem::end_batch() { drain_ring(); }

// ---- the servers below -----------------------------------------------------

void FakeSystem::drain_ring() {
  drain(&ring_, RingReader::kVfs, [](const RingRecord&) {});
  drain(&ring_, RingReader::kMemory, [&](const RingRecord& record) {
    if (!mms.contains(record.a)) stop("a record about no mm");
    if (record.op == RingOp::kMmCommit) mms[record.a]->committed = true;
    if (record.op == RingOp::kMmDrop) {
      for (auto& [handle, thread] : threads_) {
        if (thread.space == mms[record.a]) stop("a used mm is dropped");
      }
      mms.erase(record.a);
    }
  });
}

// In that slot of the handle table; `from` is what it is a copy of.
std::shared_ptr<FakeSystem::Space> FakeSystem::make_space(const Space* from,
                                                          Handle slot) {
  if (spaces_.contains(slot)) stop("the slot is taken");
  auto space = std::make_shared<Space>();
  if (from != nullptr) {
    space->pages = from->copy_of_pages();
    space->areas = from->areas;
  }
  space->badge = next_badge_++;
  spaces_[slot] = space;
  return space;
}

void FakeSystem::memory_call(MessageRegisters& m) {
  const auto label = static_cast<MemoryLabel>(tag_label(m.tag));
  const auto result = [&](i64 value) { m.words[0] = static_cast<u64>(value); };
  const auto make = [&](const Space* from, u64 slot) {
    const auto space = make_space(from, Handle(slot));
    mms[space->badge] = space;
    result(0);
    m.words[1] = space->badge;
  };
  if (label == MemoryLabel::kMmNew) return make(nullptr, m.words[0]);
  if (label == MemoryLabel::kDrain || label == MemoryLabel::kMemoryInfo) {
    return result(0);
  }
  const auto found = mms.find(m.words[0]);
  if (found == mms.end()) return result(-kEinval);
  Space& mm = *found->second;
  switch (label) {
    case MemoryLabel::kMmFork:
      return make(&mm, m.words[1]);
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
          mm.byte(start + i) = object.byte(m.words[5] + i);
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
          mm.byte(m.words[1]);
          return result(0);
        }
      }
      return result(-kEfault);
    case MemoryLabel::kMmKey:
      m.words[1] = 0;  // all memory is private
      m.words[3] = Rights::kRead | Rights::kWrite;
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
  make_space(nullptr, Handle(m.words[3]))
      ->write(0, found->second.data(), found->second.size());
  m.words[0] = 0;
  m.words[1] = 77;
  m.words[2] = found->second.size();
  m.words[4] = 5;
}

}  // namespace tine::process
