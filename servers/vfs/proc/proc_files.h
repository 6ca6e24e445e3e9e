// /proc and /sys: names, links and texts that are made up when they are looked
// at, from the task board, the memory server and this server's own records.
#ifndef SERVERS_VFS_PROC_PROC_FILES_H_
#define SERVERS_VFS_PROC_PROC_FILES_H_

#include "servers/protocol/task_board.h"
#include "servers/vfs/proc/nodes.h"
#include "servers/vfs/proc/text_window.h"
#include "servers/vfs/task_files.h"
#include "servers/vfs/tree/permissions.h"
#include "servers/vfs/tree/synthetic.h"

namespace tine::vfs {

namespace tty {
struct Surroundings;
}
// The number of a pid in each of its namespaces, from the first on, with tabs
// between; ends the line.
void put_pids(TextWindow& out, i32 pid);

class ProcFiles final : public Synthetic {
 public:
  ProcFiles(FileSystem& files, TaskFiles& tasks,
            const tty::Surroundings& terminals,
            linux_abi::MqLimits& queue_limits)
      : files_(files),
        tasks_(tasks),
        terminals_(terminals),
        queue_limits_(queue_limits) {}

  // Puts them at /proc and /sys. False: no memory.
  [[nodiscard]] bool mount();

  i64 look_up(const Credentials& who, Entry& directory, Text name,
              EntryRef& found) override;
  bool list(const Credentials& who, const Entry& directory, u64 position,
            Listed& listed) override;
  i64 follow(const Credentials& who, const Inode& link, bool wants_path,
             LinkTarget& target) override;

  // The process whose directory it is; 0: it has gone; -1: it is something
  // else.
  i32 process_of(const Inode& inode) const;

  // Before a text is opened: 0 or EACCES, ESRCH, negated.
  i64 check_open(const Credentials& who, const Inode& inode) const;
  // The text of an inode. 0 or ESRCH, negated.
  i64 write_text(const Credentials& who, const Inode& inode, TextWindow& out);
  // A setting of message queues. 0, or EINVAL, negated: there is no such, or it
  // cannot be that.
  i64 set_queue_limit(const Inode& inode, u64 value);

 private:
  // ---- proc_files.cc
  i64 make(Entry& directory, Text name, ProcNode node, u32 mode, i32 tid,
           u32 fd, EntryRef& found);
  i64 make_namespace(Text name, u64 number, EntryRef& found);
  i64 look_up_descriptor(Entry& directory, Text name, EntryRef& found);
  Entry* add_mount(const char* name, ProcNode node, Mount mount);

  // ---- process_text.cc, status_text.cc, maps_text.cc
  void write_stat(const BoardRecord& record, TextWindow& out);
  void write_status(const BoardRecord& record, TextWindow& out);
  void write_memory(const BoardRecord& record, TextWindow& out);
  void write_maps(const BoardRecord& record, TextWindow& out);
  void write_auxiliary(const BoardRecord& record, TextWindow& out);
  static i64 oom_score(const BoardRecord& record);
  i64 write_process_text(const BoardRecord& record, const Inode& inode,
                         TextWindow& out);
  void write_descriptor(const Task& task, u32 fd, TextWindow& out);
  char state_of(const BoardRecord& record);
  // A range of the program's memory.
  void write_strings(const BoardRecord& record, u64 begin, u64 end,
                     TextWindow& out);

  // ---- system_text.cc
  u64* queue_limit(const Inode& inode);
  void write_system_text(const Inode& inode, TextWindow& out);

  FileSystem& files_;
  TaskFiles& tasks_;
  const tty::Surroundings& terminals_;
  linux_abi::MqLimits& queue_limits_;
  Entry* proc_ = nullptr;
  Entry* sys_ = nullptr;
  char path_[linux_abi::kPathMax];
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_PROC_PROC_FILES_H_
