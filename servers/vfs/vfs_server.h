// The vfs server: the tree of files, open files, and the system calls on both.
#ifndef SERVERS_VFS_VFS_SERVER_H_
#define SERVERS_VFS_VFS_SERVER_H_

#include "servers/linux_abi/time.h"
#include "servers/protocol/ring.h"
#include "servers/runtime/server_loop.h"
#include "servers/vfs/call.h"
#include "servers/vfs/event/epoll_file.h"
#include "servers/vfs/event/event_file.h"
#include "servers/vfs/event/signal_file.h"
#include "servers/vfs/event/timer_file.h"
#include "servers/vfs/inotify/inotify_file.h"
#include "servers/vfs/inotify/watchers.h"
#include "servers/vfs/lock/file_locks.h"
#include "servers/vfs/mqueue/message_queue.h"
#include "servers/vfs/open/console_file.h"
#include "servers/vfs/open/device_files.h"
#include "servers/vfs/open/regular_file.h"
#include "servers/vfs/paths/changed.h"
#include "servers/vfs/paths/xattr.h"
#include "servers/vfs/pidfd/pidfd.h"
#include "servers/vfs/pipe/pipe.h"
#include "servers/vfs/proc/memory_file.h"
#include "servers/vfs/proc/text_file.h"
#include "servers/vfs/socket/socket.h"
#include "servers/vfs/tree/path_walk.h"
#include "servers/vfs/tty/console_terminal.h"
#include "servers/vfs/tty/own_terminal.h"
#include "servers/vfs/tty/pty_table.h"
#include "servers/vfs/wait/answer.h"
#include "servers/vfs/wait/async_watch.h"
#include "servers/vfs/wait/wakeups.h"

namespace tine::vfs {

class VfsServer {
 public:
  explicit VfsServer(const ServerConfig& config);

  Outcome handle(const sys::Message& in);
  Outcome commit_failed(const sys::BatchResult& result);

  // For the invariant checker.
  const TaskFiles& tasks() const { return tasks_; }
  u64 open_files() const { return store_.open_files(); }
  const FdStore::Block* first_files() const { return first_files_; }
  const PidFds& pidfds() const { return pidfds_; }
  const FileSystem& files() const { return files_; }
  const Pipes& pipes() const { return pipes_; }
  const Sockets& sockets() const { return sockets_; }
  const Wakeups& wakeups() const { return wakeups_; }
  const Inotifies& inotifies() const { return inotifies_; }
  const MessageQueues& queues() const { return queues_; }

 private:
  // ---- vfs_server.cc
  // What the tree has besides the image.
  void add_own_names();
  void learn(const RingRecord& record);
  void make_newest();
  void apply(const RingRecord& record);
  Outcome handle_message(const sys::Message& in);
  Outcome handle_request(const sys::Message& in);
  Outcome handle_syscall(const sys::Message& in, AnswerTo answer_to,
                         bool is_restart = false);

  // ---- tty/requests.cc
  FileOperations& console();
  void console_has_input();
  Outcome take_signal(const sys::Message& in);
  i64 open_pty_peer(Call& call, const OpenFile& master, u64 flags);

  // ---- wait/run_again.cc
  // For handlers: the call waits on the queue (further ones may be added), or
  // -ENOMEM. wait_for() takes the file's queue and keeps the file open; -EAGAIN
  // if nothing will ever happen there.
  i64 wait_on(Call& call, WaitQueue& queue);
  i64 wait_for(Call& call, u32 fd, OpenFile& file, bool writes);
  void pin(Call& call, u32 fd, OpenFile& file);
  void unpin(Call& call);
  Answer carry_out(Call& call);
  Answer answer_of(const Call& call, i64 result);
  // False: the caller is dead.
  bool answer_withheld(u64 token, const Answer& answer);
  void keep(const Call& call);
  void run_woken();
  void run_again(Task& task);
  Outcome interrupt(const sys::Message& in);
  // Its call, if one is withheld, will not be answered.
  void forget(Task& task);

  // ---- proc/text_requests.cc
  Outcome text_read(const sys::Message& in);

