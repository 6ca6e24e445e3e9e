// splice, tee, vmsplice: between a pipe and another file without the program's
// memory.
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/signal.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u32 kDoesNotWait = 2;  // SPLICE_F_NONBLOCK
constexpr u32 kAllFlags = 15;    // the others change nothing that can be seen
constexpr u64 kMost = 1 << 20;   // of one call: programs go on with the rest

Pipe* pipe_of(OpenFile& file) {
  return file.operations->kind() == FileKind::kPipe
             ? static_cast<Pipe*>(file.operations)
             : nullptr;
}

}  // namespace

// One piece from a pipe: what was not taken stays in it.
i64 VfsServer::splice_out(Call& call, Pipe& from, OpenFile& to, u64& position,
                          u64 bytes, u64 skipped) {
  Transfer in(bounce_, bytes < kBounceBytes ? bytes : kBounceBytes);
  const u64 got = from.peek(in, skipped);
  if (got == 0) return from.writers() == 0 ? 0 : -EAGAIN;
  Transfer out(bounce_, got);
  return to.operations->write(call, to, out, position);
}

// What is asked for, of the file that the call would wait for if there were
// nothing.
i64 VfsServer::end_of_splice(Call& call, i64 done, i64 result, u32 from_fd,
                             OpenFile& from, u32 to_fd, OpenFile& to,
                             u32 flags) {
  if (done != 0) return done;
  if (result != -EAGAIN || (flags & kDoesNotWait) != 0) return result;
  const Pipe* source = pipe_of(from);
  const Pipe* target = pipe_of(to);
  if (source != nullptr ? source->bytes() == 0 : !target->is_full()) {
    return from.waits() ? wait_for(call, from_fd, from, false) : -EAGAIN;
  }
  return to.waits() ? wait_for(call, to_fd, to, true) : -EAGAIN;
}

// From a file that is no pipe. What cannot be read again is read only when
// there is room for it.
i64 VfsServer::splice_in(Call& call, OpenFile& from, u64& from_position,
                         OpenFile& to, u64& to_position, u64 bytes) {
  Pipe& target = *pipe_of(to);
  if (target.readers() == 0) {
    call.raises = kSigPipe;
    return -EPIPE;
  }
  if (target.is_full()) return -EAGAIN;
  if (!from.operations->has_positions() && !target.keep_page()) return -ENOMEM;
  return copy_some(call, from, from_position, to, to_position, bytes);
}

