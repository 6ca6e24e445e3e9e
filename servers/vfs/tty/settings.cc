// The ioctls about a terminal's settings.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/call.h"
#include "servers/vfs/tree/credentials.h"
#include "servers/vfs/tty/terminal.h"

namespace tine::vfs::tty {

using namespace linux_abi;

namespace {

// Bits per second by the number in cflag; 0: that number has no meaning.
u32 speed_of(u32 code) {
  constexpr u32 kSpeeds[] = {
      0,       50,      75,      110,     134,     150,     200,    300,
      600,     1200,    1800,    2400,    4800,    9600,    19200,  38400,
      57600,   115200,  230400,  460800,  500000,  576000,  921600, 1000000,
      1152000, 1500000, 2000000, 2500000, 3000000, 3500000, 4000000};
  // Numbers from 16 on are 010001 and up.
  const u32 index = (code & kBaudOther) != 0 ? (code & 017) + 15 : code & 017;
  return index < sizeof(kSpeeds) / sizeof(kSpeeds[0]) ? kSpeeds[index] : 0;
}

u32 output_speed(const Termios& termios) {
  const u32 code = termios.cflag & kBaudMask;
  return code == kBaudOther ? termios.ospeed : speed_of(code);
}

u32 input_speed(const Termios& termios) {
  const u32 code = termios.cflag >> kInputBaudShift & kBaudMask;
  if (code == 0) return output_speed(termios);
  return code == kBaudOther ? termios.ispeed : speed_of(code);
}

bool is_short_form(u32 request) {
  return request == kTcSetA || request == kTcSetAWait ||
         request == kTcSetAFlush;
}

bool flushes(u32 request) {
  return request == kTcSetsFlush || request == kTcSets2Flush ||
         request == kTcSetAFlush;
}

}  // namespace

i64 Terminal::get_termios(Call& call, u32 request, u64 argument) {
  const Termios& now = discipline_.termios();
  if (request == kTcGetA) {
    Termio old{static_cast<u16>(now.iflag),
               static_cast<u16>(now.oflag),
               static_cast<u16>(now.cflag),
               static_cast<u16>(now.lflag),
               now.line,
               {},
               0};
    for (unsigned i = 0; i < sizeof(old.cc); ++i) old.cc[i] = now.cc[i];
    return call.user.put(argument, old);
  }
  return call.user.put_bytes(
      argument, &now, request == kTcGets ? kOldTermiosBytes : sizeof(now));
}

i64 Terminal::set_termios(Call& call, u32 request, u64 argument) {
  if (i64 error = check_group(call, kSigTtou); error != 0) return error;
  Termios next = discipline_.termios();
  if (is_short_form(request)) {
    Termio old;
    if (!call.user.get(argument, old)) return -EFAULT;
    const auto low = [](u32& all, u16 part) { all = (all & ~0xffffu) | part; };
    low(next.iflag, old.iflag);
    low(next.oflag, old.oflag);
    low(next.cflag, old.cflag);
    low(next.lflag, old.lflag);
    next.line = old.line;
    for (unsigned i = 0; i < sizeof(old.cc); ++i) next.cc[i] = old.cc[i];
  } else {
    const bool has_speeds =
        request != kTcSets && request != kTcSetsWait && request != kTcSetsFlush;
    const u64 bytes = has_speeds ? sizeof(next) : kOldTermiosBytes;
    if (call.user.in(argument, &next, bytes) != bytes) return -EFAULT;
  }
  const u32 speed = output_speed(next);
  next.ispeed = input_speed(next);
  next.ospeed = speed;
  // There are no wires whose characters could be shorter.
  next.cflag = (next.cflag & ~(kCharacterSize | kParenb)) | kCs8 | kCread;
  if (flushes(request)) {
    discipline_.flush_input();
    backlog_.clear();
    tell_packet(kPacketFlushRead);
  }
  discipline_.set_termios(next);
  settle();
  // What readers and writers wait for may mean something else now.
  readers_.wake();
  writers_.wake();
  return 0;
}

i64 Terminal::flush(Call& call, u64 which) {
  if (i64 error = check_group(call, kSigTtou); error != 0) return error;
  if (which > kFlushBoth) return -EINVAL;
  if (which != kFlushOutput) {
    discipline_.flush_input();
    backlog_.clear();
    tell_packet(kPacketFlushRead);
  }
  if (which != kFlushInput) {
    discipline_.flush_output();
    tell_packet(kPacketFlushWrite);
  }
  settle();
  return 0;
}

i64 Terminal::set_flow(Call& call, u64 action) {
  if (i64 error = check_group(call, kSigTtou); error != 0) return error;
  switch (action) {
    case kOutputOff:
    case kOutputOn:
      discipline_.hold_output(action == kOutputOff);
      settle();
      return 0;
    case kInputOff:
    case kInputOn: {
      const u8 key =
          discipline_.termios().cc[action == kInputOff ? kVstop : kVstart];
      if (key != 0) discipline_.send_key(key);
      settle();
      return 0;
    }
    default:
      return -EINVAL;
  }
}

void Terminal::resize(const WindowSize& size) {
  if (size == window_) return;
  window_ = size;
  all_.news.send_group(foreground_, kSigWinch);
}

i64 Terminal::set_window(Call& call, u64 argument) {
  WindowSize size;
  if (!call.user.get(argument, size)) return -EFAULT;
  resize(size);
  return 0;
}

i64 Terminal::control(Call& call, u32 request, u64 argument, End end) {
  switch (request) {
    case kTcGets:
    case kTcGets2:
    case kTcGetA:
      return get_termios(call, request, argument);
    case kTcSets:
    case kTcSetsWait:
    case kTcSetsFlush:
    case kTcSets2:
    case kTcSets2Wait:
    case kTcSets2Flush:
    case kTcSetA:
    case kTcSetAWait:
    case kTcSetAFlush:
      return set_termios(call, request, argument);
    case kTcSendBreak:
    case kTcSendBreakPosix:
      // Nobody at the other end could tell a break.
      return check_group(call, kSigTtou);
    case kTiocStartBreak:
    case kTiocEndBreak:
      return 0;
    case kTiocGetWindowSize:
      return call.user.put(argument, window_);
    case kTiocSetWindowSize:
      return set_window(call, argument);
    case kTiocOutputQueue:
    case kTiocGetDiscipline:
      return call.user.put(argument, i32{0});
    case kTiocSetDiscipline: {
      i32 number;
      if (!call.user.get(argument, number)) return -EFAULT;
      return number == 0 ? 0 : -EINVAL;
    }
    case kTiocGetSoftCarrier:
      return call.user.put(
          argument, i32{(discipline_.termios().cflag & kClocal) != 0 ? 1 : 0});
    case kTiocSetSoftCarrier: {
      i32 on;
      if (!call.user.get(argument, on)) return -EFAULT;
      Termios next = discipline_.termios();
      next.cflag = on != 0 ? next.cflag | kClocal : next.cflag & ~kClocal;
      discipline_.set_termios(next);
      return 0;
    }
    case kTiocGetDevice:
      return call.user.put(argument, static_cast<u32>(device_number()));
    case kTiocExclusive:
    case kTiocNotExclusive:
      exclusive_ = request == kTiocExclusive;
      return 0;
    case kTiocGetExclusive:
      return call.user.put(argument, i32{exclusive_ ? 1 : 0});
    default:
      return control_jobs(call, request, argument, end);
  }
}

i64 Terminal::ioctl(Call& call, OpenFile& file, u32 request, u64 argument) {
  if (hung_up_) return request == kTiocSetGroup ? -ENOTTY : -EIO;
  switch (request) {
    case kTiocInputQueue:
      return call.user.put(argument,
                           static_cast<i32>(discipline_.input_bytes()));
    case kTcFlush:
      return flush(call, argument);
    case kTcFlow:
      return set_flow(call, argument);
    case kTiocSetControlling:
      return set_controlling(call, file, argument);
    case kTiocSimulateInput: {
      const bool is_own =
          controls(all_.board.caller(call.task.cookie)) ||
          credentials_of(call.task.cookie).may(Capability::kSysAdmin);
      if (!is_own) return -EPERM;
      u8 typed;
      if (!call.user.get(argument, typed)) return -EFAULT;
      if (receive_room() != 0) receive(&typed, 1);
      return 0;
    }
    default:
      return control(call, request, argument, End::kProgram);
  }
}

}  // namespace tine::vfs::tty
