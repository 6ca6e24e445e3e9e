// Sessions and process groups: whose terminal it is, and who may use it now.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/board.h"
#include "servers/vfs/call.h"
#include "servers/vfs/tty/terminal.h"

namespace tine::vfs::tty {

using namespace linux_abi;

Terminal* Surroundings::of_session(i32 session) const {
  if (session == 0) return nullptr;
  for (Terminal* terminal = first; terminal != nullptr;
       terminal = terminal->next()) {
    if (terminal->session() == session) return terminal;
  }
  return nullptr;
}

void Surroundings::remember(u64 leader, i32 group) {
  for (Left& place : left) {
    if (place.leader != 0) continue;
    place = {leader, group};
    ++left_count;
    return;
  }
}

void Surroundings::task_ended(u64 cookie) {
  for (Terminal* terminal = first; terminal != nullptr;
       terminal = terminal->next()) {
    if (terminal->is_led_by(cookie)) terminal->leader_ended();
  }
  if (left_count == 0) return;
  for (Left& place : left) {
    if (place.leader != cookie) continue;
    news.send_group(place.group, kSigHup);
    news.send_group(place.group, kSigCont);
    place = {};
    --left_count;
  }
}

i64 Terminal::check_group(Call& call, i32 signal) {
  if (session_ == 0 || foreground_ == 0) return 0;
  const Caller caller = all_.board.caller(call.task.cookie);
  if (!controls(caller) || caller.group == foreground_) return 0;
  if (caller.is_deaf_to(signal)) return signal == kSigTtin ? -EIO : 0;
  if (all_.board.is_orphaned(caller.group)) return -EIO;
  all_.news.send_group(caller.group, signal);
  return -ERESTARTSYS;
}

void Terminal::make_controlling(const Caller& caller) {
  session_ = caller.session;
  foreground_ = caller.group;
  leader_ = all_.board.leader_of_session(caller.session);
}

void Terminal::lose_session() {
  session_ = 0;
  foreground_ = 0;
  leader_ = 0;
}

void Terminal::leader_ended() {
  all_.news.send_group(foreground_, kSigHup);
  lose_session();
}

i64 Terminal::set_controlling(Call& call, OpenFile& file, u64 argument) {
  const Caller caller = all_.board.caller(call.task.cookie);
  if (caller.leads_session && controls(caller)) return 0;
  if (!caller.leads_session || all_.of_session(caller.session) != nullptr) {
    return -EPERM;
  }
  if (session_ != 0 && (argument != 1 || !caller.is_super)) return -EPERM;
  if (!file.can_read() && !caller.is_super) return -EPERM;
  make_controlling(caller);
  return 0;
}

i64 Terminal::opened(Call& call, OpenFile& file, u32 flags) {
  const Caller caller = all_.board.caller(call.task.cookie);
  if (exclusive_ && !caller.is_super) return -EBUSY;
  if ((flags & kOpenNoCtty) == 0 && file.can_read() && session_ == 0 &&
      caller.leads_session && all_.of_session(caller.session) == nullptr) {
    make_controlling(caller);
  }
  return 0;
}

i64 Terminal::set_foreground(Call& call, u64 argument) {
  const i64 error = check_group(call, kSigTtou);
  if (error != 0) return error == -EIO ? -ENOTTY : error;
  i32 group;
  if (!call.user.get(argument, group)) return -EFAULT;
  if (group < 0) return -EINVAL;
  const Caller caller = all_.board.caller(call.task.cookie);
  if (!controls(caller)) return -ENOTTY;
  group = pid_named_by(call.task.cookie, group);
  const i32 session = group == 0 ? 0 : all_.board.session_of_group(group);
  if (session == 0) return -ESRCH;
  if (session != session_) return -EPERM;
  foreground_ = group;
  return 0;
}

i64 Terminal::control_jobs(Call& call, u32 request, u64 argument, End end) {
  const Caller caller = all_.board.caller(call.task.cookie);
  // The master's end may look without being of the session.
  const bool may_look = end == End::kMaster || controls(caller);
  switch (request) {
    case kTiocGetGroup:
      return may_look ? call.user.put(argument,
                                      seen_by(call.task.cookie, foreground_))
                      : -ENOTTY;
    case kTiocGetSession:
      return may_look && session_ != 0
                 ? call.user.put(argument, seen_by(call.task.cookie, session_))
                 : -ENOTTY;
    case kTiocSetGroup:
      return set_foreground(call, argument);
    case kTiocGiveUp:
      if (!controls(caller) || end == End::kMaster) return -ENOTTY;
      if (!caller.leads_session) return 0;
      all_.news.send_group(foreground_, kSigHup);
      all_.news.send_group(foreground_, kSigCont);
      lose_session();
      return 0;
    default:
      return -ENOTTY;
  }
}

}  // namespace tine::vfs::tty
