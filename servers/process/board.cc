#include "servers/process/board.h"

#include "servers/linux_abi/process.h"
#include "servers/process/copy_words.h"
#include "servers/process/exec/program_image.h"
#include "servers/process/namespace/uts_namespace.h"
#include "servers/process/own_capabilities.h"
#include "servers/process/schedule.h"
#include "servers/process/task_table.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// Rounded up.
constexpr u64 words_between(u64 from, u64 to) {
  return (to - from + sizeof(u64) - 1) / sizeof(u64);
}

u16 flags_of(const Task& task) {
  const Process& process = *task.process;
  u32 flags = 0;
  if (process.session == process.pid) flags |= kBoardSessionLeader;
  if (process.is_exiting) flags |= kBoardExiting;
  if (!process.has_execed) flags |= kBoardForkedNoExec;
  if (process.dumpable != 0) flags |= kBoardDumpable;
  if (task.inherited.no_new_privileges) flags |= kBoardNoNewPrivileges;
  if (task.inherited.capabilities != nullptr) flags |= kBoardOwnCapabilities;
  switch (task.inherited.seccomp_mode) {
    case kSeccompStrict:
      flags |= kBoardSeccompStrict;
      break;
    case kSeccompFilter:
      flags |= kBoardSeccompFilter;
      break;
    case kSeccompOff:
      break;
  }
  return static_cast<u16>(flags);
}

void write_place(BoardRecord& record, const Process& process) {
  record.ppid = parent_pid(process);
  record.pgid = process.group.value;
  record.sid = process.session.value;
}

void write_identity(BoardRecord& record, const Task& task) {
  const Process& process = *task.process;
  record.cookie = task.cookie();
  record.tid = task.tid.value;
  record.tgid = process.pid.value;
  record.exit_signal = task.is_leader() ? process.exit_signal : -1;
  record.flags = flags_of(task);
  record.pid_space = id_of(process.pids);
  record.mm = task.mm->id;
  write_place(record, process);
}

void write_priority(BoardRecord& record, const Inherited& its) {
  record.nice = static_cast<std::int8_t>(its.nice);
  record.policy = static_cast<u8>(its.policy);
  record.priority = its.rt_priority != 0 ? -1 - its.rt_priority : 20 + its.nice;
}

void write_name(BoardRecord& record, const Inherited& its) {
  static_assert(sizeof(record.name) == kNameBytes);
  __builtin_memcpy(record.name, its.name, kNameBytes);
}

// The two records agree in the order of the ids, up to the groups.
void write_credentials(BoardRecord& record, const Credentials& its) {
  constexpr u64 kIds = __builtin_offsetof(Credentials, groups);
  static_assert(__builtin_offsetof(BoardRecord, groups) -
                    __builtin_offsetof(BoardRecord, uid) ==
                kIds);
  static_assert(kBoardGroups >= kMostGroups);
  u32* to = &record.uid;
  const u32* from = &its.uid;
  const u64 count = kIds / sizeof(u32) + its.group_count;
  for (u64 i = 0; i < count; ++i) to[i] = from[i];
}

void write_capabilities(BoardRecord& record, const Task& task) {
  if (task.inherited.capabilities == nullptr) [[likely]] {
    record.flags &= static_cast<u16>(~u32{kBoardOwnCapabilities});
  } else {
    record.capabilities = task.inherited.capabilities->sets;
    record.flags |= kBoardOwnCapabilities;
  }
}

void write_action(BoardRecord& record, const Handlers& its, i32 signal) {
  record.caught = its.custom;
  if (its.of(signal).handler == kHandlerIgnore) {
    record.ignored |= signal_bit(signal);
  } else {
    record.ignored &= ~signal_bit(signal);
  }
}

void write_actions(BoardRecord& record, const Handlers& its) {
  for (i32 signal = 1; signal <= kSignals; ++signal) {
    write_action(record, its, signal);
  }
}

}  // namespace

void TaskBoard::start(const Task& first, u64 now_ns) {
  BoardRecord& record = record_of(first);
  board_begin(record);
  write_identity(record, first);
  write_priority(record, first.inherited);
  write_name(record, first.inherited);
  write_credentials(record, first.credentials());
  write_actions(record, *first.process->handlers());
  record.threads = 1;
  record.start_ns = now_ns;
  record.state = 'R';
  board_end(record);
}

