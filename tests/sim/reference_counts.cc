#include "tests/sim/reference_counts.h"

#include <map>
#include <set>

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
  // Process 1 of a namespace has one until all others there are gone.
  const bool waits_for_namespace = process.is_unkillable &&
                                   process.pids != nullptr &&
                                   process.pids->last_numbers != 0;
  check.equal("live threads of a process", process.live_threads,
              live + (waits_for_namespace ? 1 : 0));
  check.equal("children by creator", created, children);
}

// Filters that threads hold, and those that these are added to.
void check_filters(Checker& check, const process::ProcessServer& server,
                   Counts<process::SeccompFilter> filters) {
  u64 pieces = 0;
  std::map<const process::SeccompFilter*, bool> seen;
  const auto held = filters;
  for (const auto& [newest, holders] : held) {
    for (const process::SeccompFilter* filter = newest;
         filter != nullptr && !seen[filter]; filter = filter->previous) {
      seen[filter] = true;
      if (filter->previous != nullptr) ++filters[filter->previous];
      for (const process::FilterPiece* piece : filter->pieces) {
        pieces += piece != nullptr;
      }
    }
  }
  for (const auto& [filter, count] : filters) {
    check.equal("threads and filters with a filter", filter->holders, count);
  }
  check.equal("filters", server.live_filters(), filters.size());
  check.equal("pieces of filters", server.live_filter_pieces(), pieces);
}

// Signals in a queue that lie in the store, and not in a timer.
u64 stored_signals(const process::PendingSignals& pending) {
  u64 count = 0;
  for (const process::QueuedSignal* queued = pending.first; queued != nullptr;
       queued = queued->next) {
    count += queued->timer == nullptr;
  }
  return count;
}

u64 posix_timers_of(const process::Process& process) {
  u64 count = 0;
  for (const process::PosixTimer* timer = process.posix_timers;
       timer != nullptr; timer = timer->next) {
    ++count;
  }
  return count;
}

// Who holds a pid namespace, and which pids have numbers in it: those of
// threads, groups and sessions.
void check_pid_namespaces(Checker& check,
                          const process::ProcessServer& server) {
  Counts<process::PidNamespace> holders;
  std::map<const process::PidNamespace*, std::set<i32>> members;
  const auto add = [&](const process::PidNamespace* space, i32 pid) {
    for (; space != nullptr; space = space->outer) {
      members[space].insert(pid);
      if (!holders.contains(space)) holders[space] = 0;
    }
  };
  for (const process::Task& task : server.tasks()) {
    if (task.state == process::TaskState::kFree) continue;
    add(task.process->pids, task.tid.value);
    if (task.inherited.child_pids != nullptr) {
      ++holders[task.inherited.child_pids];
      add(task.inherited.child_pids->outer, 0);
    }
  }
  u64 numbers = 0;
  const auto spaces = holders;
  for (const auto& [space, ignored] : spaces) {
    if (space->outer != nullptr) ++holders[space->outer];
    members[space].erase(0);
  }
  for (const process::Task& task : server.tasks()) {
    if (task.state == process::TaskState::kFree || !task.is_leader()) continue;
    for (const auto& [space, ignored] : spaces) {
      for (const process::Pid pid :
           {task.process->group, task.process->session}) {
        if (server.number_in(space, pid) != 0) {
          members[space].insert(pid.value);
        }
      }
    }
  }
  for (const auto& [space, count] : holders) {
    check.equal("holders of a pid namespace", space->holders, count);
    check.equal("pids in a pid namespace", space->numbers,
                members[space].size());
    numbers += space->numbers;
  }
  check.equal("pid namespaces", server.live_pid_namespaces(), holders.size());
  check.equal("numbers of pids", server.pid_numbers(), numbers);
}