i64 VfsServer::sys_splice(Call& call) {
  u64 bytes = call[4];
  const u32 flags = call.as_u32(5);
  if (bytes == 0) return 0;
  if ((flags & ~kAllFlags) != 0) return -EINVAL;
  OpenFile* from = file(call, call[0]);
  OpenFile* to = file(call, call[2]);
  if (from == nullptr || to == nullptr) return -EBADF;
  Pipe* const source = pipe_of(*from);
  Pipe* const target = pipe_of(*to);
  if ((source != nullptr && call[1] != 0) ||
      (target != nullptr && call[3] != 0)) {
    return -ESPIPE;
  }
  u64 from_position = from->offset;
  u64 to_position = to->offset;
  if (call[3] != 0 && !call.user.get(call[3], to_position)) return -EFAULT;
  if (call[1] != 0 && !call.user.get(call[1], from_position)) return -EFAULT;
  if (!from->can_read() || !to->can_write()) return -EBADF;
  if ((source == nullptr && target == nullptr) || source == target ||
      (to->flags & kOpenAppend) != 0) {
    return -EINVAL;
  }
  if ((source == nullptr || target == nullptr) && static_cast<i64>(bytes) < 0) {
    return -EINVAL;
  }
  if (source == nullptr) {
    const FileKind kind = from->operations->kind();
    const bool has_positions = from->operations->has_positions();
    if (!has_positions && kind != FileKind::kSocket &&
        kind != FileKind::kTerminal) {
      return -EINVAL;
    }
    if (call[1] != 0 && !has_positions) return -EINVAL;
  }
  if (from->inode().is_directory()) return -EINVAL;
  if (source == nullptr && static_cast<i64>(from_position) < 0) return -EINVAL;
  if (target == nullptr && static_cast<i64>(to_position) < 0) return -EINVAL;
  if (target == nullptr && call[3] != 0 && !to->operations->has_positions()) {
    return -EINVAL;
  }
  if (bytes > kMost) bytes = kMost;
  u64 done = 0;
  i64 result = 0;
  while (done < bytes) {
    if (source != nullptr) {
      result = splice_out(call, *source, *to, to_position, bytes - done, 0);
      if (result > 0) source->drop(static_cast<u64>(result));
    } else {
      result =
          splice_in(call, *from, from_position, *to, to_position, bytes - done);
    }
    if (result <= 0) break;
    done += static_cast<u64>(result);
    // Of a line or a packet the next read would get another one.
    if (source == nullptr && !from->operations->has_positions() &&
        result < static_cast<i64>(kBounceBytes)) {
      break;
    }
  }
  if (done != 0) {
    tell_watchers(*from, kInAccess);
    tell_watchers(*to, kInModify);
    if (call[1] != 0 && call.user.put(call[1], from_position) != 0) {
      return -EFAULT;
    }
    if (call[3] != 0 && call.user.put(call[3], to_position) != 0) {
      return -EFAULT;
    }
    if (source == nullptr && call[1] == 0) from->offset = from_position;
    if (target == nullptr && call[3] == 0) to->offset = to_position;
  }
  return end_of_splice(call, static_cast<i64>(done), result, call.as_u32(0),
                       *from, call.as_u32(2), *to, flags);
}

i64 VfsServer::sys_tee(Call& call) {
  u64 bytes = call[2];
  const u32 flags = call.as_u32(3);
  if ((flags & ~kAllFlags) != 0) return -EINVAL;
  if (bytes == 0) return 0;
  OpenFile* from = file(call, call[0]);
  OpenFile* to = file(call, call[1]);
  if (from == nullptr || to == nullptr || !from->can_read() ||
      !to->can_write()) {
    return -EBADF;
  }
  Pipe* const source = pipe_of(*from);
  if (source == nullptr || pipe_of(*to) == nullptr || source == pipe_of(*to)) {
    return -EINVAL;
  }
  if (bytes > kMost) bytes = kMost;
  u64 done = 0;
  i64 result = 0;
  while (done < bytes && (done == 0 || done < source->bytes())) {
    result = splice_out(call, *source, *to, to->offset, bytes - done, done);
    if (result <= 0) break;
    done += static_cast<u64>(result);
  }
  return end_of_splice(call, static_cast<i64>(done), result, call.as_u32(0),
                       *from, call.as_u32(1), *to, flags);
}

// Into a pipe, or out of it: the end says which.
i64 VfsServer::sys_vmsplice(Call& call) {
  const u32 fd = call.as_u32(0);
  const u32 flags = call.as_u32(3);
  if ((flags & ~kAllFlags) != 0) return -EINVAL;
  OpenFile* open = file(call, fd);
  if (open == nullptr) return -EBADF;
  const u32 count = call.as_u32(2);
  if (i64 error = get_vectors(call, call[1], count); error != 0) return error;
  Transfer transfer(call.user, vectors_, count);
  if (transfer.left() == 0) return 0;
  if (pipe_of(*open) == nullptr) return -EBADF;
  const bool writes = open->can_write();
  u64 nowhere = 0;
  const i64 result =
      writes ? open->operations->write(call, *open, transfer, nowhere)
             : open->operations->read(call, *open, transfer, nowhere);
  if (result != -EAGAIN || (flags & kDoesNotWait) != 0 || !open->waits()) {
    return result;
  }
  return wait_for(call, fd, *open, writes);
}

}  // namespace tine::vfs