  // ---- dispatch.cc: each answers a result, a negated errno or kWithheld
  i64 dispatch(Call& call, u32 number);
  i64 dispatch_paths(Call& call, u32 number);
  i64 dispatch_changes(Call& call, u32 number);
  i64 dispatch_sockets(Call& call, u32 number);

  // ---- exec_requests.cc
  Outcome exec_open(const sys::Message& in);
  Outcome exec_path(const sys::Message& in);

  // ---- pidfd/requests.cc
  i64 put_file(Task& task, OpenFile& file, bool close_on_exec = true);
  Outcome pidfd_open(const sys::Message& in, bool is_clone);
  Outcome pidfd_find(const sys::Message& in);
  Outcome take_file(const sys::Message& in);
  Outcome identity(const sys::Message& in);

  // ---- paths/lookup.cc
  // The file of a descriptor; null: EBADF. Only the second one finds those
  // opened with O_PATH.
  OpenFile* file(Call& call, u64 fd);
  OpenFile* any_file(Call& call, u64 fd);
  // The path at `path`, from the directory `fd`. 0 or a negated errno; `found`
  // has no entry if only the last component is missing. Without `who` it is the
  // caller who needs the right to pass.
  i64 find(Call& call, i32 fd, u64 path, Follow follow, Found& found);
  i64 find(Call& call, const Credentials& who, i32 fd, u64 path, Follow follow,
           Found& found, u64 resolve = 0);
  // The same, but it must be there; `flags` are AT_SYMLINK_NOFOLLOW and
  // AT_EMPTY_PATH, by which an empty path means `fd` itself: that may have an
  // inode and no entry.
  i64 find_inode(Call& call, i32 fd, u64 path, u32 flags, EntryRef& entry,
                 Inode*& inode);
  i64 find_inode(Call& call, const Credentials& who, i32 fd, u64 path,
                 u32 flags, EntryRef& entry, Inode*& inode);
  i64 find_entry(Call& call, i32 fd, u64 path, u32 flags, EntryRef& entry);
  i64 find_entry(Call& call, const Credentials& who, i32 fd, u64 path,
                 u32 flags, EntryRef& entry);
  i64 directory_of(Call& call, i32 fd, Entry*& directory);

  // ---- paths/open.cc
  i64 sys_open(Call& call, i32 fd, u64 path, u32 flags, u32 mode,
               u64 resolve = 0);
  i64 sys_openat2(Call& call);
  // What carries out the calls on an open file of that inode; null: ENXIO.
  FileOperations* operations_of(const Inode& inode);
  i64 check_open(const Credentials& who, const Inode& inode, u32 flags);
  i64 open_nameless(Call& call, const Credentials& who, Entry& directory,
                    u32 flags, u32 mode);
  i64 create(Call& call, const Credentials& who, const Found& found, u32 mode,
             EntryRef& entry);
  i64 install(Call& call, Entry& entry, u32 flags);
  i64 reopen(Call& call, OpenFile& file, u32 flags);
  i64 sys_close(Call& call, u32 fd);
  i64 sys_close_range(Call& call, u32 first, u32 last, u32 flags);

  // ---- descriptors.cc
  i64 duplicate(Call& call, u32 fd, u32 from, bool close_on_exec);
  i64 duplicate_to(Call& call, u32 fd, u32 to, bool close_on_exec);
  i64 sys_dup3(Call& call, u32 fd, u32 to, u32 flags);
  i64 set_async(i32 fd, OpenFile& file, bool is_on);
  i64 sys_fcntl(Call& call, u32 fd, i32 command, u64 argument);
  i64 sys_fcntl_more(Call& call, u32 fd, OpenFile& file, i32 command,
                     u64 argument);
  i64 sys_ioctl(Call& call, u32 fd, u32 request, u64 argument);
  i64 sys_lseek(Call& call, u32 fd, i64 offset, i32 whence);

