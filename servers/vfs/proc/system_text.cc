// Texts about the machine and the system.
#include "kernel/base/address.h"
#include "servers/linux_abi/arch/cpu_info.h"
#include "servers/linux_abi/errno.h"
#include "servers/linux_abi/inotify.h"
#include "servers/linux_abi/ipc.h"
#include "servers/linux_abi/time.h"
#include "servers/runtime/sys.h"
#include "servers/vfs/pipe/pipe_buffer.h"
#include "servers/vfs/proc/proc_files.h"
#include "servers/vfs/proc/tasks_view.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

constexpr u64 kTick = kNsPerSecond / 100;
constexpr char kKernelRelease[] = "6.1.0-tine";  // as uname has it

// Settings that are as they are.
struct FixedNumber {
  ProcNode node;
  u64 value;
};
constexpr FixedNumber kFixedNumbers[] = {
    {ProcNode::kMostSegmentBytes, kMostSegmentBytes},
    {ProcNode::kMostSegmentPages, kMostSegmentBytes},
    {ProcNode::kMostSegments, kMostSegments},
    {ProcNode::kMostMessageBytes, kMostMessageBytes},
    {ProcNode::kMostQueueBytes, kMostQueueBytes},
    {ProcNode::kMostQueues, kMostQueues},
    {ProcNode::kRoundRobinSlice, 100},  // servers/process/schedule.h
    {ProcNode::kRandomizes, 0},
    {ProcNode::kLeaseBreakTime, 45},  // servers/vfs/lock/file_locks.h
    {ProcNode::kLeasesEnabled, 1},
    {ProcNode::kMostAreas, 65530},         // servers/memory/vma_map.h
    {ProcNode::kLowestAddress, 0x1'0000},  // servers/memory/user_range.h
    {ProcNode::kOverflowUid, 65534},
    {ProcNode::kOverflowGid, 65534},
    {ProcNode::kInotifyQueued, kInotifyMostQueued},
    {ProcNode::kInotifyInstances, kInotifyMostInstances},
    {ProcNode::kInotifyWatches, kInotifyMostWatches},
};

void put_memory(TextWindow& out, u64 cached) {
  const sys::Message info =
      sys::call(kCallMemory, sys::make_message(MemoryLabel::kMemoryInfo));
  const auto line = [&](const char* name, u64 pages) {
    const u64 start = out.length();
    out.put(name);
    out.put(':');
    out.pad_to(start, 16);
    out.number(pages * (kPageSize / 1024), 8);
    out.put(" kB\n");
  };
  const u64 free = info.words[1];
  line("MemTotal", info.words[2]);
  line("MemFree", free);
  line("MemAvailable", free);
  line("Buffers", 0);
  line("Cached", cached);
  line("SwapCached", 0);
  line("Active", 0);
  line("Inactive", 0);
  line("SwapTotal", 0);
  line("SwapFree", 0);
  line("Dirty", 0);
  line("Writeback", 0);
  line("Shmem", cached);
  line("Slab", 0);
  line("SReclaimable", 0);
  line("SUnreclaim", 0);
  line("CommitLimit", info.words[6]);
  line("Committed_AS", info.words[5]);
}

// Hundredths of a second, as seconds.
void put_seconds(TextWindow& out, u64 ticks) {
  out.number(ticks / 100);
  out.put('.');
  out.number(ticks % 100, 2, '0');
}

void put_stat(TextWindow& out, u64 forks) {
  u64 user = 0;
  u64 system = 0;
  for (const BoardRecord* at = next_process(1); at != nullptr;
       at = next_process(at->tid + 1)) {
    user += at->user_ns;
    system += at->system_ns;
  }
  const u64 all = sys::clock_ns();
  const u64 busy = user + system < all ? user + system : all;
  for (const char* name : {"cpu ", "cpu0"}) {
    out.put(name);
    for (const u64 time : {user, u64{0}, system, all - busy}) {
      out.put(' ');
      out.number(time / kTick);
    }
    out.put(" 0 0 0 0 0 0\n");
  }
  const TaskCounts tasks = count_tasks();
  out.put("intr 0\nctxt 0\nbtime ");
  out.number(sys::config().boot_realtime_ns / kNsPerSecond);
  out.put("\nprocesses ");
  out.number(forks);
  out.put("\nprocs_running ");
  out.number(tasks.running);
  out.put("\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n");
}

// As Linux writes random UUIDs: version 4.
void put_uuid(TextWindow& out, u64 seed) {
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out.put('-');
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    u64 byte = seed >> 56;
    if (i == 6) byte = (byte & 0xf) | 0x40;
    if (i == 8) byte = (byte & 0x3f) | 0x80;
    out.hex(byte, 2);
  }
  out.put('\n');
}

}  // namespace

