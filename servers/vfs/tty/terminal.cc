// Reading, writing and what comes from the other end.
#include "servers/vfs/tty/terminal.h"

#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/call.h"

namespace tine::vfs::tty {

using namespace linux_abi;

namespace {
constexpr u64 kTenth = 100'000'000;  // ns: the unit of VTIME
}  // namespace

Terminal::Terminal(Surroundings& all, u32 major, u32 minor)
    : all_(all),
      readers_(all.wakeups),
      writers_(all.wakeups),
      next_(all.first),
      major_(major),
      minor_(minor) {
  all_.first = this;
  discipline_.start(kNewTerminal);
}

Terminal::~Terminal() {
  Terminal** place = &all_.first;
  while (*place != this) place = &(*place)->next_;
  *place = next_;
}

// 0: a read of `room` bytes can be answered with what there is. EAGAIN: wait.
// 1: the time is up without input.
i64 Terminal::wait_for_input(Call& call, OpenFile& file, u64 room) {
  if ((discipline_.termios().lflag & kIcanon) != 0) {
    return discipline_.has_input() ? 0 : -EAGAIN;
  }
  const u64 minimum = discipline_.termios().cc[kVmin];
  const u64 time = discipline_.termios().cc[kVtime] * kTenth;
  u64 wanted = minimum != 0 ? minimum : 1;
  if (wanted > room) wanted = room;
  if (discipline_.has_input(wanted)) return 0;
  const bool has_some = discipline_.has_input();
  if (minimum == 0 && time == 0) return 1;
  if (!file.waits()) return has_some ? 0 : -EAGAIN;
  if (time == 0) return -EAGAIN;
  // Without a minimum the time runs from the call on, else from each byte on.
  if (minimum != 0 && !has_some) return -EAGAIN;
  const u64 now = sys::clock_ns();
  if (call.deadline == 0) {
    call.deadline = now + time;
  } else if (minimum != 0 && last_input_ + time > call.deadline) {
    call.deadline = last_input_ + time;
  }
  if (now < call.deadline) return -EAGAIN;
  return has_some ? 0 : 1;
}

i64 Terminal::read(Call& call, OpenFile& file, Transfer& to, u64&) {
  // Who was waiting hears of an error, who comes later of the end.
  if (hung_up_) return call.is_again ? -EIO : 0;
  if (i64 error = check_group(call, kSigTtin); error != 0) return error;
  u64 room = to.left();
  if (room == 0) return 0;
  if (room > sizeof(all_.bounce)) room = sizeof(all_.bounce);
  const i64 state = wait_for_input(call, file, room);
  if (state != 0) return state == 1 ? 0 : state;
  const u64 count = discipline_.read(all_.bounce, room);
  const u64 done = to.put(all_.bounce, count);
  settle();
  return moved(to, done);
}

i64 Terminal::write(Call& call, OpenFile&, Transfer& from, u64&) {
  if (hung_up_) return -EIO;
  if ((discipline_.termios().lflag & kTostop) != 0 && call.progress == 0) {
    if (i64 error = check_group(call, kSigTtou); error != 0) return error;
  }
  if (from.left() == 0) return 0;
  u64 done = 0;
  while (from.left() != 0 && !from.has_failed()) {
    u64 room = discipline_.write_room();
    if (room == 0) break;
    if (room > sizeof(all_.bounce)) room = sizeof(all_.bounce);
    const u64 count = from.get(all_.bounce, room);
    done += discipline_.write(all_.bounce, count);
    send();
  }
  if (done == 0 && !from.has_failed()) return -EAGAIN;
  return moved(from, done);
}

u32 Terminal::poll(OpenFile&) {
  if (hung_up_) {
    return kPollIn | kPollOut | kPollError | kPollHangUp | kPollReadNormal |
           kPollWriteNormal;
  }
  u32 events = 0;
  if (discipline_.has_input(discipline_.poll_minimum())) {
    events |= kPollIn | kPollReadNormal;
  }
  if (discipline_.write_room() != 0) events |= kPollOut | kPollWriteNormal;
  return events;
}

WaitQueue* Terminal::wait_queue(OpenFile&, bool writes) {
  return writes ? &writers_ : &readers_;
}

void Terminal::receive(const u8* bytes, u64 count) {
  u64 taken = 0;
  if (backlog_.size() == 0) taken = discipline_.receive(bytes, count);
  backlog_.push(bytes + taken, count - taken);
  last_input_ = sys::clock_ns();
  settle();
}

void Terminal::settle() {
  while (backlog_.size() != 0) {
    const u64 taken =
        discipline_.receive(backlog_.front(), backlog_.front_bytes());
    if (taken == 0) break;
    backlog_.pop(taken);
  }
  const u64 signals = discipline_.take_signals();
  for (i32 signal : {kSigInt, kSigQuit, kSigTstp}) {
    if ((signals >> (signal - 1) & 1) != 0) {
      all_.news.send_group(foreground_, signal);
    }
  }
  if (const u8 news = discipline_.take_packet_news(); news != 0) {
    tell_packet(news);
  }
  if (discipline_.output_bytes() != 0) send();
  input_was_read();
  if (discipline_.has_input()) readers_.wake();
  if (discipline_.write_room() != 0) writers_.wake();
}

void Terminal::hang_up() {
  hung_up_ = true;
  if (session_ != 0) {
    all_.news.send_leader(session_, kSigHup);
    all_.news.send_leader(session_, kSigCont);
    all_.remember(leader_, foreground_);
    lose_session();
  }
  readers_.wake();
  writers_.wake();
}

}  // namespace tine::vfs::tty