  // ---- pipe/open_pipe.cc
  void discard(OpenFile& file);
  // The lowest free descriptor for `file`, or -EMFILE, -ENOMEM.
  i64 add_descriptor(Call& call, OpenFile& file, bool close_on_exec);
  // Two, and where the program wants to read them; takes both files.
  i64 add_pair(Call& call, OpenFile* first, OpenFile* second,
               bool close_on_exec, u64 address);
  // Makes an inode what fstat shows of a file without a name.
  void name_nameless(const Task& task, Inode& inode, u32 mode);
  void name_nameless(Call& call, Inode& inode, u32 mode) {
    name_nameless(call.task, inode, mode);
  }
  i64 sys_pipe(Call& call, u32 flags);
  // Makes `file`, opened by its name, an end of its FIFO. 0, kWithheld or a
  // negated errno; withheld, the file is pinned, and wait_for_partner() goes
  // on.
  i64 open_fifo(Call& call, OpenFile& file);
  i64 wait_for_partner(Call& call, OpenFile& file);
  // The open of a FIFO that waited, run again.
  i64 finish_fifo(Call& call, u32 flags);

  // ---- pipe/splice.cc
  i64 splice_out(Call& call, Pipe& from, OpenFile& to, u64& position, u64 bytes,
                 u64 skipped);
  i64 splice_in(Call& call, OpenFile& from, u64& from_position, OpenFile& to,
                u64& to_position, u64 bytes);
  i64 end_of_splice(Call& call, i64 done, i64 result, u32 from_fd,
                    OpenFile& from, u32 to_fd, OpenFile& to, u32 flags);
  i64 sys_splice(Call& call);
  i64 sys_tee(Call& call);
  i64 sys_vmsplice(Call& call);

  // ---- socket/names.cc
  // Null: `error` is EBADF or ENOTSOCK.
  static Socket* socket_of(OpenFile* file, i64& error);
  i64 get_socket_name(Call& call, u64 address, u32 bytes, SocketName& name);
  i64 put_socket_name(Call& call, const SocketName& name, u64 address,
                      u64 length_at);
  i64 put_socket_name_bytes(Call& call, const SocketName& name, u64 address,
                            u32 room, u32& length);
  i64 find_socket_path(Call& call, const SocketName& name, Follow follow,
                       Found& found);
  i64 find_socket(Call& call, const SocketName& name,
                  linux_abi::SocketType type, Socket*& socket);
  i64 bind_abstract(Socket& socket, SocketName& name);
  i64 bind_path(Call& call, Socket& socket, const SocketName& name);
  i64 sys_bind(Call& call);
  i64 sys_getsockname(Call& call, bool peer);

  // ---- socket/connections.cc
  Socket* make_socket(Call& call, linux_abi::SocketType type);
  OpenFile* open_socket(Socket& socket, u32 flags);
  bool may_wait(Call& call, const OpenFile& file, u32 flags, u64 timeout);
  i64 connect_stream(Call& call, OpenFile& file, Socket& socket,
                     const SocketName& name);
  i64 sys_socket(Call& call);
  i64 sys_socketpair(Call& call);
  i64 sys_listen(Call& call);
  i64 sys_connect(Call& call);
  i64 sys_accept(Call& call, u32 flags);
  i64 sys_shutdown(Call& call);

  // ---- socket/messages.cc
  i64 send_all(Call& call, u32 fd, OpenFile& file, Transfer& transfer,
               SentWith& with);
  i64 receive_some(Call& call, u32 fd, OpenFile& file, Transfer& transfer,
                   SentWith& with);
  i64 get_target(Call& call, Socket& socket, u64 address, u32 bytes,
                 SentWith& with);
  i64 send_message(Call& call, u32 fd, const linux_abi::MessageHeader& header,
                   u32 flags);
  i64 receive_message(Call& call, u32 fd, u64 address, u32 flags);
  i64 sys_sendto(Call& call);
  i64 sys_recvfrom(Call& call);
  i64 sys_sendmsg(Call& call);
  i64 sys_recvmsg(Call& call);
  i64 sys_sendmmsg(Call& call, bool receives);

