// Texts about one process or thread.
#include "kernel/base/address.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/time.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/event/signal_file.h"
#include "servers/vfs/inotify/inotify_file.h"
#include "servers/vfs/open/file_operations.h"
#include "servers/vfs/pidfd/pidfd.h"
#include "servers/vfs/proc/proc_files.h"
#include "servers/vfs/proc/tasks_view.h"
#include "servers/vfs/tty/terminal.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u64 kTick = kNsPerSecond / 100;  // of USER_HZ

MmStatus memory_of(const BoardRecord& record) {
  MmStatus status{};
  if (record.mm != 0) {
    (void)sys::call(kCallMemory,
                    sys::make_message(MemoryLabel::kMmStatus, record.mm,
                                      reinterpret_cast<u64>(&status)));
  }
  return status;
}

// As inotify_fdinfo() has it; of no file there is a handle.
void write_watches(const InotifyFile& notify, TextWindow& out) {
  for (const InotifyWatch* watch = notify.first(); watch != nullptr;
       watch = watch->next) {
    out.put("inotify wd:");
    out.hex(static_cast<u64>(watch->number), 1);
    out.put(" ino:");
    out.hex(watch->inode->number, 1);
    out.put(" sdev:");
    out.hex(static_cast<u64>(watch->inode->mount), 1);
    out.put(" mask:");
    out.hex(watch->mask, 1);
    out.put(" ignored_mask:0\n");
  }
}

}  // namespace

// The process server does not know who waits here.
char ProcFiles::state_of(const BoardRecord& record) {
  const Task* task = tasks_.find(record.cookie);
  return record.state == 'R' && task != nullptr && task->wait.token != 0
             ? 'S'
             : record.state;
}

