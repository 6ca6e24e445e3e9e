// A kernel, memory server and vfs server of a few lines, for tests of the
// process server alone: threads are records, and every batch is checked and
// carried out all or nothing.
#ifndef SERVERS_PROCESS_FAKE_SYSTEM_H_
#define SERVERS_PROCESS_FAKE_SYSTEM_H_

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "arch/hw/trap_frame.h"
#include "servers/process/process_server.h"
#include "servers/protocol/ring.h"
#include "servers/protocol/task_board.h"
#include "servers/testing/fake_kernel.h"

namespace tine::process {

class FakeSystem : public FakeKernel {
 public:
  struct Space : FakeSpace {
    std::map<u64, u64> areas;  // start -> end: where pages may appear
    bool committed = false;
  };
  struct Thread {
    std::shared_ptr<Space> space;
    u64 cookie = 0;
    bool published = false;
    hw::TrapFrame frame{};
  };

  FakeSystem();

  ProcessServer& server() { return *server_; }
  // Starts the server: pid 1 from files["/init"].
  void start();

  // Makes a system call of the thread with that cookie. Nothing if the answer
  // is withheld; it is in answers[last_token] later.
  std::optional<i64> call(u64 cookie, linux_abi::Nr number,
                          std::array<u64, 6> arguments = {});
  void exception(u64 cookie, ExceptionKind kind);
  void timer();

  // The thread of a process; null if it is not (any more) there.
  Thread* thread_of(i64 pid);
  u64 cookie_of(i64 pid) { return thread_of(pid)->cookie; }
  u64 only_new_cookie(const std::set<u64>& before);
  std::set<u64> cookies();

  template <typename T>
  T peek(Space& space, u64 address) {
    T value;
    for (u64 i = 0; i < sizeof(T); ++i) {
      reinterpret_cast<u8*>(&value)[i] = space.byte(address + i);
    }
    return value;
  }
  template <typename T>
  void poke(Space& space, u64 address, const T& value) {
    for (u64 i = 0; i < sizeof(T); ++i) {
      space.byte(address + i) = reinterpret_cast<const u8*>(&value)[i];
    }
  }
  void poke_text(Space& space, u64 address, const std::string& text);
  std::string peek_text(Space& space, u64 address);

  std::map<std::string, std::vector<u8>> files;
  std::map<u64, i64> answers;  // by token
  std::set<u64> resumed;       // tokens that were answered with kReplyResume
  u64 last_token = 0;
  u64 now_ns = 1'000'000'000;
  std::optional<u64> shutdown_status;
  unsigned fail_clones = 0;  // commit batches with a kThreadClone to refuse
  std::map<u64, std::shared_ptr<Space>> mms;  // by badge
  std::vector<u64> interrupted;               // by kThreadInterrupt: cookies
  u64 open_files = 0;                         // kExecOpen less kExecClose

 private:
  Status check_op(Op& op) override;
  Status run_op(Op& op, u64& detail) override;
  void begin_batch() override { claimed_.clear(); }
  void end_batch() override;
  void call(MessageRegisters& m) override;
  FakeSpace* space_of_end(u64 end) override;
  u64 clock_ns() override { return now_ns; }
  bool poke_for(const Outcome& outcome);
  void finish(Outcome outcome);
  void memory_call(MessageRegisters& m);
  void vfs_call(MessageRegisters& m);
  std::shared_ptr<Space> make_space(const Space* from, Handle slot);
  void answer(u64 token, u64 value, u64 tag);
  void drain_ring();

  std::unique_ptr<ProcessServer> server_;
  std::vector<u8> heap_memory_;
  std::unique_ptr<Heap> heap_;
  std::map<Handle, std::shared_ptr<Space>> spaces_;  // by handle
  std::map<Handle, Thread> threads_;                 // by handle
  std::map<u64, Handle> held_;  // token -> the thread that awaits it
  std::set<Handle> claimed_;    // slots of threads that the batch makes
  Ring ring_ = {};
  std::vector<BoardRecord> board_;
  u64 next_badge_ = kFirstUserBadge;
  u64 next_token_ = 100;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_FAKE_SYSTEM_H_
