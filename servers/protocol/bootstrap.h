// What root hands every server: its handles, its memory, its configuration.
#ifndef SERVERS_PROTOCOL_BOOTSTRAP_H_
#define SERVERS_PROTOCOL_BOOTSTRAP_H_

#include "kernel/abi/batch.h"

namespace tine {

enum class ServerId : u64 {
  kRoot = 1,
  kMemory = 2,
  kVfs = 3,
  kProcess = 4,
  kConsole = 5,
};

// Handles in a server's table at its first instruction. Calls go one way:
// process > vfs > {memory, console} > kernel.
inline constexpr Handle kSelfEndpoint = 1;  // receives its requests
inline constexpr Handle kSelfPool = 2;      // its share of the frames
inline constexpr Handle kSelfThread = 3;
inline constexpr Handle kCallMemory = 4;        // process, vfs
inline constexpr Handle kCallVfs = 5;           // process
inline constexpr Handle kCallConsole = 6;       // vfs
inline constexpr Handle kSelfNotification = 7;  // bound to kSelfEndpoint
inline constexpr Handle kNotifyVfs = 9;         // process: ring; console: input
inline constexpr Handle kDeviceUart = 10;       // console
inline constexpr Handle kInterruptUart = 11;    // console
inline constexpr Handle kRunControl = 12;       // process: ends the run
inline constexpr Handle kInitrd = 13;           // vfs: object, if there is one
inline constexpr Handle kForwardVfs = 14;       // memory: passes calls on by it
inline constexpr Handle kNotifyProcess = 15;    // vfs: kNewsSignals
inline constexpr Handle kFirstFreeHandle = 32;

// Badge by which a server sees another server's calls: its ServerId. Cookies
// and space badges of managed threads are >= kFirstUserBadge.
inline constexpr u64 kFirstUserBadge = u64{1} << 32;

// Bits of kSelfNotification.
inline constexpr u64 kNewsRing = 1;       // a ring has records
inline constexpr u64 kNewsInput = 2;      // vfs: the console has input or EOF
inline constexpr u64 kNewsInterrupt = 4;  // console: the UART wants attention
inline constexpr u64 kNewsTimer = 8;
inline constexpr u64 kNewsSignals = 16;  // process: VfsLabel::kTakeSignals
inline constexpr u64 kNewsPending = 32;  // vfs: VfsLabel::kSignalFd

// A page of its own in every server, read-only, at kServerConfigAddress.
struct ServerConfig {
  ServerId id;
  u64 heap_base;  // wired, zeroed, page aligned; all the memory a server gets
  u64 heap_bytes;
  u64 ring;  // address of the shared Ring page (ring.h), or 0
  u64 initrd_bytes;
  u64 memory_bytes;  // usable RAM of the machine
  // Process and vfs: the task board (task_board.h) and what is behind it
  // (pid_numbers.h), and how many records it has, which is also the most tasks
  // that there can be.
  u64 board;
  u32 board_records;
  u32 pad;
  u64 hwcap;
  u64 hwcap2;
  // Real time, since 1970, when monotonic time was 0; 0: not known.
  u64 boot_realtime_ns;
  u64 clock_start;  // of the machine's counter: VdsoData
  u64 clock_factor;
  char command_line[2048];
};
inline constexpr u64 kServerConfigAddress = 0x7000'4000;
inline constexpr u64 kServerRingAddress = 0x7000'6000;
inline constexpr u64 kServerStackTop = 0x7100'0000;
inline constexpr u64 kServerStackBytes = 64 * 1024;
inline constexpr u64 kServerBoardAddress = 0x7200'0000;
inline constexpr u64 kServerHeapAddress = 0x8000'0000;

}  // namespace tine

#endif  // SERVERS_PROTOCOL_BOOTSTRAP_H_