// Nearly all is its creator's, groups only as far as there are any.
void TaskBoard::add(const Task& child, const Task& creator, u64 now_ns) {
  BoardRecord& record = record_of(child);
  const BoardRecord& from = record_of(creator);
  constexpr u64 kShared = __builtin_offsetof(BoardRecord, threads);
  constexpr u64 kGroups = __builtin_offsetof(BoardRecord, groups);
  constexpr u64 kSignals = __builtin_offsetof(BoardRecord, blocked);
  constexpr u64 kTimes = __builtin_offsetof(BoardRecord, start_ns);
  constexpr u64 kMemory = __builtin_offsetof(BoardRecord, start_code);
  static_assert(kShared % sizeof(u64) == 0 && kGroups % sizeof(u64) == 0);
  const u64 groups = from.group_count * sizeof(u32);
  board_begin(record);
  copy_words(&record.threads, &from.threads,
             words_between(kShared, kGroups + groups));
  copy_words(&record.blocked, &from.blocked, words_between(kSignals, kTimes));
  copy_words(&record.start_code, &from.start_code,
             words_between(kMemory, sizeof(BoardRecord)));
  write_identity(record, child);
  write_priority(record, child.inherited);
  record.threads = 1;
  record.tracer = 0;
  record.pending = record.shared_pending = 0;
  record.start_ns = now_ns;
  record.user_ns = record.system_ns = record.minor_faults = 0;
  record.children_user_ns = record.children_system_ns = 0;
  record.children_minor_faults = 0;
  record.state = 'R';
  if (child.inherited.capabilities != nullptr) [[unlikely]]
    write_capabilities(record, child);
  board_end(record);
  // Of a process with several threads the leader's record has their number.
  if (!child.is_leader()) ++record_of(*child.process->leader).threads;
}

void TaskBoard::end(const Task& task) {
  BoardRecord& record = record_of(task);
  record.state = 'Z';
  record.mm = 0;
  // One that is traced is a zombie yet (bury()).
  if (!task.is_leader() && task.trace == nullptr) {
    --record_of(*task.process->leader).threads;
  }
}

// The thread may have become the leader: others end only after this.
void TaskBoard::exec(const Task& task, const ProgramImage& image) {
  BoardRecord& record = record_of(task);
  i32 threads = 0;
  for_each_thread(*task.process, [&](const Task& one) {
    threads += one.is_leader() || one.state == TaskState::kLive;
  });
  board_begin(record);
  write_identity(record, task);
  write_name(record, task.inherited);
  write_credentials(record, task.credentials());
  write_actions(record, *task.process->handlers());
  record.threads = threads;
  record.start_code = image.code_start;
  record.end_code = image.code_end;
  record.start_stack = image.stack_pointer;
  record.arguments_begin = image.arguments_at;
  record.arguments_end = record.environment_begin = image.environment_at;
  record.environment_end = image.environment_end;
  board_end(record);
}

void TaskBoard::show_credentials(const Task& task) {
  BoardRecord& record = record_of(task);
  board_begin(record);
  write_credentials(record, task.credentials());
  write_capabilities(record, task);
  board_end(record);
}

void TaskBoard::show_name(const Task& task) {
  BoardRecord& record = record_of(task);
  board_begin(record);
  write_name(record, task.inherited);
  board_end(record);
}

void TaskBoard::show_priority(const Task& task) {
  BoardRecord& record = record_of(task);
  board_begin(record);
  write_priority(record, task.inherited);
  if (task.boost != 0) record.priority = -1 - rt_priority_of(task);
  board_end(record);
}

void TaskBoard::show_namespaces(const Task& task) {
  record_of(task).uts_space = task.inherited.uts->id;
  record_of(task).child_pid_space = id_of(task.inherited.child_pids);
}

void TaskBoard::show_flags(const Task& task) {
  record_of(task).flags = flags_of(task);
}

void TaskBoard::show_place(const Process& process) {
  for_each_thread(process, [&](const Task& task) {
    BoardRecord& record = record_of(task);
    board_begin(record);
    write_place(record, process);
    record.exit_signal = task.is_leader() ? process.exit_signal : -1;
    record.flags = flags_of(task);
    board_end(record);
  });
}

void TaskBoard::show_oom_adjust(const Task& task, i16 value, i16 least) {
  BoardRecord& record = record_of(task);
  board_begin(record);
  record.oom_adjust = value;
  record.least_oom_adjust = least;
  board_end(record);
}

void TaskBoard::show_children(const Process& process) {
  BoardRecord& record = record_of(*process.leader);
  board_begin(record);
  record.children_user_ns = process.children_cpu.user_ns;
  record.children_system_ns = process.children_cpu.system_ns;
  record.children_minor_faults = process.children_usage.faults;
  board_end(record);
}

void TaskBoard::show_action(const Process& process, i32 signal) {
  for_each_thread(process, [&](const Task& task) {
    BoardRecord& record = record_of(task);
    board_begin(record);
    write_action(record, process.handlers(), signal);
    board_end(record);
  });
}

}  // namespace tine::process