void check_process(Checker& check, const process::ProcessServer& server) {
  Counts<process::Handlers> handlers;
  Counts<process::SharedActions> boxes;
  Counts<process::Mm> mms;
  Counts<process::Executable> executables;
  Counts<process::UtsNamespace> uts;
  Counts<process::sysv::UndoList> undo;
  Counts<process::OwnCapabilities> capabilities;
  u64 traces = 0;
  Counts<process::SeccompFilter> filters;
  std::map<process::IoContextId, u64> io_contexts;
  u64 processes = 0;
  u64 signals = 0;
  u64 timers = 0;
  for (const process::Task& task : server.tasks()) {
    if (task.state == process::TaskState::kFree) continue;
    const process::Process& its = *task.process;
    signals += stored_signals(task.pending);
    if (task.is_leader()) {
      check_threads(check, its);
      ++processes;
      signals += stored_signals(its.pending);
      timers += posix_timers_of(its);
    }
    if (task.is_leader() && its.own_handlers != nullptr) {
      ++handlers[its.own_handlers];
    }
    if (task.is_leader() && its.shared_actions != nullptr &&
        ++boxes[its.shared_actions] == 1) {
      ++handlers[its.shared_actions->handlers];
    }
    if (task.mm != nullptr) ++mms[task.mm];
    traces += task.trace != nullptr;
    if (task.inherited.uts != nullptr) ++uts[task.inherited.uts];
    if (task.inherited.undo != nullptr) ++undo[task.inherited.undo];
    if (task.inherited.capabilities != nullptr) {
      ++capabilities[task.inherited.capabilities];
    }
    if (task.inherited.filter != nullptr) ++filters[task.inherited.filter];
    if (task.inherited.io != 0) ++io_contexts[task.inherited.io];
  }
  check_filters(check, server, filters);
  check_pid_namespaces(check, server);
  for (const auto& [names, count] : uts) {
    check.equal("threads with a host name", names->holders, count);
  }
  for (const auto& [sets, count] : capabilities) {
    check.equal("threads with capabilities", sets->holders, count);
  }
  check.equal("capabilities", server.live_capabilities(), capabilities.size());
  check.equal("traces", server.live_traces(), traces);
  check.equal("blocks of System V IPC", server.live_ipc_blocks(),
              server.counted_ipc_blocks());
  check.equal("lists of what semaphores get back", server.live_undo_lists(),
              undo.size());
  for (const auto& [list, count] : undo) {
    check.equal("threads with such a list", list->holders, count);
  }
  check.equal("host names", server.live_uts(), uts.size());
  for (const auto& [id, count] : io_contexts) {
    check.equal("threads that share an I/O priority",
                server.io_contexts().holders(id), count);
  }
  check.equal("I/O priorities", server.io_contexts().live(),
              io_contexts.size());
  check.equal("processes", server.live_processes(), processes);
  check.equal("queued signals", server.live_signals(), signals);
  check.equal("signals counted for users", server.counted_signals(),
              signals + timers);
  check.equal("timers of processes", server.live_posix_timers(), timers);
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
  u64 more_queues = 0;
  for (const vfs::Task& task : server.tasks()) {
    if (task.cookie == 0) continue;
    ++tasks;
    ++tables[task.table];
    ++contexts[task.context];
    if (task.wait.pinned != nullptr) ++files[task.wait.pinned];
    for (const vfs::WaitNode* node = task.wait.nodes; node != nullptr;
         node = node->next_of_task) {
      more_queues += node != &task.wait.node;
    }
  }
  check.equal("queues beyond the first that tasks wait on",
              server.wakeups().live_nodes(), more_queues);
  check.equal("tasks of the vfs server", server.tasks().live(), tasks);
  for (const auto& [context, count] : contexts) {
    check.equal("tasks in a directory context", context->holders, count);
  }
  ++blocks[server.first_files()];
  if (server.pidfds().reserved() != nullptr) {
    ++files[server.pidfds().reserved()];
    ++blocks[server.pidfds().reserved_block()];
  }
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
  std::set<const vfs::FileOperations*> pipes;
  for (const auto& [file, count] : files) {
    if (file->operations->kind() == vfs::FileKind::kPipe) {
      pipes.insert(file->operations);
    }
  }
  check.equal("pipes", server.pipes().pipes.live(), pipes.size());
}

// All entries that someone refers to, with the references.
class Tree {
 public:
  explicit Tree(const vfs::VfsServer& server) {
    for (const vfs::Entry* root :
         {&server.files().root(), &server.queues().directory()}) {
      add_tree(*root);
      refer(root);  // as its own parent
    }
    Counts<vfs::FsContext> contexts;
    Counts<vfs::FdStore::Block> blocks;
    Counts<vfs::OpenFile> files;
    ++blocks[server.first_files()];
    for (const vfs::Task& task : server.tasks()) {
      refer(task.next_program);
      if (task.cookie == 0) continue;
      refer(task.program);
      if (task.program != nullptr) ++runs[task.program->inode];
      ++contexts[task.context];
      if (task.table->block() != nullptr) ++blocks[task.table->block()];
      if (task.wait.pinned != nullptr) ++files[task.wait.pinned];
    }
    for (const auto& [context, count] : contexts) {
      refer(context->directory);
      refer(context->root);
    }
    for (const auto& [block, count] : blocks) {
      for (u32 fd = 0; fd < block->capacity; ++fd) {
        if (block->fds[fd].file != nullptr) ++files[block->fds[fd].file];
      }
    }
    for (const auto& [file, count] : files) {
      refer(file->entry);
      if (file->operations->kind() == vfs::FileKind::kInotify) {
        const auto& notify =
            static_cast<const vfs::InotifyFile&>(*file->operations);
        for (const vfs::InotifyWatch* watch = notify.first(); watch != nullptr;
             watch = watch->next) {
          refer(watch->kept);
        }
      }
      if (file->is_writer) ++writers[file->node];
    }
  }

