#include "servers/vfs/proc/proc_files.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/proc/tasks_view.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

// Positions: names that are always there come first, then ids.
constexpr u64 kFirstName = 2;
constexpr u64 kFirstId = 256;
constexpr u64 kIds = u64{1} << 22;

// A number without leading zeros; -1: none.
i64 number_of(Text text) {
  if (text.count == 0 || text.count > 9) return -1;
  if (text.bytes[0] == '0' && text.count > 1) return -1;
  i64 value = 0;
  for (u64 i = 0; i < text.count; ++i) {
    const char c = text.bytes[i];
    if (c < '0' || c > '9') return -1;
    value = 10 * value + (c - '0');
  }
  return value;
}

void set_name(Listed& listed, Text name) {
  listed.name_bytes =
      name.count < sizeof(listed.name) ? name.count : sizeof(listed.name);
  for (u64 i = 0; i < listed.name_bytes; ++i) listed.name[i] = name.bytes[i];
}

void set_number(Listed& listed, u64 number) {
  TextWindow name(listed.name, sizeof(listed.name), 0);
  name.number(number);
  listed.name_bytes = name.kept();
}

u64 inode_number(ProcNode node, i32 tid, u32 fd) {
  return u64{1} << 52 | static_cast<u64>(tid) << 24 |
         static_cast<u64>(node) << 16 | (fd & 0xffff);
}

bool is_of_task(const Inode& inode) { return inode.tid != 0; }
ProcNode node_of(const Inode& inode) {
  return static_cast<ProcNode>(inode.node);
}

// A number is given to another process some time.
u32 generation_of(const BoardRecord& record) {
  return static_cast<u32>(record.cookie >> 32);
}

// A thread's own directory: in it there are no other threads.
bool is_of_thread(const Entry& directory) {
  return node_of(*directory.inode) == ProcNode::kProcess &&
         node_of(*directory.parent->inode) == ProcNode::kTasks;
}

// Others may see that a process is there, not what it does:
// ptrace_may_access().
bool may_inspect(const Credentials& who, const BoardRecord& record) {
  const BoardRecord* const caller = record_of(who.cookie);
  if (who.may(linux_abi::Capability::kSysPtrace) ||
      (caller != nullptr && caller->tgid == record.tgid)) {
    return true;
  }
  return who.uid == record.euid && who.uid == record.uid &&
         who.uid == record.suid && who.gid == record.egid &&
         who.gid == record.gid && who.gid == record.sgid &&
         (record.flags & kBoardDumpable) != 0 &&
         (capabilities_of(record).permitted & ~who.capabilities) == 0;
}

// The namespace that a link leads to: its kind and number. Those of Linux's
// first namespaces (PROC_*_INIT_INO); others come after all of these.
struct NamespaceName {
  const char* kind = nullptr;
  u64 number = 0;
};
constexpr u64 kFirstPidNamespace = 0xefff'fffc;
constexpr u64 kFirstUtsNamespace = 0xefff'fffe;
constexpr u64 kOnlyMountNamespace = 0xf000'0000;
constexpr u64 kOtherPidNamespaces = kOnlyMountNamespace;
constexpr u64 kOtherUtsNamespaces = kOnlyMountNamespace + 0x100;

NamespaceName namespace_of(ProcNode node, const BoardRecord& record) {
  const auto name = [](const char* kind, u64 first, u64 others, u8 id) {
    return NamespaceName{kind, id == 0 ? first : others + id};
  };
  switch (node) {
    case ProcNode::kUtsNamespace:
      return name("uts", kFirstUtsNamespace, kOtherUtsNamespaces,
                  record.uts_space);
    case ProcNode::kPidNamespace:
      return name("pid", kFirstPidNamespace, kOtherPidNamespaces,
                  record.pid_space);
    case ProcNode::kChildPidNamespace:
      return name("pid", kFirstPidNamespace, kOtherPidNamespaces,
                  record.child_pid_space);
    case ProcNode::kMountNamespace:
      return {"mnt", kOnlyMountNamespace};
    default:
      return {};
  }
}

u32 mode_of_descriptor(const OpenFile& file) {
  return kModeSymlink | (file.can_read() ? 0500u : 0) |
         (file.can_write() ? 0300u : 0);
}

}  // namespace

Entry* ProcFiles::add_mount(const char* name, ProcNode node, Mount mount) {
  Entry* entry = files_.find(files_.root(), text_of(name));
  if (entry == nullptr) {
    Inode* inode = files_.make_inode(kProcDirectory, 0);
    if (inode == nullptr) return nullptr;
    entry = files_.add(files_.root(), text_of(name), *inode);
    if (entry == nullptr) {
      files_.discard(*inode);
      return nullptr;
    }
  }
  // What the image has there is hidden.
  Inode& inode = *entry->inode;
  inode.mode = kProcDirectory;
  inode.mount = mount;
  inode.maker = this;
  inode.node = static_cast<u32>(node);
  return entry;
}

