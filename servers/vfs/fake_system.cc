#include "servers/vfs/fake_system.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/protocol/console.h"
#include "servers/protocol/memory.h"

namespace tine::vfs {
namespace {

constexpr u64 kUserBadge = kFirstUserBadge | 77;

}  // namespace

std::string make_archive(const std::vector<ArchiveFile>& files, bool with_end) {
  std::string archive;
  const auto pad = [&](u64 to) {
    archive.resize((archive.size() + to - 1) / to * to);
  };
  std::vector<ArchiveFile> all = files;
  if (with_end) all.push_back({"TRAILER!!!", 0, "", 0});
  u32 inode = 1000;
  for (const ArchiveFile& file : all) {
    u64 name_bytes = file.name.size() + 1;
    if (file.aligned) {
      u64 name_at = archive.size() + 110;
      name_bytes +=
          page_round_up(name_at + name_bytes) - (name_at + name_bytes);
    }
    char head[128];
    snprintf(head, sizeof(head),
             "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X",
             file.inode != 0 ? file.inode : inode++, file.mode, 7u, 8u,
             file.links, 1234567u, static_cast<u32>(file.data.size()), 0u, 0u,
             file.major, file.minor, static_cast<u32>(name_bytes), 0u);
    archive += head;
    archive += file.name;
    archive.resize(archive.size() + name_bytes - file.name.size());
    pad(4);
    archive += file.data;
    pad(4);
  }
  return archive;
}

FakeSystem::FakeSystem(const std::string& archive, u64 heap_bytes, u64 objects)
    : heap_(heap_bytes), objects_left_(objects) {
  user_->badge = kUserBadge;
  config.heap_base = reinterpret_cast<u64>(heap_.data());
  config.heap_bytes = heap_bytes;
  config.memory_bytes = u64{4} << 20;
  config.board_records = kBoardRecords;
  config.board = reinterpret_cast<u64>(board_.data());
  config.ring = reinterpret_cast<u64>(&ring_);
  config.initrd_bytes = archive.size();
  if (!archive.empty()) {
    auto initrd = std::make_shared<FakeSpace>();
    initrd->write(0, archive.data(), archive.size());
    handles_[kInitrd] = initrd;
  }
  server_ = std::make_unique<VfsServer>(config);
}

// What the process server would show of a task.
void FakeSystem::show(u64 cookie) {
  const u32 index = static_cast<u32>(cookie);
  if (index >= kBoardRecords) return;
  BoardRecord& task = reinterpret_cast<BoardRecord*>(board_.data())[index];
  task.cookie = cookie;
  task.state = 'R';
  task.tid = task.tgid = task.pgid = task.sid = static_cast<i32>(index) + 1;
  task.threads = 1;
  task.flags = kBoardDumpable;
}

void FakeSystem::record(RingOp op, u64 a, u64 b, u32 flags) {
  if (op == RingOp::kFilesNew) show(a);
  if (op == RingOp::kFilesDup) show(b);
  u64& tail = ring_.tail.value;
  ring_.slots[tail % Ring::kSlots] = {op, flags, a, b, 0};
  ++tail;
  if (tail - ring_.head(RingReader::kVfs).value == Ring::kSlots) {
    notify(kNewsRing);
  }
}

void FakeSystem::notify(u64 bits) {
  sys::Message in{{bits}, make_tag(kLabelNotification), 0, 0};
  (void)server_->handle(in);
}

u64 FakeSystem::put(u64 address, const std::string& text) {
  user_->write(address, text.c_str(), text.size() + 1);
  return address;
}

i64 FakeSystem::call(u64 cookie, linux_abi::Nr number, u64 a, u64 b, u64 c,
                     u64 d, u64 e) {
  tokens_[++token_] = user_;
  sys::Message in{{a, b, c, d, e, 0, kUserBadge, static_cast<u64>(number)},
                  make_tag(kLabelSyscall),
                  token_,
                  cookie};
  Outcome outcome = server_->handle(in);
  if (!outcome.answers()) return kWithheld;
  tokens_.erase(token_);
  return static_cast<i64>(outcome.message.words[0]);
}

sys::Message FakeSystem::request(u64 label, u64 a, u64 b, u64 c, u64 d) {
  tokens_[++token_] = user_;
  sys::Message in = sys::make_message(label, a, b, c, d);
  in.token = token_;
  in.target = static_cast<u64>(ServerId::kProcess);
  Outcome outcome = server_->handle(in);
  tokens_.erase(token_);
  return outcome.message;
}

FakeSpace* FakeSystem::space_of_end(u64 end) {
  const bool is_token = (end & kCopyEndToken) != 0;
  auto& table = is_token ? tokens_ : handles_;
  auto found = table.find(end & ~kCopyEndToken);
  return found == table.end() ? nullptr : found->second.get();
}

Status FakeSystem::run_op(Op& op, u64& detail) {
  switch (op.code) {
    case OpCode::kSpaceMap:
      for (detail = 0; detail < op.d; ++detail) {
        auto& from = *handles_.at(op.b);
        auto page = from.pages.find(FakeSpace::page_of(op.c) + detail);
        if (page == from.pages.end()) return Status::kFault;
        handles_.at(op.handle)->pages[FakeSpace::page_of(op.a) + detail] =
            page->second;
      }
      return Status::kOk;
    case OpCode::kSpacePopulate:
      for (detail = 0; detail < op.d; ++detail) {
        handles_.at(op.handle)->populate(FakeSpace::page_of(op.a) + detail);
      }
      return Status::kOk;
    case OpCode::kSpaceResolve:
      for (detail = 0; detail < op.d; ++detail) {
        FakeSpace& space = *handles_.at(op.handle);
        const u64 page = FakeSpace::page_of(op.a) + detail;
        if (!space.pages.contains(page)) space.populate(page);
      }
      return Status::kOk;
    case OpCode::kSpacePresent:
      op.result = 0;
      for (detail = 0; detail < op.d; ++detail) {
        const u64 page = FakeSpace::page_of(op.a) + detail;
        if (handles_.at(op.handle)->pages.contains(page)) {
          op.result |= u64{1} << detail;
        }
      }
      return Status::kOk;
    case OpCode::kSpaceStat:
      op.a = handles_.at(op.handle)->pages.size();
      return Status::kOk;
    case OpCode::kSpaceDestroy:
      handles_.at(op.handle)->pages.clear();
      return Status::kOk;
    case OpCode::kHandleClose:
      return handles_.erase(op.handle) == 1 ? Status::kOk : Status::kBadHandle;
    case OpCode::kReply:
      if (tokens_.erase(op.a) == 0) return Status::kStale;
      replies[op.a] = static_cast<i64>(op.b);
      return Status::kOk;
    case OpCode::kNotify:
      notified |= op.a;
      return Status::kOk;
    case OpCode::kTimerSet:
      timer = op.b;
      return Status::kOk;
    default:
      stop("unexpected operation");
  }
}

void FakeSystem::call_memory(sys::Message& message) {
  const u64* words = message.words;
  sys::Message answer{};
  switch (static_cast<MemoryLabel>(tag_label(message.tag))) {
    case MemoryLabel::kObjectNew: {
      if (objects_left_ == 0) {
        answer.words[0] = static_cast<u64>(-ENOMEM);
        break;
      }
      --objects_left_;
      auto object = std::make_shared<FakeSpace>();
      object->sparse = true;
      object->size = words[1];
      if (handles_.contains(words[0])) std::abort();
      handles_[words[0]] = object;
      objects[++next_object_] = object;
      answer.words[1] = next_object_;
      break;
    }
    case MemoryLabel::kObjectDrop:
      if (objects.erase(words[0]) != 1) std::abort();
      break;
    case MemoryLabel::kObjectResize: {
      FakeSpace& object = *objects.at(words[0]);
      object.size = words[1];
      object.clear(words[1], UINT64_MAX);
      break;
    }
    case MemoryLabel::kObjectPunch:
      objects.at(words[0])->clear(words[1], words[1] + words[2]);
      break;
    case MemoryLabel::kMmPrefault:
      if (words[0] == kUserBadge &&
          user_->lazy.erase(FakeSpace::page_of(words[1])) != 0) {
        user_->populate(FakeSpace::page_of(words[1]));
      } else {
        answer.words[0] = static_cast<u64>(-EFAULT);
      }
      break;
    default:
      std::abort();
  }
  message = answer;
}

void FakeSystem::call_console(sys::Message& message) {
  u8* at = reinterpret_cast<u8*>(message.words[0]);
  u64 bytes = message.words[1];
  i64 result = 0;
  if (tag_label(message.tag) == static_cast<u16>(ConsoleLabel::kWrite)) {
    console_output.append(reinterpret_cast<char*>(at), bytes);
    result = static_cast<i64>(bytes);
  } else if (console_input.empty()) {
    result = console_ended ? 0 : -EAGAIN;
  } else {
    if (bytes > console_input.size()) bytes = console_input.size();
    std::memcpy(at, console_input.data(), bytes);
    console_input.erase(0, bytes);
    result = static_cast<i64>(bytes);
  }
  message = {};
  message.words[0] = static_cast<u64>(result);
}

void FakeSystem::call(MessageRegisters& message) {
  return message.target == kCallMemory ? call_memory(message)
                                       : call_console(message);
}

}  // namespace tine::vfs
