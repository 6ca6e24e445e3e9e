// The texts of /proc/sysvipc (ipc/shm.c, msg.c, sem.c).
#include "servers/process/process_server.h"
#include "servers/process/text_builder.h"

namespace tine::process {

using namespace linux_abi;

namespace {

// Columns of the same width each, with a blank before it.
void put_columns(TextBuilder& out, u64 width, const u64* values, u64 count) {
  for (u64 i = 0; i < count; ++i) {
    out.put(" ");
    out.number_right(values[i], width);
  }
}

void put_key(TextBuilder& out, i32 key) {
  if (key >= 0) {
    out.number_right(static_cast<u64>(key), 10);
    return;
  }
  // A sign and ten digits are what the column is for.
  const u64 value = static_cast<u64>(-static_cast<i64>(key));
  u64 digits = 1;
  for (u64 rest = value; rest >= 10; rest /= 10) ++digits;
  for (u64 i = digits + 1; i < 10; ++i) out.put(" ");
  out.put("-");
  out.number(value);
}

void put_head(TextBuilder& out, const sysv::IpcObject& object) {
  put_key(out, object.key);
  out.put(" ");
  out.number_right(static_cast<u64>(object.id()), 10);
  out.put("  ");
  out.number_right(object.mode, 4, 8);
}

void put_owners(TextBuilder& out, const sysv::IpcObject& object) {
  const u64 ids[] = {object.uid, object.gid, object.cuid, object.cgid};
  put_columns(out, 5, ids, 4);
}

}  // namespace

void ProcessServer::list_segments(const Task& caller, TextBuilder& out) {
  out.put(
      "       key      shmid perms                  size  cpid  lpid nattch   "
      "uid   gid  cuid  cgid      atime      dtime      ctime                 "
      "  rss                  swap\n");
  segments_.segments().for_each([&](const sysv::Segment& segment) {
    const sysv::SegmentUse use = sysv::SharedSegments::use_of(segment);
    const auto pid = [&](i32 number) {
      return static_cast<u64>(pids_.seen_by(*caller.process, Pid{number}));
    };
    put_head(out, segment);
    put_columns(out, 21, &segment.bytes, 1);
    const u64 pids[] = {pid(segment.creator), pid(segment.last)};
    put_columns(out, 5, pids, 2);
    out.put(" ");
    put_columns(out, 5, &use.attachments, 1);
    put_owners(out, segment);
    const u64 times[] = {segment.attached, segment.detached, segment.changed};
    put_columns(out, 10, times, 3);
    const u64 pages[] = {use.resident_pages << kPageShift, 0};
    put_columns(out, 21, pages, 2);
    out.put("\n");
  });
}

void ProcessServer::list_queues(const Task& caller, TextBuilder& out) {
  out.put(
      "       key      msqid perms      cbytes       qnum lspid lrpid   uid   "
      "gid  cuid  cgid      stime      rtime      ctime\n");
  messages_.queues().for_each([&](const sysv::MessageQueue& queue) {
    const auto pid = [&](i32 number) {
      return static_cast<u64>(pids_.seen_by(*caller.process, Pid{number}));
    };
    put_head(out, queue);
    out.put(" ");
    const u64 filled[] = {queue.bytes, queue.count};
    put_columns(out, 10, filled, 2);
    const u64 pids[] = {pid(queue.last_sender), pid(queue.last_receiver)};
    put_columns(out, 5, pids, 2);
    put_owners(out, queue);
    const u64 times[] = {queue.sent, queue.received, queue.changed};
    put_columns(out, 10, times, 3);
    out.put("\n");
  });
}

void ProcessServer::list_semaphores(TextBuilder& out) {
  out.put(
      "       key      semid perms      nsems   uid   gid  cuid  cgid      "
      "otime      ctime\n");
  semaphores_.sets().for_each([&](const sysv::SemaphoreSet& set) {
    put_head(out, set);
    const u64 count = set.count;
    put_columns(out, 10, &count, 1);
    put_owners(out, set);
    const u64 times[] = {set.operated, set.changed};
    put_columns(out, 10, times, 2);
    out.put("\n");
  });
}

}  // namespace tine::process