bool ProcFiles::mount() {
  proc_ = add_mount("proc", ProcNode::kProc, Mount::kProc);
  sys_ = add_mount("sys", ProcNode::kSys, Mount::kSys);
  return proc_ != nullptr && sys_ != nullptr;
}

i64 ProcFiles::make(Entry& directory, Text name, ProcNode node, u32 mode,
                    i32 tid, u32 fd, EntryRef& found) {
  Inode* inode = files_.make_inode(mode, now());
  if (inode == nullptr) return -ENOMEM;
  inode->number = inode_number(node, tid, fd);
  inode->links = inode->is_directory() ? 2 : 1;
  inode->bytes = 0;
  inode->mount = directory.inode->mount;
  inode->maker = this;
  inode->node = static_cast<u32>(node);
  inode->tid = tid;
  inode->fd = fd;
  const BoardRecord* record = tid == 0 ? nullptr : record_of_tid(tid);
  if (record != nullptr && (record->flags & kBoardDumpable) != 0) {
    inode->uid = record->euid;
    inode->gid = record->egid;
  }
  if (node == ProcNode::kProcess && record != nullptr) {
    inode->fd = generation_of(*record);
  }
  if (node == ProcNode::kMemoryFile && record != nullptr) {
    inode->mm = record->mm;
  }
  Entry* entry = files_.add_nameless(directory, name, *inode);
  if (entry == nullptr) {
    files_.discard(*inode);
    return -ENOMEM;
  }
  found = entry;
  unref(entry);  // `found` has it
  return 0;
}

// A file that is known by its number only.
i64 ProcFiles::make_namespace(Text name, u64 number, EntryRef& found) {
  if (const i64 error =
          make(*proc_, name, ProcNode::kNamespace, kProcText, 0, 0, found);
      error != 0) {
    return error;
  }
  found->inode->number = number;
  found->inode->mount = Mount::kNone;
  return 0;
}

i32 ProcFiles::process_of(const Inode& inode) const {
  if (inode.maker != this || node_of(inode) != ProcNode::kProcess) return -1;
  const BoardRecord* record = record_of_tid(inode.tid);
  if (record == nullptr || generation_of(*record) != inode.fd) return 0;
  return record->tid == record->tgid ? record->tid : -1;
}

i64 ProcFiles::look_up_descriptor(Entry& directory, Text name,
                                  EntryRef& found) {
  const i32 tid = directory.inode->tid;
  const BoardRecord* record = record_of_tid(tid);
  Task* task = record == nullptr ? nullptr : tasks_.find(record->cookie);
  const i64 fd = number_of(name);
  if (task == nullptr || fd < 0) return -ENOENT;
  const OpenFile* file = task->table->get(static_cast<u32>(fd));
  if (file == nullptr) return -ENOENT;
  const bool is_link = node_of(*directory.inode) == ProcNode::kDescriptors;
  return make(directory, name,
              is_link ? ProcNode::kDescriptor : ProcNode::kDescriptorInfo,
              is_link ? mode_of_descriptor(*file) : kProcText, tid,
              static_cast<u32>(fd), found);
}

i64 ProcFiles::look_up(const Credentials&, Entry& directory, Text name,
                       EntryRef& found) {
  const Inode& inode = *directory.inode;
  const ProcNode node = node_of(inode);
  if (is_of_task(inode) && record_of_tid(inode.tid) == nullptr) return -ENOENT;
  switch (node) {
    case ProcNode::kDescriptors:
    case ProcNode::kDescriptorInfos:
      return look_up_descriptor(directory, name, found);
    case ProcNode::kProc:
    case ProcNode::kTasks: {
      const i64 tid = number_of(name);
      if (tid <= 0) break;
      const BoardRecord* record = record_of_tid(static_cast<i32>(tid));
      if (record == nullptr ||
          (node == ProcNode::kTasks && record->tgid != inode.tid)) {
        return -ENOENT;
      }
      return make(directory, name, ProcNode::kProcess, kProcDirectory,
                  static_cast<i32>(tid), 0, found);
    }
    default:
      break;
  }
  const bool is_thread = is_of_thread(directory);
  for (const ProcName& one : kProcNames) {
    if (one.parent != node || !name.is(one.name)) continue;
    if (is_thread && one.node == ProcNode::kTasks) return -ENOENT;
    return make(directory, name, one.node, one.mode, inode.tid, 0, found);
  }
  return -ENOENT;
}

