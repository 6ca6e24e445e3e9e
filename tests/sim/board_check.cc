#include "tests/sim/board_check.h"

#include <cstring>

namespace tine {
namespace {

using process::Task;
using process::TaskState;

class RecordChecker {
 public:
  explicit RecordChecker(const Task& task) : task_(task) {}
  const std::string& error() const { return error_; }

  template <typename A, typename B>
  void equal(const char* what, A shown, B known) {
    if (error_.empty() && static_cast<i64>(shown) != static_cast<i64>(known)) {
      error_ = "board: " + std::string(what) + " of " +
               std::to_string(task_.tid.value) + ": " + std::to_string(shown) +
               " for " + std::to_string(known);
    }
  }

 private:
  const Task& task_;
  std::string error_;
};

void check_credentials(RecordChecker& check, const BoardRecord& record,
                       const process::Credentials& its) {
  check.equal("uid", record.uid, its.uid);
  check.equal("euid", record.euid, its.euid);
  check.equal("suid", record.suid, its.suid);
  check.equal("fsuid", record.fsuid, its.fsuid);
  check.equal("gid", record.gid, its.gid);
  check.equal("egid", record.egid, its.egid);
  check.equal("sgid", record.sgid, its.sgid);
  check.equal("fsgid", record.fsgid, its.fsgid);
  check.equal("groups", record.group_count, its.group_count);
  for (u32 i = 0; i < its.group_count; ++i) {
    check.equal("a group", record.groups[i], its.groups[i]);
  }
}

std::string check_record(const BoardRecord& record, const Task& task) {
  RecordChecker check(task);
  const process::Process& process = *task.process;
  const bool is_live = task.state == TaskState::kLive;
  check.equal("sequence", record.sequence % 2, 0);
  check.equal("cookie", record.cookie, task.cookie());
  check.equal("tid", record.tid, task.tid.value);
  check.equal("tgid", record.tgid, process.pid.value);
  check.equal("ppid", record.ppid, parent_pid(process));
  check.equal("pgid", record.pgid, process.group.value);
  check.equal("sid", record.sid, process.session.value);
  check.equal("exit signal", record.exit_signal,
              task.is_leader() ? process.exit_signal : -1);
  check.equal("zombie", record.state == 'Z', !is_live);
  check.equal("mm", record.mm, is_live ? task.mm->id : 0);
  check.equal("nice", record.nice, task.inherited.nice);
  check_credentials(check, record, task.credentials());
  const process::OwnCapabilities* own = task.inherited.capabilities;
  // Of a zombie the board tells what it had.
  if (is_live) {
    check.equal("own capabilities", (record.flags & kBoardOwnCapabilities) != 0,
                own != nullptr);
  }
  if (own != nullptr) {
    check.equal("capabilities", record.capabilities.effective,
                own->sets.effective);
  }
  check.equal("name",
              std::memcmp(record.name, task.inherited.name, kBoardNameBytes),
              0);
  if (task.is_leader()) {
    i32 threads = 0;
    // Those that have ended do not count, though a tracer may wait for them.
    for_each_thread(process, [&](const Task& one) {
      threads += one.is_leader() || one.state == TaskState::kLive;
    });
    check.equal("threads", record.threads, threads);
  }
  if (is_live) {
    check.equal("blocked signals", record.blocked, task.inherited.blocked);
    check.equal("caught signals", record.caught, process.handlers().custom);
  }
  return check.error();
}

}  // namespace

std::string check_board(const process::ProcessServer& server) {
  for (const Task& task : server.tasks()) {
    const BoardRecord& record = server.board().record_of(task);
    const bool is_there =
        task.state == TaskState::kLive || task.state == TaskState::kZombie;
    if (!is_there) {
      if (record.state != 0) return "board: a record of no task";
      continue;
    }
    std::string error = check_record(record, task);
    if (!error.empty()) return error;
  }
  return {};
}

}  // namespace tine
