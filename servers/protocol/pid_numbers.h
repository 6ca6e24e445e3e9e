// The numbers that pids have in pid namespaces other than the first, which lie
// behind the records of the task board. The process server writes them; the vfs
// server reads them where it takes a pid from a program or gives it one.
//
// A pid is its number in the first namespace, which servers use among
// themselves. A process that is in others has one number more in each.
#ifndef SERVERS_PROTOCOL_PID_NUMBERS_H_
#define SERVERS_PROTOCOL_PID_NUMBERS_H_

#include "servers/protocol/task_board.h"

namespace tine {

// One number of one pid.
struct PidNumber {
  i32 pid;
  i32 number;
  u32 next_of_pid;     // index + 1 of the next whose pid has this bucket; 0:
                       // none. Also the next of the free ones.
  u32 next_of_number;  // the same by number and namespace
  u8 space;            // of which namespace; 0: free
  u8 level;            // of that namespace: how many are around it
};

struct PidNumberTable {
  static constexpr u32 kBuckets = 512;

  u32 of_pid[kBuckets];  // index + 1; 0: none
  u32 of_number[kBuckets];

  static u32 bucket_of_pid(i32 pid) { return static_cast<u32>(pid) % kBuckets; }
  static u32 bucket_of_number(u8 space, i32 number) {
    return (static_cast<u32>(number) + space * 37u) % kBuckets;
  }
  PidNumber* numbers() { return reinterpret_cast<PidNumber*>(this + 1); }
  const PidNumber* numbers() const {
    return reinterpret_cast<const PidNumber*>(this + 1);
  }
};

// As many numbers as there are records on the board.
constexpr u64 board_bytes(u64 records) {
  return records * (sizeof(BoardRecord) + sizeof(PidNumber)) +
         sizeof(PidNumberTable);
}
inline PidNumberTable& pid_numbers_of(u64 board, u64 records) {
  return *reinterpret_cast<PidNumberTable*>(board +
                                            records * sizeof(BoardRecord));
}

// The number of a pid in a namespace; 0: it has none there.
inline i32 number_of_pid(const PidNumberTable& table, u8 space, i32 pid) {
  if (space == 0) return pid;
  u32 at = table.of_pid[PidNumberTable::bucket_of_pid(pid)];
  while (at != 0) {
    const PidNumber& one = table.numbers()[at - 1];
    if (one.pid == pid && one.space == space) return one.number;
    at = one.next_of_pid;
  }
  return 0;
}

// The same in that of its namespaces that has `level` around it.
inline i32 number_at_level(const PidNumberTable& table, u8 level, i32 pid) {
  u32 at = table.of_pid[PidNumberTable::bucket_of_pid(pid)];
  while (at != 0) {
    const PidNumber& one = table.numbers()[at - 1];
    if (one.pid == pid && one.level == level) return one.number;
    at = one.next_of_pid;
  }
  return 0;
}

// The pid that has a number in a namespace; 0: none has.
inline i32 pid_of_number(const PidNumberTable& table, u8 space, i32 number) {
  if (space == 0) return number;
  u32 at = table.of_number[PidNumberTable::bucket_of_number(space, number)];
  while (at != 0) {
    const PidNumber& one = table.numbers()[at - 1];
    if (one.number == number && one.space == space) return one.pid;
    at = one.next_of_number;
  }
  return 0;
}

}  // namespace tine

#endif  // SERVERS_PROTOCOL_PID_NUMBERS_H_
