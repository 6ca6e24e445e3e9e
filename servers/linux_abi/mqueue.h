// POSIX message queues (linux/mqueue.h, ipc/mqueue.c).
#ifndef SERVERS_LINUX_ABI_MQUEUE_H_
#define SERVERS_LINUX_ABI_MQUEUE_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

// struct mq_attr.
struct MqAttributes {
  i64 flags = 0;  // O_NONBLOCK
  i64 most_messages = 0;
  i64 most_bytes = 0;  // of a message
  i64 messages = 0;
  i64 reserved[4] = {};
};
static_assert(sizeof(MqAttributes) == 64);

inline constexpr u32 kMqPriorities = 32768;

// /proc/sys/fs/mqueue, and what bounds each.
struct MqLimits {
  u64 queues = 256;
  u64 messages = 10;
  u64 bytes = 8192;
  u64 usual_messages = 10;
  u64 usual_bytes = 8192;
};
inline constexpr u64 kMqHardMessages = 65536;
inline constexpr u64 kMqLeastBytes = 128;
inline constexpr u64 kMqHardBytes = u64{16} << 20;

// What RLIMIT_MSGQUEUE is charged with besides the bytes of all messages that
// there may be: for each of them, and for each priority that they may have.
inline constexpr u64 kMqMessageCharge = 48;
inline constexpr u64 kMqPriorityCharge = 48;
inline constexpr u64 kMqUsualLimit = 819'200;

// st_size of a queue: of what can be read of it.
inline constexpr u64 kMqFileBytes = 80;

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_MQUEUE_H_
