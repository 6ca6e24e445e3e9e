// Pid namespaces: each process has a number in its own and in all outer ones.
//
// Within the server a pid is its number in the first namespace, for which there
// is no record here: null stands for it, so that a system with no others pays
// nothing.
#ifndef SERVERS_PROCESS_NAMESPACE_PID_NAMESPACE_H_
#define SERVERS_PROCESS_NAMESPACE_PID_NAMESPACE_H_

#include "servers/process/process.h"
#include "servers/protocol/pid_numbers.h"
#include "servers/runtime/heap.h"

namespace tine::process {

struct PidNamespace {
  u8 id = 0;      // 0 is the first one's
  u32 level = 0;  // that of the first is 0
  // Threads whose children are born in it, and namespaces within.
  u32 holders = 1;
  u32 numbers = 0;  // pids that have one in it
  i32 last_number = 0;
  PidNamespace* outer = nullptr;  // held; null: the first
  Process* init = nullptr;        // its process 1, until that is reaped
  bool is_ending = false;         // its process 1 has ended: no more pids
  // A process other than its first was put into it from outside.
  bool has_strays = false;
  // Numbers that are left when process 1 is the last: its own.
  u32 last_numbers = 0;
  PidNamespace* next_emptied = nullptr;
};

// MAX_PID_NS_LEVEL
inline constexpr u32 kMostPidLevels = 32;

inline u8 id_of(const PidNamespace* space) {
  return space == nullptr ? u8{0} : space->id;
}
inline u32 level_of(const PidNamespace* space) {
  return space == nullptr ? 0 : space->level;
}

// The numbers of pids that a clone asks for: that in the innermost namespace
// first. The others are any.
struct WantedNumbers {
  const i32* numbers = nullptr;
  u32 count = 0;

  // In the namespace `level` of a process that is born in `innermost`; 0: any.
  i32 at(u32 level, const PidNamespace* innermost) const {
    const u32 index = level_of(innermost) - level;
    return index < count ? numbers[index] : 0;
  }
};

class PidNamespaces {
 public:
  PidNamespaces(Heap& heap, u64 board, u32 records);

  // Within `outer`, held once. 0 or a negated errno.
  i64 make(PidNamespace* outer, PidNamespace** made);
  static void hold(PidNamespace* space) {
    if (space != nullptr) [[unlikely]]
      ++space->holders;
  }
  void drop(PidNamespace* space) {
    if (space != nullptr) [[unlikely]]
      drop_one(*space);
  }

  // Gives a pid its numbers in `space` and outwards. 0 or a negated errno, and
  // then it has none.
  i64 number(Pid pid, PidNamespace* space, const WantedNumbers& wanted);
  // Takes all numbers of a pid that nobody has any more.
  void forget(Pid pid) {
    if (used_ != 0) [[unlikely]]
      forget_numbers(pid);
  }

  // The number of a pid in a namespace; 0: it is not visible there.
  i32 seen_in(const PidNamespace* space, Pid pid) const {
    return space == nullptr ? pid.value
                            : number_of_pid(table_, space->id, pid.value);
  }
  // The pid of a number; that with the value 0: there is none.
  Pid find(const PidNamespace* space, i32 number) const {
    return space == nullptr ? Pid{number}
                            : Pid{pid_of_number(table_, space->id, number)};
  }

  bool has_emptied() const { return emptied_ != nullptr; }
  // A namespace that is ending and where only process 1 is left, once; null:
  // none.
  PidNamespace* take_emptied() {
    PidNamespace* space = emptied_;
    if (space != nullptr) [[unlikely]] {
      emptied_ = space->next_emptied;
      space->next_emptied = nullptr;
    }
    return space;
  }

  u64 live() const { return spaces_.live(); }
  u32 used_numbers() const { return used_; }

 private:
  // Ids are bytes, of which 0 is the first namespace's.
  static constexpr u32 kMost = 255;

  i64 number_in(PidNamespace& space, Pid pid, i32 wanted);
  i32 next_number(PidNamespace& space) const;
  void forget_numbers(Pid pid);
  void take_out(PidNumber& one);
  void drop_one(PidNamespace& space);
  void free_if_unused(PidNamespace& space);

  Slab<PidNamespace> spaces_;
  PidNumberTable& table_;
  PidNamespace* by_id_[kMost + 1] = {};
  u32 capacity_;
  u32 used_ = 0;
  u32 ever_used_ = 0;
  u32 free_ = 0;  // index + 1 of the first free number below ever_used_
  PidNamespace* emptied_ = nullptr;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_NAMESPACE_PID_NAMESPACE_H_