  // ---- socket/control.cc
  i64 get_rights(Call& call, const i32* fds, u64 count, SentWith& with);
  i64 get_control(Call& call, const linux_abi::MessageHeader& header,
                  SentWith& with);
  u64 put_rights(Call& call, u64 address, u64 room, bool close_on_exec,
                 SentWith& with);
  u64 put_control(Call& call, const Socket& socket,
                  const linux_abi::MessageHeader& header, u32 flags,
                  SentWith& with);

  // ---- socket/options.cc
  i64 sys_getsockopt(Call& call);
  i64 sys_setsockopt(Call& call);

  // ---- event/event_file.cc
  i64 sys_eventfd(Call& call, u32 flags);

  // ---- lock/lock_calls.cc
  bool would_deadlock(const void* owner, const void* blocker);
  i64 wait_for_lock(Call& call, u32 fd, OpenFile& file, const void* blocker);
  i64 get_lock(Call& call, OpenFile& file, i32 command, u64 address);
  i64 set_lock(Call& call, u32 fd, OpenFile& file, i32 command, u64 address);
  i64 sys_flock(Call& call, u32 fd, u32 operation);
  // ---- lock/leases.cc
  i64 get_lease(const OpenFile& file) const;
  i64 set_lease(Call& call, u32 fd, OpenFile& file, i32 type);
  i64 break_leases(Call& call, const Inode& inode, u32 flags);
  // Before a descriptor of the task for that file is closed.
  void closes(Task& task, const OpenFile& file);

  // ---- event/epoll_calls.cc
  i64 tell_events(Call& call, EpollFile& set, u64 address, u32 most);
  i64 epoll_wait(Call& call);
  // Waits for whatever may happen in the set: kWithheld or -ENOMEM.
  i64 wait_on_set(Call& call, EpollFile& set);
  i64 sys_epoll_create(Call& call, u32 flags);
  i64 sys_epoll_ctl(Call& call);
  i64 sys_epoll_wait(Call& call);
  i64 sys_epoll_pwait2(Call& call);

  // ---- event/signal_file.cc
  Outcome signalfd(const sys::Message& in);

  // ---- event/timer_calls.cc
  i64 sys_timerfd_create(Call& call);
  i64 sys_timerfd_settime(Call& call);
  i64 sys_timerfd_gettime(Call& call);

  // ---- mqueue/queue_calls.cc
  i64 get_queue_name(Call& call, u64 address, Text& name);
  void remove_queue(Entry& name);
  i64 make_queue(Call& call, const Credentials& who, Text name,
                 EntryRef& entry);
  i64 wait_for_queue(Call& call, OpenFile& open, WaitQueue& waiting);
  i64 sys_mq_open(Call& call);
  i64 sys_mq_unlink(Call& call);
  i64 sys_mq_timedsend(Call& call);
  i64 sys_mq_timedreceive(Call& call);
  i64 sys_mq_notify(Call& call);
  i64 sys_mq_getsetattr(Call& call);

  // ---- inotify/inotify_calls.cc
  i64 sys_inotify_init(Call& call, u32 flags);
  i64 sys_inotify_add_watch(Call& call);
  i64 sys_inotify_rm_watch(Call& call);

  // ---- poll/timeout.cc
  enum class TimeForm : u8 { kTimespec, kTimeval };
  i64 get_timeout(Call& call, u64 address);
  void put_remaining(Call& call, u64 address, TimeForm form);
  // The same for a call that is withheld.
  void put_remaining_of(Task& task);

  // ---- poll/poll.cc
  // What is true of a descriptor now; `open` null: it is none.
  u32 poll_now(Call& call, u32 fd, OpenFile*& open);
  // Waits for whatever may happen to the file: kWithheld or -ENOMEM.
  i64 wait_on_file(Call& call, OpenFile& file);
  i64 poll_pass(Call& call, bool tells, bool waits);
  i64 poll_all(Call& call);
  i64 sys_poll(Call& call);
  i64 sys_ppoll(Call& call);