// proc_pid_stat(): 52 fields.
void ProcFiles::write_stat(const BoardRecord& record, TextWindow& out) {
  const MmStatus memory = memory_of(record);
  const auto field = [&](u64 value) {
    out.put(' ');
    out.number(value);
  };
  const auto signed_field = [&](i64 value) {
    out.put(' ');
    out.integer(value);
  };
  out.number(static_cast<u64>(record.tid));
  out.put(" (");
  out.put(record.name);
  out.put(") ");
  out.put(state_of(record));
  signed_field(record.ppid);
  signed_field(record.pgid);
  signed_field(record.sid);
  const tty::Terminal* const terminal = terminals_.of_session(record.sid);
  field(terminal == nullptr ? 0 : terminal->device_number());
  signed_field(terminal == nullptr ? -1 : terminal->foreground());
  field((record.flags & kBoardForkedNoExec) != 0 ? 0x400040 : 0x400000);
  field(record.minor_faults);
  field(record.children_minor_faults);
  for (int i = 0; i < 2; ++i) field(0);  // majflt, cmajflt
  field(record.user_ns / kTick);
  field(record.system_ns / kTick);
  field(record.children_user_ns / kTick);
  field(record.children_system_ns / kTick);
  signed_field(record.priority);
  signed_field(record.nice);
  signed_field(record.threads);
  field(0);
  field(record.start_ns / kTick);
  field(memory.total << kPageShift);
  field(memory.resident);
  field(~u64{0});  // rsslim
  field(record.start_code);
  field(record.end_code);
  field(record.start_stack);
  field(0);  // esp, eip: only of what is being dumped
  field(0);
  field(record.pending & 0x7fff'ffff);
  field(record.blocked & 0x7fff'ffff);
  field(record.ignored & 0x7fff'ffff);
  field(record.caught & 0x7fff'ffff);
  for (int i = 0; i < 3; ++i) field(0);  // wchan, nswap, cnswap
  signed_field(record.exit_signal < 0 ? -1 : record.exit_signal);
  field(0);  // processor
  field(record.priority < 0 ? static_cast<u64>(-1 - record.priority) : 0);
  field(record.policy);
  for (int i = 0; i < 3; ++i) field(0);  // delays, guest times
  field(0);                              // start_data, end_data
  field(0);
  field(memory.break_start);
  field(record.arguments_begin);
  field(record.arguments_end);
  field(record.environment_begin);
  field(record.environment_end);
  field(0);  // exit_code
  out.put('\n');
}

// proc_pid_statm(): in pages.
void ProcFiles::write_memory(const BoardRecord& record, TextWindow& out) {
  const MmStatus memory = memory_of(record);
  const u64 fields[] = {memory.total,
                        memory.resident,
                        memory.shared,
                        memory.code,
                        0,
                        memory.data + memory.stack,
                        0};
  for (const u64& value : fields) {
    if (&value != fields) out.put(' ');
    out.number(value);
  }
  out.put('\n');
}

void ProcFiles::write_strings(const BoardRecord& record, u64 begin, u64 end,
                              TextWindow& out) {
  if (record.mm == 0 || end <= begin) return;
  u8 part[256];
  for (u64 at = begin; at < end && !out.is_full();) {
    u64 bytes = end - at < sizeof(part) ? end - at : sizeof(part);
    const sys::Message answer = sys::call(
        kCallMemory,
        sys::make_message(MemoryLabel::kMmRead, record.mm, at,
                          reinterpret_cast<u64>(part), bytes, kMmForce));
    const i64 got = sys::result_of(answer, -EFAULT);
    if (got <= 0) return;
    bytes = static_cast<u64>(got);
    for (u64 i = 0; i < bytes; ++i) out.put(static_cast<char>(part[i]));
    at += bytes;
  }
}

// Above the arguments and the environment, as exec() left them on the stack.
void ProcFiles::write_auxiliary(const BoardRecord& record, TextWindow& out) {
  constexpr u64 kWord = sizeof(u64);
  constexpr u64 kMostWords = 1 << 19;
  u64 words[32];
  u64 first = 0;  // of those in `words`
  u64 have = 0;
  const auto word = [&](u64 index) -> u64 {
    if (index < first || index >= first + have) {
      const sys::Message answer = sys::call(
          kCallMemory, sys::make_message(MemoryLabel::kMmRead, record.mm,
                                         record.start_stack + index * kWord,
                                         reinterpret_cast<u64>(words),
                                         sizeof(words), kMmForce));
      const i64 got = sys::result_of(answer, -EFAULT);
      first = index;
      have = got <= 0 ? 0 : static_cast<u64>(got) / kWord;
      if (have == 0) return 0;
    }
    return words[index - first];
  };
  if (record.mm == 0) return;
  u64 at = 1 + word(0) + 1;
  while (at < kMostWords && word(at) != 0) ++at;
  for (++at; at < kMostWords; at += 2) {
    const u64 pair[2] = {word(at), word(at + 1)};
    for (u64 i = 0; i < sizeof(pair); ++i) {
      out.put(reinterpret_cast<const char*>(pair)[i]);
    }
    if (pair[0] == 0) return;
  }
}

void ProcFiles::write_descriptor(const Task& task, u32 fd, TextWindow& out) {
  const OpenFile* file = task.table->get(fd);
  if (file == nullptr) return;
  char name[64];
  const u64 length = file->operations->describe(*file, name, sizeof(name));
  if (length != 0) {
    out.put(Text{name, length});
  } else {
    out.put("anon_inode:[file]");
  }
}

// oom_badness(), as thousandths of all memory, and two thirds of that.
i64 ProcFiles::oom_score(const BoardRecord& record) {
  constexpr i64 kNever = -1000;
  const i64 all = static_cast<i64>(sys::config().memory_bytes >> kPageShift);
  if (record.oom_adjust == kNever || record.mm == 0 || all == 0) return 0;
  const i64 pages = static_cast<i64>(memory_of(record).resident);
  const i64 score = (1000 + pages * 1000 / all + record.oom_adjust) * 2 / 3;
  return score > 0 ? score : 0;
}

i64 ProcFiles::write_process_text(const BoardRecord& record, const Inode& inode,
                                  TextWindow& out) {
  switch (static_cast<ProcNode>(inode.node)) {
    case ProcNode::kStat:
      write_stat(record, out);
      return 0;
    case ProcNode::kStatus:
      write_status(record, out);
      return 0;
    case ProcNode::kMemorySizes:
      write_memory(record, out);
      return 0;
    case ProcNode::kMaps:
      write_maps(record, out);
      return 0;
    case ProcNode::kAuxiliary:
      write_auxiliary(record, out);
      return 0;
    case ProcNode::kArguments:
      write_strings(record, record.arguments_begin, record.arguments_end, out);
      return 0;
    case ProcNode::kEnvironment:
      write_strings(record, record.environment_begin, record.environment_end,
                    out);
      return 0;
    case ProcNode::kName:
      out.put(record.name);
      out.put('\n');
      return 0;
    case ProcNode::kOomAdjust:
      out.integer(record.oom_adjust);
      out.put('\n');
      return 0;
    case ProcNode::kOomScore:
      out.integer(oom_score(record));
      out.put('\n');
      return 0;
    case ProcNode::kMounts:
      out.put(
          "none / tmpfs rw,relatime 0 0\n"
          "proc /proc proc rw,nosuid,nodev,noexec,relatime 0 0\n"
          "sysfs /sys sysfs ro,nosuid,nodev,noexec,relatime 0 0\n"
          "devpts /dev/pts devpts rw,nosuid,noexec,relatime 0 0\n");
      return 0;
    case ProcNode::kMountInfo:
      out.put(
          "1 1 0:2 / / rw,relatime - tmpfs none rw\n"
          "2 1 0:3 / /proc rw,nosuid,nodev,noexec,relatime - proc proc rw\n"
          "3 1 0:4 / /sys ro,nosuid,nodev,noexec,relatime - sysfs sysfs ro\n"
          "4 1 0:5 / /dev/pts rw,nosuid,noexec,relatime - devpts devpts rw\n");
      return 0;
    case ProcNode::kWaitChannel:
      out.put('0');
      return 0;
    case ProcNode::kCgroup:
      out.put("0::/\n");
      return 0;
    case ProcNode::kDescriptorInfo: {
      const Task* task = tasks_.find(record.cookie);
      OpenFile* file = task == nullptr ? nullptr : task->table->get(inode.fd);
      if (file == nullptr) return -ENOENT;
      out.put("pos:\t");
      out.number(file->offset);
      out.put("\nflags:\t0");
      out.number(
          file->flags |
              (task->table->close_on_exec(inode.fd) ? kOpenCloseOnExec : 0),
          0, ' ', 8);
      out.put("\nmnt_id:\t");
      out.number(mount_id_of(file->inode().mount));
      out.put("\nino:\t");
      out.number(file->inode().number);
      out.put('\n');
      if (file->operations->kind() == FileKind::kInotify) {
        write_watches(static_cast<const InotifyFile&>(*file->operations), out);
      }
      if (file->operations->kind() == FileKind::kSignal) {
        out.put("sigmask:\t");
        out.hex(static_cast<const SignalFile&>(*file->operations).set(), 16);
        out.put('\n');
      }
      if (const PidFd* one = pidfd_of(file); one != nullptr) {
        const i32 pid = one->pid_now();
        out.put("Pid:\t");
        out.integer(pid);
        out.put("\nNSpid:\t");
        if (pid > 0) {
          put_pids(out, pid);
        } else {
          out.put("-1\n");
        }
      }
      return 0;
    }
    default:
      return -EINVAL;
  }
}

i64 ProcFiles::write_text(const Credentials&, const Inode& inode,
                          TextWindow& out) {
  if (inode.tid == 0) {
    write_system_text(inode, out);
    return 0;
  }
  const BoardRecord* record = record_of_tid(inode.tid);
  return record == nullptr ? -ESRCH : write_process_text(*record, inode, out);
}

}  // namespace tine::vfs
