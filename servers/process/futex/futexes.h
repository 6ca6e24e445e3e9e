// Futexes: waiting for a word of memory, waking who waits for one.
#ifndef SERVERS_PROCESS_FUTEX_FUTEXES_H_
#define SERVERS_PROCESS_FUTEX_FUTEXES_H_

#include "servers/process/call.h"
#include "servers/process/clock.h"
#include "servers/process/futex/futex_table.h"
#include "servers/process/namespace/pid_views.h"
#include "servers/process/scheduler.h"
#include "servers/process/sysv/block_pool.h"
#include "servers/process/user_memory.h"
#include "servers/process/waiting_calls.h"

namespace tine::process {

class Futexes {
 public:
  Futexes(FutexTable& table, TaskTable& tasks, UserMemory& user,
          WaitingCalls& waiting, Scheduler& scheduler, sysv::BlockPool& blocks,
          const Clock& clock, const PidViews& pids)
      : table_(table),
        tasks_(tasks),
        user_(user),
        waiting_(waiting),
        scheduler_(scheduler),
        blocks_(blocks),
        clock_(clock),
        pids_(pids) {}

  // futex()
  Outcome call(const Call& call);
  // futex_waitv()
  Outcome wait_for_any(const Call& call);
  // `deadline_ns` is 0 for a wait without end. Also the way back into a wait
  // that was interrupted: then the word is looked at again.
  Outcome begin_wait(const Call& call, const FutexWait& wait, u64 deadline_ns);
  // One waiter on a word that a thread at its end has written. No want of
  // memory may lose it.
  void wake_after_end(const Mm& mm, u64 address);
  // Marks the robust futexes that a thread still holds when it leaves its mm.
  void leave_robust_list(Task& task);
  // Gives the locks with priority inheritance that it has to who waits for
  // them.
  void abandon_pi_locks(Task& task);

  // Blocks of memory that all this has, for the invariant checker.
  u64 blocks() const;

 private:
  // ---- futexes.cc
  i64 find_key(const Mm& mm, u64 address, bool is_private, Access access,
               FutexKey* key, u32* word = nullptr);
  bool find_shared_key(const Mm& mm, u64 address, FutexKey* key, u64* rights);
  // 0, -EFAULT, or -EAGAIN: it is another one.
  i64 expect_word(const Mm& mm, u64 address, u32 value);
  i32 wake_word(const FutexKey& key, u32 bits, i32 most);
  i64 wake(const Mm& mm, u64 address, bool is_private, u32 bits, i32 most);

  // ---- wait.cc, wake_operation.cc
  Outcome wait(const Call& call, bool has_bits);
  i64 requeue(const Call& call, bool compares);
  i64 wake_operation(const Call& call);

  // ---- wait_vector.cc
  i64 read_vector(const Call& call, FutexWaiter* waiters, u32 count);

  // ---- pi.cc, requeue_pi.cc
  Outcome lock_pi(const Call& call, u32 operation);
  i64 unlock_pi(const Call& call);
  i64 acquire_pi(const Task& task, const FutexKey& key, u64 address,
                 bool has_waiters, Task** owner);
  u32 tid_word(const Task& task) const;
  Task* top_waiter(const FutexKey& key);
  i64 pass_pi_lock(const FutexKey& key, u32 flags);
  static bool is_circle(const Task& task, const Task* owner);
  // An absolute time at `from`; 0: none.
  i64 read_timeout(const Task& task, u64 from, bool is_realtime,
                   u64* deadline_ns);
  Outcome wait_requeue_pi(const Call& call);
  i64 requeue_pi(const Call& call);

  // ---- robust_list.cc
  bool end_robust_futex(Task& task, u64 address, bool is_inherited,
                        bool is_pending);

  FutexTable& table_;
  TaskTable& tasks_;
  UserMemory& user_;
  WaitingCalls& waiting_;
  Scheduler& scheduler_;
  sysv::BlockPool& blocks_;
  const Clock& clock_;
  const PidViews& pids_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_FUTEX_FUTEXES_H_
