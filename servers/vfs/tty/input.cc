// Bytes from the line: control characters act, the others are stored.
#include "servers/linux_abi/signal.h"
#include "servers/vfs/tty/character.h"
#include "servers/vfs/tty/line_discipline.h"

namespace tine::vfs::tty {

using namespace linux_abi;

u64 LineDiscipline::receive(const u8* bytes, u64 count) {
  output_.begin_input();
  u64 taken = 0;
  for (; taken < count; ++taken) {
    // A character may be stored twice (PARMRK) and one place stays free, but a
    // line without its end goes on taking characters, the last over and over,
    // until the end comes.
    u64 room = kInputBytes - (head_ - tail_);
    if (is_input(kParmrk)) room = (room + 2) / 3;
    if (room <= 1) {
      if (!is_canonical() || line_head_ != tail_) break;
      if (room == 0) --head_;
    }
    if (raw_) {
      put(bytes[taken]);
    } else {
      receive_one(bytes[taken]);
    }
  }
  output_.commit();
  return taken;
}

bool LineDiscipline::is_special(u8 c) const {
  if (c == '\r' && is_input(kIgncr | kIcrnl)) return true;
  if (c == '\n' && (is_input(kInlcr) || is_canonical())) return true;
  if (is_canonical()) {
    if (is_key(c, kVerase) || is_key(c, kVkill) || is_key(c, kVeof) ||
        is_key(c, kVeol)) {
      return true;
    }
    if (is_local(kIexten) &&
        (is_key(c, kVwerase) || is_key(c, kVlnext) || is_key(c, kVeol2) ||
         (is_local(kEcho) && is_key(c, kVreprint)))) {
      return true;
    }
  }
  if (is_input(kIxon) && (is_key(c, kVstart) || is_key(c, kVstop))) return true;
  return is_local(kIsig) &&
         (is_key(c, kVintr) || is_key(c, kVquit) || is_key(c, kVsusp));
}

void LineDiscipline::receive_one(u8 c) {
  const bool is_literal = next_is_literal_;
  next_is_literal_ = false;
  if (is_input(kIstrip)) c &= 0x7f;
  if (is_input(kIuclc) && is_local(kIexten)) c = to_lower(c);
  if (is_local(kExtproc)) return put(c);
  if (!is_literal && is_special(c)) return receive_special(c);
  restart_on_any();
  receive_plain(c, false);
}

void LineDiscipline::receive_special(u8 c) {
  if (is_input(kIxon)) {
    if (is_key(c, kVstart)) return start_output();
    if (is_key(c, kVstop)) return stop_output();
  }
  if (is_local(kIsig)) {
    if (is_key(c, kVintr)) return receive_signal(kSigInt, c);
    if (is_key(c, kVquit)) return receive_signal(kSigQuit, c);
    if (is_key(c, kVsusp)) return receive_signal(kSigTstp, c);
  }
  restart_on_any();
  if (c == '\r') {
    if (is_input(kIgncr)) return;
    if (is_input(kIcrnl)) c = '\n';
  } else if (c == '\n' && is_input(kInlcr)) {
    c = '\r';
  }
  if (is_canonical() && receive_edit(c)) return;
  receive_plain(c, c == '\n');
}

// Keys that edit or end a line. False: `c` is none.
bool LineDiscipline::receive_edit(u8 c) {
  const bool extended = is_local(kIexten);
  if (is_key(c, kVerase) || is_key(c, kVkill) ||
      (extended && is_key(c, kVwerase))) {
    erase(c);
    return true;
  }
  if (extended && is_key(c, kVlnext)) {
    next_is_literal_ = true;
    if (is_local(kEcho)) {
      finish_erasing();
      if (is_local(kEchoctl)) {
        echo_raw('^');
        echo_raw('\b');
      }
    }
    return true;
  }
  if (extended && is_key(c, kVreprint) && is_local(kEcho)) {
    reprint(c);
    return true;
  }
  if (c == '\n') {
    if (is_local(kEcho | kEchonl)) echo_raw('\n');
  } else if (is_key(c, kVeof)) {
    c = 0;
  } else if (is_key(c, kVeol) || (extended && is_key(c, kVeol2))) {
    if (is_local(kEcho)) {
      note_line_start();
      echo(c);
    }
    if (c == 0xff && is_input(kParmrk)) put(c);
  } else {
    return false;
  }
  set_line_end(head_, true);
  put(c);
  line_head_ = head_;
  return true;
}

void LineDiscipline::receive_signal(unsigned signal, u8 c) {
  signals_ |= u64{1} << (signal - 1);
  if (!is_local(kNoflsh)) {
    output_.take_back_echo();
    output_.flush();
    flush_input();
    note(kPacketFlushRead | kPacketFlushWrite);
  }
  if (is_input(kIxon) && !held_) go_on_with_output();
  if (is_local(kEcho)) {
    echo(c);
  } else {
    output_.commit();
  }
}

void LineDiscipline::receive_plain(u8 c, bool new_line) {
  if (is_local(kEcho)) {
    finish_erasing();
    if (new_line) {
      echo_raw(c);
    } else {
      note_line_start();
      echo(c);
    }
  }
  if (c == 0xff && is_input(kParmrk)) put(c);
  put(c);
}

void LineDiscipline::restart_on_any() {
  if (output_.is_stopped() && is_input(kIxon) && is_input(kIxany)) {
    start_output();
  }
}

void LineDiscipline::start_output() {
  if (held_) return;
  go_on_with_output();
  output_.commit();
}

void LineDiscipline::stop_output() {
  if (!output_.is_stopped()) note(kPacketStop);
  output_.stop();
}

void LineDiscipline::go_on_with_output() {
  if (output_.is_stopped()) note(kPacketStart);
  output_.go_on();
}

}  // namespace tine::vfs::tty
