// inotify (linux/inotify.h).
#ifndef SERVERS_LINUX_ABI_INOTIFY_H_
#define SERVERS_LINUX_ABI_INOTIFY_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// What can happen to a file.
inline constexpr u32 kInAccess = 1;
inline constexpr u32 kInModify = 2;
inline constexpr u32 kInAttributes = 4;
inline constexpr u32 kInCloseWrite = 8;
inline constexpr u32 kInCloseNoWrite = 0x10;
inline constexpr u32 kInOpen = 0x20;
inline constexpr u32 kInMovedFrom = 0x40;
inline constexpr u32 kInMovedTo = 0x80;
inline constexpr u32 kInCreate = 0x100;
inline constexpr u32 kInDelete = 0x200;
inline constexpr u32 kInDeleteSelf = 0x400;
inline constexpr u32 kInMoveSelf = 0x800;
inline constexpr u32 kInAllEvents = 0xfff;

// What is told unasked.
inline constexpr u32 kInUnmount = 0x2000;
inline constexpr u32 kInOverflow = 0x4000;
inline constexpr u32 kInIgnored = 0x8000;
inline constexpr u32 kInIsDirectory = 0x4000'0000;

// How a watch is made, and what it does.
inline constexpr u32 kInOnlyDirectory = 0x0100'0000;
inline constexpr u32 kInDontFollow = 0x0200'0000;
inline constexpr u32 kInExcludeUnlinked = 0x0400'0000;
inline constexpr u32 kInMaskCreate = 0x1000'0000;
inline constexpr u32 kInMaskAdd = 0x2000'0000;
inline constexpr u32 kInOneShot = 0x8000'0000;
// All that inotify_add_watch takes.
inline constexpr u32 kInTaken = kInAllEvents | kInUnmount | kInOverflow |
                                kInIgnored | kInIsDirectory | kInOnlyDirectory |
                                kInDontFollow | kInExcludeUnlinked |
                                kInMaskCreate | kInMaskAdd | kInOneShot;

// Followed by `name_bytes` with the name, NULs up to a multiple of this size.
struct InotifyEvent {
  i32 watch;
  u32 mask;
  u32 cookie;
  u32 name_bytes;
};
static_assert(sizeof(InotifyEvent) == 16);

// /proc/sys/fs/inotify.
inline constexpr u32 kInotifyMostQueued = 16384;
inline constexpr u32 kInotifyMostInstances = 128;  // of a user
inline constexpr u32 kInotifyMostWatches = 8192;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_INOTIFY_H_
