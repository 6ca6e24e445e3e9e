// pipe, and open of a FIFO.
#include "servers/linux_abi/errno.h"
#include "servers/vfs/pipe/pipe.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {
// Of a pinned file that no descriptor stands for yet.
constexpr u32 kNoFd = ~0u;
}  // namespace

// A file that no descriptor got.
void VfsServer::discard(OpenFile& file) {
  store_.ref(&file);
  store_.unref(&file);
}

i64 VfsServer::add_descriptor(Call& call, OpenFile& file, bool close_on_exec) {
  FdTable& table = *call.task.table;
  const u32 free = table.find_free(0);
  if (free >= call.task.limit || free == kMaxFds) return -EMFILE;
  if (!table.own(store_, free + 1)) return -ENOMEM;
  table.set(store_, free, &file, close_on_exec);
  return free;
}

i64 VfsServer::add_pair(Call& call, OpenFile* first, OpenFile* second,
                        bool close_on_exec, u64 address) {
  const i64 a = add_descriptor(call, *first, close_on_exec);
  if (a < 0) {
    discard(*first);
    discard(*second);
    return a;
  }
  FdTable& table = *call.task.table;
  i64 b = add_descriptor(call, *second, close_on_exec);
  if (b < 0) {
    discard(*second);
  } else {
    const i32 pair[2] = {static_cast<i32>(a), static_cast<i32>(b)};
    const i64 error = call.user.put(address, pair);
    if (error == 0) return 0;
    table.set(store_, static_cast<u32>(b), nullptr, false);
    b = error;
  }
  table.set(store_, static_cast<u32>(a), nullptr, false);
  return b;
}

void VfsServer::name_nameless(const Task& task, Inode& inode, u32 mode) {
  const Credentials who = credentials(task);
  inode.mode = mode;
  inode.number = ++last_nameless_;
  inode.links = 1;
  inode.uid = who.uid;
  inode.gid = who.gid;
  inode.mount = Mount::kNone;
  inode.accessed = inode.modified = now();
  inode.changed = inode.created = inode.accessed;
}

i64 VfsServer::sys_pipe(Call& call, u32 flags) {
  if ((flags & ~(kOpenCloseOnExec | kOpenNonBlock | kOpenDirect)) != 0) {
    return -EINVAL;
  }
  Pipe* pipe = pipes_.make();
  if (pipe == nullptr) return -ENFILE;
  name_nameless(call, pipe->node, kModeFifo | 0600);
  const u32 kept = flags & (kOpenNonBlock | kOpenDirect);
  OpenFile* reader =
      store_.make_file(*pipe, pipe->node, nullptr, kept | kOpenReadOnly);
  if (reader == nullptr) {
    pipes_.pipes.free(pipe);
    return -ENFILE;
  }
  pipe->add_end(*reader);
  OpenFile* writer =
      store_.make_file(*pipe, pipe->node, nullptr, kept | kOpenWriteOnly);
  if (writer == nullptr) {
    discard(*reader);
    return -ENFILE;
  }
  pipe->add_end(*writer);
  return add_pair(call, reader, writer, (flags & kOpenCloseOnExec) != 0,
                  call[0]);
}

i64 VfsServer::open_fifo(Call& call, OpenFile& file) {
  Inode& inode = file.inode();
  if (inode.opened == nullptr) {
    Pipe* made = pipes_.make();
    if (made == nullptr) return -ENOMEM;
    made->place = &inode.opened;
    inode.opened = made;
  }
  Pipe& pipe = static_cast<Pipe&>(*inode.opened);
  const bool may_wait = (file.flags & kOpenNonBlock) == 0;
  if (!may_wait && !file.can_read() && pipe.readers() == 0) {
    if (pipe.writers() == 0) {
      inode.opened = nullptr;
      pipes_.pipes.free(&pipe);
    }
    return -ENXIO;
  }
  file.operations = &pipe;
  pipe.add_end(file);
  return may_wait ? wait_for_partner(call, file) : 0;
}

i64 VfsServer::finish_fifo(Call& call, u32 flags) {
  const i64 error = wait_for_partner(call, *call.pinned);
  if (error != 0) return error;
  const i64 fd =
      add_descriptor(call, *call.pinned, (flags & kOpenCloseOnExec) != 0);
  if (fd >= 0) tell_watchers(*call.pinned, kInOpen);
  return fd;
}

i64 VfsServer::wait_for_partner(Call& call, OpenFile& file) {
  Pipe& pipe = static_cast<Pipe&>(*file.operations);
  if (pipe.has_partner(file)) return 0;
  pin(call, kNoFd, file);
  return wait_on(call, *pipe.wait_queue(file, file.can_write()));
}

}  // namespace tine::vfs