void ProcFiles::write_system_text(const Inode& inode, TextWindow& out) {
  const ServerConfig& config = sys::config();
  switch (static_cast<ProcNode>(inode.node)) {
    case ProcNode::kMemory:
      return put_memory(out, files_.contents().pages());
    case ProcNode::kUptime: {
      const u64 ticks = sys::clock_ns() / kTick;
      put_seconds(out, ticks);
      out.put(' ');
      put_seconds(out, ticks);
      return out.put('\n');
    }
    case ProcNode::kLoad: {
      const TaskCounts tasks = count_tasks();
      out.put("0.00 0.00 0.00 ");
      out.number(tasks.running);
      out.put('/');
      out.number(tasks.all);
      out.put(' ');
      out.number(static_cast<u64>(tasks.last));
      return out.put('\n');
    }
    case ProcNode::kSystemStat:
      return put_stat(out, tasks_.ever());
    case ProcNode::kCpus:
      return out.put(kCpuInfo);
    case ProcNode::kVersion:
      out.put("Linux version ");
      out.put(kKernelRelease);
      return out.put(" (tine) #1\n");
    case ProcNode::kFileSystems:
      return out.put(
          "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tpipefs\n"
          "nodev\tsockfs\nnodev\tdevpts\n");
    case ProcNode::kCommandLine:
      out.put(config.command_line);
      return out.put('\n');
    case ProcNode::kOnlineCpus:
      return out.put("0\n");
    case ProcNode::kPidMax:
      return out.put("32768\n");
    case ProcNode::kThreadsMax:
      out.number(config.board_records);
      return out.put('\n');
    case ProcNode::kSystemType:
      return out.put("Linux\n");
    case ProcNode::kRelease:
      out.put(kKernelRelease);
      return out.put('\n');
    case ProcNode::kBootId:
      return put_uuid(out, config.boot_realtime_ns ^ 0x74696e65);
    case ProcNode::kUuid:
      return put_uuid(out, config.boot_realtime_ns ^ sys::clock_ns());
    case ProcNode::kOvercommit:
    case ProcNode::kOvercommitRatio: {
      const u64 both =
          sys::call(kCallMemory, sys::make_message(MemoryLabel::kMemoryInfo))
              .words[7];
      const bool is_mode =
          inode.node == static_cast<u32>(ProcNode::kOvercommit);
      out.number(is_mode ? both & 0xff : both >> 8);
      return out.put('\n');
    }
    case ProcNode::kFilesOpen:
      out.number(tasks_.open_files());
      return out.put("\t0\t65536\n");
    case ProcNode::kMostDescriptors:
      out.number(kMaxFds);
      return out.put('\n');
    case ProcNode::kMostPipe:
      out.number(PipeBuffer::kMostSlots * kPageSize);
      return out.put('\n');
    case ProcNode::kSemaphoreLimits:
      out.number(kMostInSet);
      out.put('\t');
      out.number(kMostSemaphores);
      out.put('\t');
      out.number(kMostSemaphoreOperations);
      out.put('\t');
      out.number(kMostSets);
      return out.put('\n');
    case ProcNode::kCorePattern:
      return out.put("core\n");
    case ProcNode::kSystemVersion:
      return out.put("#1 Tine\n");
    case ProcNode::kMostGroups:
      out.number(kBoardGroups);
      return out.put('\n');
    case ProcNode::kLastCapability:
      return out.put("40\n");
    case ProcNode::kTainted:
      return out.put("0\n");
    case ProcNode::kFileMax:
      return out.put("65536\n");
    default:
      if (const u64* limit = queue_limit(inode); limit != nullptr) {
        out.number(*limit);
        return out.put('\n');
      }
      for (const FixedNumber& fixed : kFixedNumbers) {
        if (static_cast<u32>(fixed.node) != inode.node) continue;
        out.number(fixed.value);
        out.put('\n');
      }
  }
}

u64* ProcFiles::queue_limit(const Inode& inode) {
  switch (static_cast<ProcNode>(inode.node)) {
    case ProcNode::kMqQueues:
      return &queue_limits_.queues;
    case ProcNode::kMqMessages:
      return &queue_limits_.messages;
    case ProcNode::kMqBytes:
      return &queue_limits_.bytes;
    case ProcNode::kMqUsualMessages:
      return &queue_limits_.usual_messages;
    case ProcNode::kMqUsualBytes:
      return &queue_limits_.usual_bytes;
    default:
      return nullptr;
  }
}

i64 ProcFiles::set_queue_limit(const Inode& inode, u64 value) {
  u64* const limit = queue_limit(inode);
  if (limit == nullptr) return -EINVAL;
  u64 least = 0;
  u64 most = INT32_MAX;
  switch (static_cast<ProcNode>(inode.node)) {
    case ProcNode::kMqMessages:
    case ProcNode::kMqUsualMessages:
      least = 1;
      most = kMqHardMessages;
      break;
    case ProcNode::kMqBytes:
    case ProcNode::kMqUsualBytes:
      least = kMqLeastBytes;
      most = kMqHardBytes;
      break;
    default:
      break;
  }
  if (value < least || value > most) return -EINVAL;
  *limit = value;
  return 0;
}

}  // namespace tine::vfs
