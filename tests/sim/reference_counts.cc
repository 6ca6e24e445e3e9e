#include "tests/sim/reference_counts.h"

#include <map>

#include "servers/memory/memory_server.h"
#include "servers/process/process_server.h"
#include "servers/vfs/vfs_server.h"

namespace tine {
namespace {

// References by what they refer to.
template <typename T>
using Counts = std::map<const T*, u64>;

class Checker {
 public:
  const std::string& error() const { return error_; }

  void equal(const char* what, u64 said, u64 counted) {
    if (said == counted || !error_.empty()) return;
    error_ = std::string(what) + ": " + std::to_string(said) +
             " are said to be, " + std::to_string(counted) + " are there";
  }

 private:
  std::string error_;
};

void check_threads(Checker& check, const process::Process& process) {
  u64 live = 0;
  u64 created = 0;
  u64 children = 0;
  process::for_each_thread(process, [&](const process::Task& task) {
    if (task.state == process::TaskState::kLive) ++live;
    created += task.created;
  });
  for (const process::Process* child = process.first_child; child != nullptr;
       child = child->next_sibling) {
    ++children;
  }
  check.equal("live threads of a process", process.live_threads, live);
  check.equal("children by creator", created, children);
}

void check_process(Checker& check, const process::ProcessServer& server) {
  Counts<process::Handlers> handlers;
  Counts<process::SharedActions> boxes;
  Counts<process::Mm> mms;
  Counts<process::Executable> executables;
  u64 processes = 0;
  for (const process::Task& task : server.tasks()) {
    if (task.state == process::TaskState::kFree) continue;
    const process::Process& its = *task.process;
    if (task.is_leader()) check_threads(check, its);
    if (task.is_leader()) ++processes;
    if (task.is_leader() && its.own_handlers != nullptr) {
      ++handlers[its.own_handlers];
    }
    if (task.is_leader() && its.shared_actions != nullptr &&
        ++boxes[its.shared_actions] == 1) {
      ++handlers[its.shared_actions->handlers];
    }
    if (task.mm != nullptr) ++mms[task.mm];
  }
  check.equal("processes", server.live_processes(), processes);
  for (const auto& [table, count] : handlers) {
    check.equal("processes that share signal actions", table->holders, count);
  }
  check.equal("tables of signal actions", server.live_handlers(),
              handlers.size());
  for (const auto& [box, count] : boxes) {
    check.equal("processes with truly shared actions", box->holders, count);
  }
  for (const auto& [mm, count] : mms) {
    check.equal("tasks in an mm", mm->users, count);
    if (mm->executable != nullptr) ++executables[mm->executable];
  }
  check.equal("mms of the process server", server.live_mms(), mms.size());
  for (const auto& [executable, count] : executables) {
    check.equal("mms of a program", executable->users, count);
  }
  for (const process::Executable* idle = server.idle_executables();
       idle != nullptr; idle = idle->next_idle) {
    check.equal("mms of an idle program", idle->users, executables[idle]);
  }
  check.equal("programs", server.live_executables(), executables.size());
}

void check_files(Checker& check, const vfs::VfsServer& server) {
  Counts<vfs::FdTable> tables;
  Counts<vfs::FsContext> contexts;
  Counts<vfs::FdStore::Block> blocks;
  Counts<vfs::OpenFile> files;
  u64 tasks = 0;
  for (const vfs::Task& task : server.tasks()) {
    if (task.cookie == 0) continue;
    ++tasks;
    ++tables[task.table];
    ++contexts[task.context];
    if (task.wait.pinned != nullptr) ++files[task.wait.pinned];
  }
  check.equal("tasks of the vfs server", server.tasks().live(), tasks);
  for (const auto& [context, count] : contexts) {
    check.equal("tasks in a directory context", context->holders, count);
  }
  ++blocks[server.first_files()];
  for (const auto& [table, count] : tables) {
    check.equal("tasks with a descriptor table", table->holders, count);
    if (table->block() != nullptr) ++blocks[table->block()];
  }
  for (const auto& [block, count] : blocks) {
    check.equal("tables with a block of descriptors", block->refs, count);
    for (u32 fd = 0; fd < block->capacity; ++fd) {
      if (block->fds[fd].file != nullptr) ++files[block->fds[fd].file];
    }
  }
  for (const auto& [file, count] : files) {
    check.equal("descriptors of an open file", file->refs, count);
  }
  check.equal("open files", server.open_files(), files.size());
}

// The vfs server keeps one reference to each object that it had made.
void count_inodes(const vfs::Entry& entry, Counts<vfs::Inode>& inodes) {
  ++inodes[entry.inode];
  for (const vfs::Entry* child = entry.first_child; child != nullptr;
       child = child->next_sibling) {
    count_inodes(*child, inodes);
  }
}

void check_memory(Checker& check, const MemoryServer& server,
                  const vfs::VfsServer* files) {
  Counts<VmaStore::Block> blocks;
  std::map<u32, u64> objects;  // references by index
  u64 mms = 0;
  u64 committed = 0;
  for (const Mm* mm : server.mms()) {
    if (mm->state == MmState::kFree) continue;
    ++mms;
    if (mm->areas.block() != nullptr) ++blocks[mm->areas.block()];
    u64 charged = 0;
    for (u32 i = 0; i < mm->areas.count(); ++i) {
      charged += chargeable_pages(mm->areas[i]);
    }
    check.equal("I7: pages that an mm is charged with", mm->charged, charged);
    committed += charged;
  }
  check.equal("mms of the memory server", server.mms().live(), mms);
  check.equal("I7: pages in the ledger", server.committed_pages(), committed);
  for (const auto& [block, count] : blocks) {
    check.equal("mms with a block of areas", block->refs, count);
    for (u32 i = 0; i < block->count; ++i) {
      if (block->areas[i].has_object) ++objects[block->areas[i].object];
    }
  }
  if (files != nullptr) {
    Counts<vfs::Inode> inodes;
    count_inodes(files->files().root(), inodes);
    for (const auto& [inode, names] : inodes) {
      if (inode->object_id != 0) ++objects[static_cast<u32>(inode->object_id)];
    }
  }
  for (u32 i = 0; i < MemoryServer::kOwnObjects; ++i) {
    if (server.own_object(i) != nullptr) ++objects[server.own_object(i)->index];
  }
  u64 live = 0;
  for (const MemoryObject& object : server.objects()) {
    if (!object.live) continue;
    ++live;
    check.equal("references to a memory object", object.refs,
                objects[object.index]);
  }
  check.equal("memory objects", server.objects().live(), live);
}

}  // namespace

std::string check_reference_counts(const Servers& servers) {
  Checker check;
  if (servers.process != nullptr) check_process(check, *servers.process);
  if (servers.vfs != nullptr) check_files(check, *servers.vfs);
  if (servers.memory != nullptr) {
    check_memory(check, *servers.memory, servers.vfs);
  }
  return check.error();
}

}  // namespace tine
