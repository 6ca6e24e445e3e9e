// The master's end of a pseudo-terminal.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/call.h"
#include "servers/vfs/tty/pty.h"
#include "servers/vfs/tty/pty_table.h"

namespace tine::vfs::tty {

using namespace linux_abi;

i64 PtyMaster::read(Call&, OpenFile&, Transfer& to, u64&) {
  if (to.left() == 0) return 0;
  if (packet_news_ != 0) {
    if (to.put(&packet_news_, 1) != 1) return -EFAULT;
    packet_news_ = 0;
    return 1;
  }
  if (pty_.discipline_.output_bytes() == 0) {
    return pty_.was_closed_ ? -EIO : -EAGAIN;
  }
  u8* const bounce = pty_.all_.bounce;
  u64 done = packet_mode_ ? to.put_zeros(1) : 0;
  while (to.left() != 0 && !to.has_failed()) {
    u64 room = sizeof(pty_.all_.bounce);
    if (room > to.left()) room = to.left();
    const u64 count = pty_.discipline_.take_output(bounce, room);
    if (count == 0) break;
    done += to.put(bounce, count);
  }
  pty_.settle();
  return moved(to, done);
}

i64 PtyMaster::write(Call&, OpenFile&, Transfer& from, u64&) {
  if (from.left() == 0) return 0;
  u8* const bounce = pty_.all_.bounce;
  u64 done = 0;
  while (from.left() != 0 && !from.has_failed()) {
    u64 room = pty_.receive_room();
    if (room == 0) break;
    if (room > sizeof(pty_.all_.bounce)) room = sizeof(pty_.all_.bounce);
    const u64 count = from.get(bounce, room);
    pty_.receive(bounce, count);
    done += count;
  }
  if (done == 0 && !from.has_failed()) return -EAGAIN;
  return moved(from, done);
}

u32 PtyMaster::poll(OpenFile&) {
  u32 events = 0;
  if (pty_.discipline_.output_bytes() != 0) {
    events |= kPollIn | kPollReadNormal;
  }
  if (packet_news_ != 0) events |= kPollPriority | kPollIn | kPollReadNormal;
  if (pty_.receive_room() != 0) events |= kPollOut | kPollWriteNormal;
  if (pty_.was_closed_) events |= kPollHangUp;
  return events;
}

WaitQueue* PtyMaster::wait_queue(OpenFile&, bool writes) {
  return writes ? &writers_ : &readers_;
}

i64 PtyMaster::ioctl(Call& call, OpenFile&, u32 request, u64 argument) {
  switch (request) {
    case kTiocGetPtyNumber:
      return call.user.put(argument, pty_.number_);
    case kTiocLockPty: {
      i32 lock;
      if (!call.user.get(argument, lock)) return -EFAULT;
      pty_.locked_ = lock != 0;
      return 0;
    }
    case kTiocPacketMode: {
      i32 on;
      if (!call.user.get(argument, on)) return -EFAULT;
      if (packet_mode_ != (on != 0)) packet_news_ = 0;
      packet_mode_ = on != 0;
      return 0;
    }
    case kTiocGetPacketMode:
      return call.user.put(argument, i32{packet_mode_ ? 1 : 0});
    case kTiocGetPtyLock:
      return call.user.put(argument, i32{pty_.locked_ ? 1 : 0});
    case kTiocSignal: {
      const i32 signal = static_cast<i32>(argument);
      if (signal != kSigInt && signal != kSigQuit && signal != kSigTstp) {
        return -EINVAL;
      }
      pty_.all_.news.send_group(pty_.foreground(), signal);
      return 0;
    }
    case kTiocInputQueue:
      return call.user.put(argument,
                           static_cast<i32>(pty_.discipline_.output_bytes()));
    case kTcFlush:
      // The master's input is the terminal's output.
      if (argument > kFlushBoth) return -EINVAL;
      if (argument != kFlushOutput) pty_.discipline_.flush_output();
      if (argument != kFlushInput) pty_.backlog_.clear();
      return 0;
    case kTiocSetControlling:
      return -EPERM;
    default:
      return pty_.control(call, request, argument, Pty::End::kMaster);
  }
}

void PtyMaster::release(OpenFile&) {
  pty_.table_.remove_name(pty_);
  pty_.hang_up();
  if (pty_.is_unused()) pty_.table_.free(pty_);
}

}  // namespace tine::vfs::tty
