// Texts of /proc that the process server has. The vfs server opens them; a read
// or write of one is handed on by kRaiseText (servers/protocol/raise.h).
#ifndef SERVERS_PROTOCOL_PROCESS_TEXT_H_
#define SERVERS_PROTOCOL_PROCESS_TEXT_H_

#include "kernel/base/types.h"

namespace tine {

enum class ProcessText : u8 {
  kNone,
  kName,       // comm; written only, the board has it
  kOomAdjust,  // oom_score_adj; the same
  kLimits,     // read only
  kHostName,   // of the caller's namespace
  kDomainName,
  kTimerSlack,  // read only, as those below
  kSegments,    // /proc/sysvipc
  kQueues,
  kSemaphores,
};

// Of which no position is to be moved: pread.
inline constexpr u16 kNoTextFd = 0xffff;

// words[1..3] of the raise.
struct TextRequest {
  ProcessText text = ProcessText::kNone;
  bool is_write = false;
  u16 fd = kNoTextFd;  // whose position a read moves: VfsLabel::kTextRead
  i32 tid = 0;         // 0: of no task
  u64 address = 0;     // in the program
  u32 bytes = 0;
  u32 position = 0;

  u64 first() const {
    return static_cast<u64>(text) | u64{is_write} << 8 | u64{fd} << 16 |
           static_cast<u64>(tid) << 32;
  }
  u64 last() const { return bytes | u64{position} << 32; }
  static TextRequest of(u64 first, u64 address, u64 last) {
    return {static_cast<ProcessText>(first & 0xff),
            (first & 0x100) != 0,
            static_cast<u16>(first >> 16),
            static_cast<i32>(first >> 32),
            address,
            static_cast<u32>(last),
            static_cast<u32>(last >> 32)};
  }
};

}  // namespace tine

#endif  // SERVERS_PROTOCOL_PROCESS_TEXT_H_
