#include "servers/vfs/proc/text_file.h"

#include "servers/linux_abi/errno.h"
#include "servers/protocol/process_text.h"
#include "servers/protocol/raise.h"
#include "servers/vfs/call.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// Which text of the process server's an inode stands for.
ProcessText text_of(const Inode& inode, bool is_write) {
  switch (static_cast<ProcNode>(inode.node)) {
    case ProcNode::kHostName:
      return ProcessText::kHostName;
    case ProcNode::kDomainName:
      return ProcessText::kDomainName;
    case ProcNode::kLimits:
      return is_write ? ProcessText::kNone : ProcessText::kLimits;
    case ProcNode::kTimerSlack:
      return is_write ? ProcessText::kNone : ProcessText::kTimerSlack;
    case ProcNode::kSegments:
      return is_write ? ProcessText::kNone : ProcessText::kSegments;
    case ProcNode::kQueues:
      return is_write ? ProcessText::kNone : ProcessText::kQueues;
    case ProcNode::kSemaphores:
      return is_write ? ProcessText::kNone : ProcessText::kSemaphores;
    case ProcNode::kName:
      return is_write ? ProcessText::kName : ProcessText::kNone;
    case ProcNode::kOomAdjust:
      return is_write ? ProcessText::kOomAdjust : ProcessText::kNone;
    default:
      return ProcessText::kNone;
  }
}

// The first piece of the caller's memory is read or written, as a call may that
// does less than it was asked for.
i64 hand_on(Call& call, const OpenFile& file, Transfer& transfer, u64& position,
            ProcessText text, bool is_write) {
  constexpr u64 kMostBytes = 4096;
  constexpr u64 kMostPosition = u64{1} << 32;
  if (transfer.left() == 0) return 0;
  // The next piece that has bytes.
  while (transfer.address() != 0 && transfer.piece_left() == 0) {
    transfer.next_piece();
  }
  if (transfer.address() == 0) return -EINVAL;
  if (position >= kMostPosition) return 0;
  const u64 bytes =
      transfer.piece_left() < kMostBytes ? transfer.piece_left() : kMostBytes;
  const bool is_own_position = &position == &file.offset;
  const TextRequest request{
      text,
      is_write,
      is_own_position ? static_cast<u16>(call.as_u32(0)) : kNoTextFd,
      file.inode().tid,
      transfer.address(),
      static_cast<u32>(bytes),
      static_cast<u32>(position)};
  call.hand_on(kRaiseText, request.first(), request.address, request.last());
  return 0;
}

// A whole number with blanks around it, as written to /proc/sys. False: it is
// none, or too large for anything.
bool parse_number(const char* text, u64 count, u64* value) {
  const auto is_blank = [](char c) {
    return c == ' ' || c == '\t' || c == '\n';
  };
  while (count != 0 && is_blank(*text)) ++text, --count;
  while (count != 0 && is_blank(text[count - 1])) --count;
  if (count == 0 || count > 18) return false;
  *value = 0;
  for (u64 i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    *value = *value * 10 + static_cast<u64>(text[i] - '0');
  }
  return true;
}

// vm.overcommit_memory and vm.overcommit_ratio: the memory server's.
i64 set_overcommit(bool is_ratio, u64 value) {
  const u64 both =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kMemoryInfo))
          .words[7];
  return sys::result_of(
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kSetOvercommit,
                                               is_ratio ? both & 0xff : value,
                                               is_ratio ? value : both >> 8)),
      -EINVAL);
}

}  // namespace

i64 TextFile::read(Call& call, OpenFile& file, Transfer& to, u64& position) {
  if (const ProcessText text = text_of(file.inode(), false);
      text != ProcessText::kNone) {
    return hand_on(call, file, to, position, text, false);
  }
  u64 done = 0;
  while (to.left() != 0 && !to.has_failed()) {
    const u64 room = to.left() < sizeof(buffer_) ? to.left() : sizeof(buffer_);
    TextWindow window(buffer_, room, position);
    const i64 error = proc_.write_text(credentials_of(call.task.cookie),
                                       file.inode(), window);
    if (error != 0) return done != 0 ? static_cast<i64>(done) : error;
    if (window.kept() == 0) break;
    const u64 put = to.put(buffer_, window.kept());
    done += put;
    position += put;
    if (window.kept() < room) break;
  }
  return moved(to, done);
}

i64 TextFile::write(Call& call, OpenFile& file, Transfer& from, u64& position) {
  const ProcNode node = static_cast<ProcNode>(file.inode().node);
  const ProcessText text = text_of(file.inode(), true);
  if (text != ProcessText::kNone) {
    return hand_on(call, file, from, position, text, true);
  }
  const u64 count = from.get(buffer_, sizeof(buffer_));
  if (from.has_failed()) return -EFAULT;
  u64 value;
  if (!parse_number(buffer_, count, &value)) return -EINVAL;
  const bool is_ratio = node == ProcNode::kOvercommitRatio;
  const i64 error = is_ratio || node == ProcNode::kOvercommit
                        ? set_overcommit(is_ratio, value)
                        : proc_.set_queue_limit(file.inode(), value);
  return error != 0 ? error : static_cast<i64>(count);
}

// Of mounts it is told when they change.
u32 TextFile::poll(OpenFile& file) {
  const ProcNode node = static_cast<ProcNode>(file.inode().node);
  return node == ProcNode::kMounts || node == ProcNode::kMountInfo
             ? u32{kPollIn | kPollReadNormal}
             : FileOperations::poll(file);
}

i64 TextFile::seek(OpenFile& file, i64 offset, i32 whence) {
  if (whence == kSeekCur) offset += static_cast<i64>(file.offset);
  if (whence > kSeekCur || offset < 0) return -EINVAL;
  file.offset = static_cast<u64>(offset);
  return offset;
}

}  // namespace tine::vfs
