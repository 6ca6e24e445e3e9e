// timerfd: a timer that one reads.
#ifndef SERVERS_VFS_EVENT_TIMER_FILE_H_
#define SERVERS_VFS_EVENT_TIMER_FILE_H_

#include "servers/linux_abi/time.h"
#include "servers/runtime/heap.h"
#include "servers/vfs/open/anonymous_file.h"
#include "servers/vfs/wait/wakeups.h"

namespace tine::vfs {

class TimerFile;

// What all timers are made of.
struct TimerFiles {
  TimerFiles(Heap& heap, Wakeups& waking, u64 most)
      : timers(heap, most), wakeups(waking) {}
  // CLOCK_REALTIME is now so many ns ahead of the time since boot.
  void clock_was_set();

  Slab<TimerFile> timers;
  Wakeups& wakeups;
  TimerFile* first = nullptr;
};

class TimerFile final : public AnonymousFile {
 public:
  TimerFile(TimerFiles& home, bool is_realtime);

  FileKind kind() const override { return FileKind::kTimer; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile&, bool writes) override {
    return writes ? nullptr : &readers_;
  }
  void release(OpenFile& file) override;

  // `value` 0: never.
  void set(const linux_abi::Itimerspec& time, bool is_absolute,
           bool cancels_on_set);
  linux_abi::Itimerspec left() const;

 private:
  friend struct TimerFiles;
  // How often it has run out since it was read.
  u64 expirations() const;
  void arm();

  TimerFiles& home_;
  WaitQueue readers_;
  Alarm alarm_;
  TimerFile* next_;
  TimerFile* previous_ = nullptr;
  const bool is_realtime_;
  bool is_set_ = false;
  // It is for a time of CLOCK_REALTIME, whatever that becomes.
  bool follows_clock_ = false;
  bool cancels_on_set_ = false;
  bool is_canceled_ = false;
  i64 deadline_ = 0;  // ns since boot
  i64 wall_ = 0;      // ns since 1970, if it follows the clock
  i64 interval_ = 0;  // ns; 0: once
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_EVENT_TIMER_FILE_H_