  Counts<vfs::Entry> entries;
  Counts<vfs::Inode> inodes;
  Counts<vfs::Inode> names;  // in the tree
  Counts<vfs::Inode> runs;
  Counts<vfs::Inode> writers;

 private:
  void add_tree(const vfs::Entry& entry) {
    refer(&entry);
    ++names[entry.inode];
    for (const vfs::Entry* child = entry.first_child; child != nullptr;
         child = child->next_sibling) {
      add_tree(*child);
    }
  }
  void refer(const vfs::Entry* entry) {
    if (entry == nullptr || ++entries[entry] != 1) return;
    ++inodes[entry->inode];
    if (entry->parent != entry) refer(entry->parent);
  }
};

void check_tree(Checker& check, const vfs::VfsServer& server) {
  const vfs::FileSystem& files = server.files();
  Tree tree(server);
  u64 contents = 0;
  for (const auto& [entry, count] : tree.entries) {
    check.equal("references to an entry", entry->refs, count);
  }
  for (const auto& [inode, count] : tree.inodes) {
    check.equal("entries of an inode", inode->refs, count);
    if (!inode->is_directory()) {
      check.equal("names of a file", inode->links, tree.names[inode]);
    }
    check.equal("tasks that run a file", inode->runs, tree.runs[inode]);
    check.equal("writers of a file", inode->writers, tree.writers[inode]);
    contents += inode->object_id != 0;
  }
  check.equal("entries", files.entries(), tree.entries.size());
  check.equal("inodes", files.inodes(), tree.inodes.size());
  check.equal("files with contents", files.contents().live(), contents);
  u64 attributes = 0;
  u64 queues = 0;
  for (const auto& [inode, count] : tree.inodes) {
    for (const vfs::Attribute* at = inode->attributes; at != nullptr;
         at = at->next) {
      ++attributes;
    }
    queues += inode->mount == vfs::Mount::kQueues && inode->opened != nullptr;
  }
  check.equal("extended attributes", files.attributes(), attributes);
  check.equal("message queues", server.queues().live(), queues);
}

void check_memory(Checker& check, const MemoryServer& server,
                  const vfs::VfsServer* files,
                  const process::ProcessServer* processes) {
  Counts<VmaStore::Block> blocks;
  std::map<u32, u64> objects;  // references by index
  u64 mms = 0;
  u64 committed = 0;
  for (const Mm* mm : server.mms()) {
    if (mm->state == MmState::kFree) continue;
    ++mms;
    if (mm->areas.block() != nullptr) ++blocks[mm->areas.block()];
    u64 charged = 0;
    u64 locked = 0;
    for (u32 i = 0; i < mm->areas.count(); ++i) {
      const Vma& area = mm->areas[i];
      charged += chargeable_pages(area);
      if (area.locked) locked += (area.end - area.start) >> kPageShift;
    }
    check.equal("pages that an mm has locked", mm->locked, locked);
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
    // The vfs server keeps one reference to each object that it had made.
    const Tree tree(*files);
    for (const auto& [inode, count] : tree.inodes) {
      if (inode->object_id != 0) ++objects[static_cast<u32>(inode->object_id)];
    }
  }
  if (processes != nullptr) {
    // And the process server one to each segment that was not removed.
    processes->segments().table().for_each(
        [&](const process::sysv::Segment& segment) {
          if (!segment.is_removed())
            ++objects[static_cast<u32>(segment.object)];
        });
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
  if (servers.vfs != nullptr) {
    check_files(check, *servers.vfs);
    check_tree(check, *servers.vfs);
  }
  if (servers.memory != nullptr) {
    check_memory(check, *servers.memory, servers.vfs, servers.process);
  }
  return check.error();
}

}  // namespace tine
