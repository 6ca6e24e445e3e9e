// Taking back what was typed: VERASE, VWERASE, VKILL; and VREPRINT.
#include "servers/vfs/tty/character.h"
#include "servers/vfs/tty/line_discipline.h"

namespace tine::vfs::tty {

using namespace linux_abi;

void LineDiscipline::finish_erasing() {
  if (!erasing_) return;
  echo_raw('/');
  erasing_ = false;
}

void LineDiscipline::erase_line() {
  head_ = line_head_;
  if (!is_local(kEcho)) return;
  finish_erasing();
  echo(termios_.cc[kVkill]);
  if (is_local(kEchok)) echo_raw('\n');
}

void LineDiscipline::erase(u8 key) {
  if (head_ == line_head_) return;
  const bool one = key == termios_.cc[kVerase];
  const bool word = !one && is_key(key, kVwerase) && is_local(kIexten);
  if (!one && !word) {
    const bool shows_each =
        is_local(kEchok) && is_local(kEchoke) && is_local(kEchoe);
    if (!is_local(kEcho) || !shows_each) return erase_line();
  }
  bool in_word = false;
  while (head_ != line_head_) {
    u64 first = head_;
    u8 c;
    do {
      c = at(--first);
    } while (is_continuation(c) && first != line_head_);
    if (is_continuation(c)) break;  // not a part of a character
    if (word) {
      if (is_word(c)) {
        in_word = true;
      } else if (in_word) {
        break;
      }
    }
    const u64 bytes = head_ - first;
    head_ = first;
    if (is_local(kEcho)) {
      if (is_local(kEchoprt) || !one || is_local(kEchoe)) {
        show_erased(c, first, bytes);
      } else {
        echo(termios_.cc[kVerase]);
      }
    }
    if (one) break;
  }
  if (head_ == line_head_ && is_local(kEcho)) finish_erasing();
}

void LineDiscipline::show_erased(u8 c, u64 first, u64 bytes) {
  if (is_local(kEchoprt)) {
    if (!erasing_) {
      echo_raw('\\');
      erasing_ = true;
    }
    echo(c);
    for (u64 i = 1; i < bytes; ++i) {
      echo_raw(at(first + i));
      output_.move_back();
    }
    return;
  }
  if (c == '\t') return show_erased_tab();
  unsigned columns = 1;
  if (is_control(c)) columns = is_local(kEchoctl) ? 2 : 0;
  for (; columns != 0; --columns) {
    echo_raw('\b');
    echo_raw(' ');
    echo_raw('\b');
  }
}

void LineDiscipline::show_erased_tab() {
  u64 columns = 0;
  bool after_tab = false;
  for (u64 i = head_; i != line_head_ && !after_tab;) {
    const u8 c = at(--i);
    if (c == '\t') {
      after_tab = true;
    } else if (is_control(c)) {
      if (is_local(kEchoctl)) columns += 2;
    } else if (!is_continuation(c)) {
      ++columns;
    }
  }
  output_.erase_tab(columns, after_tab);
}

void LineDiscipline::reprint(u8 key) {
  finish_erasing();
  echo(key);
  echo_raw('\n');
  for (u64 i = line_head_; i != head_; ++i) echo(at(i));
}

}  // namespace tine::vfs::tty