  // ---- poll/select.cc
  static constexpr u32 kSetWords = kMaxFds / 64;
  i64 select_pass(Call& call, u32 count, u64 (*sets)[kSetWords],
                  u64 (*answer)[kSetWords]);
  i64 select_all(Call& call);
  i64 sys_select(Call& call);
  i64 sys_pselect6(Call& call);

  // ---- read_write.cc
  struct IoFlags {
    bool writes = false;
    bool waits = true;
  };
  // Moves bytes, waiting as the file does; `position` as of FileOperations.
  i64 move(Call& call, u32 fd, OpenFile& file, Transfer& transfer,
           u64& position, IoFlags flags);
  // The same at the open file's own position or at `offset` of pread.
  i64 move_next(Call& call, u32 fd, Transfer& transfer, bool writes);
  i64 move_at(Call& call, u32 fd, Transfer& transfer, i64 offset,
              IoFlags flags);
  i64 sys_read_write(Call& call, bool writes);
  i64 sys_pread_pwrite(Call& call, bool writes);

  // ---- vectors.cc
  // The pieces at `address`, checked, into vectors_. 0 or a negated errno.
  i64 get_vectors(Call& call, u64 address, u32 count);
  i64 get_message_vectors(Call& call, const linux_abi::MessageHeader& header);
  i64 sys_readv(Call& call, bool writes);
  i64 sys_preadv(Call& call, bool writes);
  i64 sys_preadv2(Call& call, bool writes);

  // ---- sendfile.cc
  i64 copy_some(Call& call, OpenFile& from, u64& from_position, OpenFile& to,
                u64& to_position, u64 bytes);
  i64 sys_sendfile(Call& call);
  i64 sys_copy_file_range(Call& call);

  // ---- memfd/memfd.cc
  i64 sys_memfd_create(Call& call);
  i64 sys_seals(OpenFile& file, i32 command, u64 argument);

  // ---- mmap.cc
  Outcome map_file(const sys::Message& in);
  i64 sys_mmap(Call& call);

  // ---- paths/stat.cc
  i64 put_stat(Call& call, Inode& inode, u64 address);
  i64 sys_stat_at(Call& call, i32 fd, u64 path, u64 address, u32 flags);
  i64 sys_stat(Call& call, u64 path, u64 address, bool follow);
  i64 sys_fstat(Call& call, u32 fd, u64 address);
  i64 sys_statx(Call& call);
  i64 put_statfs(Call& call, const Inode& inode, u64 address);
  i64 sys_statfs(Call& call, u64 path, u64 address);
  i64 sys_fstatfs(Call& call, u32 fd, u64 address);
  i64 sys_access(Call& call, i32 fd, u64 path, u32 mode, u32 flags);

  // ---- paths/directories.cc, readlink.cc
  i64 sys_getdents(Call& call, linux_abi::DirectoryForm form);
  i64 sys_getcwd(Call& call, u64 address, u64 bytes);
  i64 set_directory(Call& call, Entry& entry);
  i64 sys_chdir(Call& call);
  i64 sys_fchdir(Call& call);
  i64 sys_chroot(Call& call);
  i64 find_target(Call& call, i32 fd, u64 path, EntryRef& entry, Text& target);
  i64 sys_readlink(Call& call, i32 fd, u64 path, u64 address, i32 bytes);

  // ---- paths/make.cc
  i64 find_new(Call& call, const Credentials& who, i32 fd, u64 path,
               bool directory, Found& found);
  i64 put_name(const Found& found, Inode& inode);
  i64 sys_mkdir(Call& call, i32 fd, u64 path, u32 mode);
  i64 sys_mknod(Call& call, i32 fd, u64 path, u32 mode, u64 device);
  i64 sys_symlink(Call& call, u64 target, i32 fd, u64 path);
  i64 sys_link(Call& call, i32 old_fd, u64 old_path, i32 fd, u64 path,
               u32 flags);

  // ---- paths/remove.cc, rename.cc
  i64 sys_unlink(Call& call, i32 fd, u64 path, bool directory);
  Entry* add_whiteout(const Credentials& who, Entry& directory, Text name);
  void tell_move(Entry& from, Text old_name, Entry& to, Text name, Inode& inode,
                 Inode* replaced);
  i64 sys_rename(Call& call, i32 old_fd, u64 old_path, i32 fd, u64 path,
                 u32 flags);

