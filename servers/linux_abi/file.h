// Files as system calls describe them: modes, directory entries, statx, iovec.
#ifndef SERVERS_LINUX_ABI_FILE_H_
#define SERVERS_LINUX_ABI_FILE_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// st_mode.
inline constexpr u32 kModeType = 0170000;
inline constexpr u32 kModeSocket = 0140000;
inline constexpr u32 kModeSymlink = 0120000;
inline constexpr u32 kModeRegular = 0100000;
inline constexpr u32 kModeBlock = 0060000;
inline constexpr u32 kModeDirectory = 0040000;
inline constexpr u32 kModeCharacter = 0020000;
inline constexpr u32 kModeFifo = 0010000;
inline constexpr u32 kModePermissions = 07777;
inline constexpr u32 kModeSetUid = 04000;
inline constexpr u32 kModeSetGid = 02000;
inline constexpr u32 kModeSticky = 01000;

// access().
inline constexpr u32 kAccessExecute = 1;
inline constexpr u32 kAccessWrite = 2;
inline constexpr u32 kAccessRead = 4;

// getdents64: followed by the NUL-terminated name; `bytes` is a multiple of 8.
struct DirectoryEntry {
  u64 inode;
  i64 offset;  // of the next entry
  u16 bytes;
  u8 type;  // mode >> 12
};
inline constexpr u64 kDirectoryEntryName = 19;  // offset of the name
// getdents64 and getdents.
enum class DirectoryForm : u8 { kNew, kOld };

struct IoVector {
  u64 address;
  u64 bytes;
};
inline constexpr u64 kMaxIoVectors = 1024;
// Most bytes that one read or write transfers.
inline constexpr u64 kMaxTransfer = 0x7fff'f000;

inline constexpr u64 kPathMax = 4096;  // with the NUL
inline constexpr u64 kNameMax = 255;

struct StatxTime {
  i64 seconds;
  u32 nanoseconds;
  i32 reserved;
};
struct Statx {
  u32 mask;
  u32 block_size;
  u64 attributes;
  u32 links;
  u32 uid;
  u32 gid;
  u16 mode;
  u16 padding;
  u64 inode;
  u64 size;
  u64 blocks;
  u64 attributes_mask;
  StatxTime access_time;
  StatxTime birth_time;
  StatxTime change_time;
  StatxTime modify_time;
  u32 device_major;
  u32 device_minor;
  u32 dev_major;
  u32 dev_minor;
  u64 mount_id;
  u64 spare[13];
};
static_assert(sizeof(Statx) == 256);
inline constexpr u32 kStatxBasic = 0x7ff;
inline constexpr u32 kStatxBirth = 0x800;
inline constexpr u32 kStatxMountId = 0x1000;

struct PollFd {
  i32 fd;
  u16 events;
  u16 returned;
};
inline constexpr u16 kPollIn = 1;
inline constexpr u16 kPollPriority = 2;
inline constexpr u16 kPollOut = 4;
inline constexpr u16 kPollError = 8;
inline constexpr u16 kPollHangUp = 16;
inline constexpr u16 kPollInvalid = 32;
inline constexpr u16 kPollReadNormal = 0x40;
inline constexpr u16 kPollReadBand = 0x80;
inline constexpr u16 kPollWriteNormal = 0x100;
inline constexpr u16 kPollWriteBand = 0x200;
inline constexpr u16 kPollReadHangUp = 0x2000;

// ioctl requests that programs try on every file.
inline constexpr u32 kIoctlReadable = 0x541B;  // FIONREAD
inline constexpr u32 kIoctlGetTermios = 0x5401;
inline constexpr u32 kIoctlGetWindowSize = 0x5413;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_FILE_H_