bool ProcFiles::list(const Credentials&, const Entry& directory, u64 position,
                     Listed& listed) {
  const Inode& inode = *directory.inode;
  const ProcNode node = node_of(inode);
  if (position < kFirstId) {
    u64 at = kFirstName;
    for (const ProcName& one : kProcNames) {
      if (one.parent != node) continue;
      if (one.node == ProcNode::kTasks && is_of_thread(directory)) continue;
      if (at++ < position) continue;
      set_name(listed, text_of(one.name));
      listed.mode = one.mode;
      listed.number = inode_number(one.node, inode.tid, 0);
      listed.next = at;
      return true;
    }
    position = kFirstId;
  }
  const u64 from = position - kFirstId;
  if (from >= kIds) return false;
  if (node == ProcNode::kProc || node == ProcNode::kTasks) {
    const i32 first = static_cast<i32>(from);
    const BoardRecord* record = node == ProcNode::kProc
                                    ? next_process(first)
                                    : next_thread(inode.tid, first);
    if (record == nullptr) return false;
    set_number(listed, static_cast<u64>(record->tid));
    listed.mode = kProcDirectory;
    listed.number = inode_number(ProcNode::kProcess, record->tid, 0);
    listed.next = kFirstId + static_cast<u64>(record->tid) + 1;
    return true;
  }
  if (node != ProcNode::kDescriptors && node != ProcNode::kDescriptorInfos) {
    return false;
  }
  const BoardRecord* record = record_of_tid(inode.tid);
  Task* task = record == nullptr ? nullptr : tasks_.find(record->cookie);
  if (task == nullptr) return false;
  for (u32 fd = static_cast<u32>(from); fd < task->table->capacity(); ++fd) {
    if (task->table->get(fd) == nullptr) continue;
    const bool is_link = node == ProcNode::kDescriptors;
    set_number(listed, fd);
    listed.mode = is_link ? kProcLink : kProcText;
    listed.number = inode_number(
        is_link ? ProcNode::kDescriptor : ProcNode::kDescriptorInfo, inode.tid,
        fd);
    listed.next = kFirstId + fd + 1;
    return true;
  }
  return false;
}

i64 ProcFiles::check_open(const Credentials& who, const Inode& inode) const {
  if (!is_of_task(inode)) return 0;
  const BoardRecord* record = record_of_tid(inode.tid);
  if (record == nullptr) return -ENOENT;
  switch (node_of(inode)) {
    case ProcNode::kMaps:
    case ProcNode::kMemoryFile:
    case ProcNode::kEnvironment:
    case ProcNode::kDescriptorInfo:
      return may_inspect(who, *record) ? 0 : -EACCES;
    default:
      return 0;
  }
}

i64 ProcFiles::follow(const Credentials& who, const Inode& link,
                      bool wants_path, LinkTarget& target) {
  TextWindow path(path_, sizeof(path_), 0);
  const auto take_path = [&] {
    target.path = {path_, path.kept()};
    return i64{0};
  };
  switch (node_of(link)) {
    case ProcNode::kMountsLink:
      path.put("self/mounts");
      return take_path();
    case ProcNode::kSelf:
    case ProcNode::kThreadSelf: {
      const BoardRecord* caller = record_of(who.cookie);
      if (caller == nullptr) return -ENOENT;
      path.number(static_cast<u64>(caller->tgid));
      if (node_of(link) == ProcNode::kThreadSelf) {
        path.put("/task/");
        path.number(static_cast<u64>(caller->tid));
      }
      return take_path();
    }
    default:
      break;
  }
  const BoardRecord* record = record_of_tid(link.tid);
  if (record == nullptr) return -ENOENT;
  if (!may_inspect(who, *record)) return -EACCES;
  if (const NamespaceName space = namespace_of(node_of(link), *record);
      space.kind != nullptr) {
    path.put(space.kind);
    path.put(":[");
    path.number(space.number);
    path.put(']');
    (void)take_path();
    return wants_path ? 0
                      : make_namespace(target.path, space.number, target.entry);
  }
  Task* task = tasks_.find(record->cookie);
  if (task == nullptr) return -ENOENT;
  Entry* entry = nullptr;
  switch (node_of(link)) {
    case ProcNode::kProgram:
      entry = task->program;
      break;
    case ProcNode::kDirectory:
      entry = task->context->directory;
      break;
    case ProcNode::kRoot:
      entry = task->context->root;
      break;
    default:
      target.file = task->table->get(link.fd);
      if (target.file == nullptr) return -ENOENT;
      entry = target.file->entry;
      break;
  }
  if (entry == nullptr && target.file == nullptr) return -ENOENT;
  target.entry = entry;
  if (!wants_path) return 0;
  if (entry == nullptr) {
    write_descriptor(*task, link.fd, path);
    return take_path();
  }
  const u64 length =
      FileSystem::path_of(*entry, files_.root(), path_, sizeof(path_) - 16);
  if (length == 0) return -ENAMETOOLONG;
  TextWindow rest(path_ + length, 16, 0);
  if (entry->inode->links == 0 ||
      (!entry->in_tree && entry->inode->maker == nullptr)) {
    rest.put(" (deleted)");
  }
  target.path = {path_, length + rest.kept()};
  return 0;
}

}  // namespace tine::vfs