  // ---- paths/xattr.cc, attributes.cc
  i64 xattr(Call& call, XattrCall what, Entry* entry, Inode& inode);
  i64 sys_xattr(Call& call, XattrCall what, Follow follow);
  i64 sys_fxattr(Call& call, XattrCall what);
  i64 sys_chmod(Call& call, i32 fd, u64 path, u32 mode, u32 flags);
  i64 sys_fchmod(Call& call, u32 fd, u32 mode);
  i64 sys_chown(Call& call, i32 fd, u64 path, u32 uid, u32 gid, u32 flags);
  i64 sys_fchown(Call& call, u32 fd, u32 uid, u32 gid);

  // ---- paths/times.cc
  i64 change_times(Call& call, i32 fd, u64 path, u32 flags,
                   const linux_abi::Timespec (&times)[2]);
  i64 sys_utimensat(Call& call);
  i64 sys_utimes(Call& call, i32 fd, u64 path, u64 address);
  i64 sys_utime(Call& call);

  // ---- paths/size.cc
  i64 set_size(Call& call, Inode& inode, u64 bytes);
  i64 sys_truncate(Call& call, u64 path, i64 bytes);
  i64 sys_ftruncate(Call& call, u32 fd, i64 bytes);
  i64 sys_fallocate(Call& call);
  i64 sys_fsync(Call& call, u32 fd);
  i64 sys_sync_file_range(Call& call);
  i64 sys_fadvise(Call& call);
  i64 sys_readahead(Call& call);

  // ---- paths/mounts.cc, handles.cc
  i64 sys_name_to_handle(Call& call);
  i64 sys_open_by_handle(Call& call);
  i64 sys_mount(Call& call);
  i64 sys_umount(Call& call);
  i64 sys_pivot_root(Call& call);

  // ---- paths/changed.cc
  bool is_mount_point(const Entry& entry) const;

  Heap heap_;
  Wakeups wakeups_;
  FileLocks locks_;
  FdStore store_;
  TaskFiles tasks_;
  FileSystem files_;
  PathWalk walk_;
  linux_abi::MqLimits queue_limits_;
  ProcFiles proc_;
  TextFile text_file_;
  MemoryFile memory_file_;
  RegularFile regular_file_;
  Directory directory_file_;
  NullFile null_file_;
  ZeroFile zero_file_;
  FullFile full_file_;
  RandomFile random_file_;
  ConsoleFile console_file_;
  tty::Surroundings terminals_;
  tty::ConsoleTerminal console_terminal_;
  tty::OwnTerminal own_terminal_;
  tty::PtyTable ptys_;
  // The user's side of the console is a terminal, not a channel of bytes.
  bool console_is_terminal_;
  Pipes pipes_;
  EventFile::Store events_;
  Epolls epolls_;
  TimerFiles timers_;
  AsyncWatches async_watches_;
  SignalFiles signals_;
  Inotifies inotifies_;
  PidFds pidfds_;
  Sockets sockets_;
  MessageQueues queues_;
  u32 next_socket_name_ = 0;  // of those that choose their own
  u64 last_nameless_ = 0;     // inode number
  u32 last_move_ = 0;         // cookie of the last rename that was told
  Ring* ring_;
  RingRecord newest_{};  // kFilesDup, of a task to be made; else kNone
  FdStore::Block* first_files_ = nullptr;  // the console on 0, 1 and 2
  // Of the commit batch that handle() returned last.
  u64 committing_token_ = 0;

  static constexpr u64 kBounceBytes = 4096;
  char path_[linux_abi::kPathMax];
  char target_[linux_abi::kPathMax];
  alignas(8) u8 bounce_[kBounceBytes];
  linux_abi::IoVector vectors_[linux_abi::kMaxIoVectors];
};

}  // namespace tine::vfs

namespace tine {
using vfs::VfsServer;
}  // namespace tine

#endif  // SERVERS_VFS_VFS_SERVER_H_
