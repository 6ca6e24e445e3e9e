// /proc/PID/status.
#include "kernel/base/address.h"
#include "servers/protocol/pid_numbers.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/proc/proc_files.h"
#include "servers/vfs/proc/tasks_view.h"

namespace tine::vfs {

namespace {

const char* name_of_state(char state) {
  switch (state) {
    case 'R':
      return "R (running)";
    case 'S':
      return "S (sleeping)";
    case 'D':
      return "D (disk sleep)";
    case 'T':
      return "T (stopped)";
    case 't':
      return "t (tracing stop)";
    case 'Z':
      return "Z (zombie)";
    default:
      return "X (dead)";
  }
}

class Lines {
 public:
  explicit Lines(TextWindow& out) : out_(out) {}
  void number(const char* name, i64 value) {
    head(name);
    out_.integer(value);
    out_.put('\n');
  }
  void text(const char* name, const char* value) {
    head(name);
    out_.put(value);
    out_.put('\n');
  }
  void ids(const char* name, u32 a, u32 b, u32 c, u32 d) {
    out_.put(name);
    out_.put(':');
    for (const u32 id : {a, b, c, d}) {
      out_.put('\t');
      out_.number(id);
    }
    out_.put('\n');
  }
  void kilobytes(const char* name, u64 pages) {
    head(name);
    out_.number(pages * (kPageSize / 1024), 8);
    out_.put(" kB\n");
  }
  void set(const char* name, u64 bits) {
    head(name);
    out_.hex(bits, 16);
    out_.put('\n');
  }
  void pids(const char* name, i32 pid) {
    head(name);
    put_pids(out_, pid);
  }

 private:
  void head(const char* name) {
    out_.put(name);
    out_.put(":\t");
  }
  TextWindow& out_;
};

}  // namespace

void put_pids(TextWindow& out, i32 pid) {
  out.number(static_cast<u64>(pid));
  const ServerConfig& config = sys::config();
  const PidNumberTable& table =
      pid_numbers_of(config.board, config.board_records);
  for (u8 level = 1;; ++level) {
    const i32 number = number_at_level(table, level, pid);
    if (number == 0) break;
    out.put('\t');
    out.number(static_cast<u64>(number));
  }
  out.put('\n');
}

void ProcFiles::write_status(const BoardRecord& record, TextWindow& out) {
  const Task* task = tasks_.find(record.cookie);
  Lines lines(out);
  lines.text("Name", record.name);
  if (task != nullptr) {
    out.put("Umask:\t");
    out.number(task->context->umask, 4, '0', 8);
    out.put('\n');
  }
  lines.text("State", name_of_state(state_of(record)));
  lines.number("Tgid", record.tgid);
  lines.number("Ngid", 0);
  lines.number("Pid", record.tid);
  lines.number("PPid", record.ppid);
  lines.number("TracerPid", record.tracer);
  lines.ids("Uid", record.uid, record.euid, record.suid, record.fsuid);
  lines.ids("Gid", record.gid, record.egid, record.sgid, record.fsgid);
  lines.number("FDSize", task == nullptr ? 0 : task->table->capacity());
  out.put("Groups:\t");
  for (u32 i = 0; i < record.group_count; ++i) {
    out.number(record.groups[i]);
    out.put(' ');
  }
  out.put('\n');
  lines.pids("NStgid", record.tgid);
  lines.pids("NSpid", record.tid);
  lines.pids("NSpgid", record.pgid);
  lines.pids("NSsid", record.sid);
  MmStatus memory{};
  if (record.mm != 0 && record.state != 'Z' &&
      sys::result_of(
          sys::call(kCallMemory,
                    sys::make_message(MemoryLabel::kMmStatus, record.mm,
                                      reinterpret_cast<u64>(&memory))),
          -1) == 0) {
    lines.kilobytes("VmPeak", memory.total_peak);
    lines.kilobytes("VmSize", memory.total);
    lines.kilobytes("VmLck", memory.locked);
    lines.kilobytes("VmPin", 0);
    lines.kilobytes("VmHWM", memory.resident_peak);
    lines.kilobytes("VmRSS", memory.resident);
    lines.kilobytes("RssAnon", memory.resident > memory.shared
                                   ? memory.resident - memory.shared
                                   : 0);
    lines.kilobytes("RssFile", memory.shared);
    lines.kilobytes("RssShmem", 0);
    lines.kilobytes("VmData", memory.data);
    lines.kilobytes("VmStk", memory.stack);
    lines.kilobytes("VmExe", memory.code);
    lines.kilobytes("VmLib", 0);
    lines.kilobytes("VmPTE", 0);
    lines.kilobytes("VmSwap", 0);
  }
  lines.number("Threads", record.threads);
  lines.text("SigQ", "0/0");
  lines.set("SigPnd", record.pending);
  const BoardRecord* const leader = record_of_tid(record.tgid);
  lines.set("ShdPnd", leader == nullptr ? 0 : leader->shared_pending);
  lines.set("SigBlk", record.blocked);
  lines.set("SigIgn", record.ignored);
  lines.set("SigCgt", record.caught);
  const linux_abi::CapabilitySets capabilities = capabilities_of(record);
  lines.set("CapInh", capabilities.inheritable);
  lines.set("CapPrm", capabilities.permitted);
  lines.set("CapEff", capabilities.effective);
  lines.set("CapBnd", capabilities.bounding);
  lines.set("CapAmb", capabilities.ambient);
  lines.number("NoNewPrivs", (record.flags & kBoardNoNewPrivileges) != 0);
  lines.number("Seccomp", (record.flags & kBoardSeccompFilter) != 0   ? 2
                          : (record.flags & kBoardSeccompStrict) != 0 ? 1
                                                                      : 0);
  lines.text("Cpus_allowed", "1");
  lines.text("Cpus_allowed_list", "0");
  lines.text("Mems_allowed", "1");
  lines.text("Mems_allowed_list", "0");
  lines.number("voluntary_ctxt_switches", 0);
  lines.number("nonvoluntary_ctxt_switches", 0);
}

}  // namespace tine::vfs
