// A terminal as programs see it: a line discipline, a window, a session with
// its foreground process group, and those who wait. What is at the other end of
// the line, the console or the master of a pseudo-terminal, derives from it.
#ifndef SERVERS_VFS_TTY_TERMINAL_H_
#define SERVERS_VFS_TTY_TERMINAL_H_

#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/tty/byte_ring.h"
#include "servers/vfs/tty/line_discipline.h"
#include "servers/vfs/tty/signal_news.h"
#include "servers/vfs/tty/task_board_view.h"
#include "servers/vfs/wait/wait_queue.h"

namespace tine::vfs::tty {

class Terminal;

// What all terminals share.
struct Surroundings {
  Surroundings(Wakeups& all, TaskBoardView tasks)
      : wakeups(all), board(tasks) {}

  Wakeups& wakeups;
  TaskBoardView board;
  SignalNews news;
  Terminal* first = nullptr;  // of all terminals
  u8 bounce[4096];

  // The controlling terminal of a session; null: it has none.
  Terminal* of_session(i32 session) const;
  // A session's terminal hung up. When its leader ends, those who were in the
  // foreground hear of it.
  void remember(u64 leader, i32 group);
  void task_ended(u64 cookie);

  struct Left {
    u64 leader = 0;  // 0: none
    i32 group = 0;
  };
  static constexpr u32 kMostLeft = 32;
  Left left[kMostLeft];
  u32 left_count = 0;  // places in use
};

class Terminal : public FileOperations {
 public:
  Terminal(Surroundings& all, u32 major, u32 minor);
  Terminal(const Terminal&) = delete;

  FileKind kind() const override { return FileKind::kTerminal; }
  i64 read(Call& call, OpenFile& file, Transfer& to, u64& position) override;
  i64 write(Call& call, OpenFile& file, Transfer& from, u64& position) override;
  bool writes_all() const override { return true; }
  u32 poll(OpenFile& file) override;
  WaitQueue* wait_queue(OpenFile& file, bool writes) override;
  i64 ioctl(Call& call, OpenFile& file, u32 request, u64 argument) override;
  // It may become the controlling terminal. EBUSY: somebody has it alone.
  i64 opened(Call& call, OpenFile& file, u32 flags) override;

  // ---- job_control.cc
  i32 session() const { return session_; }
  i32 foreground() const { return foreground_; }
  u64 device_number() const { return major_ << 8 | minor_; }
  // Its session's leader, the task with this cookie, has ended.
  bool is_led_by(u64 cookie) const {
    return session_ != 0 && leader_ == cookie;
  }
  void leader_ended();
  Terminal* next() const { return next_; }

 protected:
  enum class End : u8 { kProgram, kMaster };

  // Output is ready to be taken by the other end.
  virtual void send() = 0;
  // There may be room for more input.
  virtual void input_was_read() {}
  // For a master in packet mode: kPacket*.
  virtual void tell_packet(u8) {}
  ~Terminal();

  // From the other end; what does not fit into the line discipline waits in
  // `backlog_`. At most backlog room.
  void receive(const u8* bytes, u64 count);
  u64 receive_room() const { return backlog_.room(); }
  // After anything that may have made output, signals or input.
  void settle();
  void hang_up();

  // ---- settings.cc, job_control.cc: of both ends of a pseudo-terminal
  i64 control(Call& call, u32 request, u64 argument, End end);
  i64 control_jobs(Call& call, u32 request, u64 argument, End end);
  i64 get_termios(Call& call, u32 request, u64 argument);
  i64 set_termios(Call& call, u32 request, u64 argument);
  i64 flush(Call& call, u64 which);
  i64 set_flow(Call& call, u64 action);
  i64 set_window(Call& call, u64 argument);
  void resize(const linux_abi::WindowSize& size);

  // ---- job_control.cc
  // Whether a process may use its terminal now. 0, EIO, or ERESTARTSYS after
  // its group was sent `signal` (SIGTTIN, SIGTTOU).
  i64 check_group(Call& call, i32 signal);
  bool controls(const Caller& caller) const {
    return session_ != 0 && session_ == caller.session;
  }
  void make_controlling(const Caller& caller);
  void lose_session();
  i64 set_controlling(Call& call, OpenFile& file, u64 argument);
  i64 set_foreground(Call& call, u64 argument);

  static constexpr u64 kBacklogBytes = 8192;

  Surroundings& all_;
  LineDiscipline discipline_;
  ByteRing<kBacklogBytes> backlog_;
  WaitQueue readers_;
  WaitQueue writers_;
  linux_abi::WindowSize window_ = {};
  bool hung_up_ = false;

 private:
  i64 wait_for_input(Call& call, OpenFile& file, u64 room);

  Terminal* next_;
  u32 major_;
  u32 minor_;
  bool exclusive_ = false;
  u64 last_input_ = 0;  // ns: for the time between bytes
  // 0: none.
  i32 session_ = 0;
  i32 foreground_ = 0;
  u64 leader_ = 0;
};

}  // namespace tine::vfs::tty

#endif  // SERVERS_VFS_TTY_TERMINAL_H_
