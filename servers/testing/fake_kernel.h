// A kernel of a few lines for the test of one server alone: the seam of
// servers/runtime/sys.h ends here. What an operation does, and what other
// servers answer, is its heirs' affair.
#ifndef SERVERS_TESTING_FAKE_KERNEL_H_
#define SERVERS_TESTING_FAKE_KERNEL_H_

#include <memory>
#include <string>
#include <vector>

#include "kernel/abi/batch.h"
#include "kernel/abi/debug.h"
#include "kernel/abi/message.h"
#include "kernel/abi/status.h"
#include "servers/protocol/bootstrap.h"
#include "servers/testing/fake_space.h"

namespace tine {

class FakeKernel {
 public:
  // There is one at a time.
  FakeKernel();
  virtual ~FakeKernel();
  FakeKernel(const FakeKernel&) = delete;
  FakeKernel& operator=(const FakeKernel&) = delete;

  void trap(MessageRegisters& message);
  virtual u64 clock_ns() = 0;

  Utcb utcb{};
  ServerConfig config{};
  std::vector<std::string> lines;  // of the log

 protected:
  // The test is wrong, or what it tests is.
  [[noreturn]] static void stop(const char* what);

  // The first round of a batch, which changes nothing: whether all of it can be
  // carried out.
  virtual Status check_op(Op&) { return Status::kOk; }
  // `detail`: operations on pages say how many are done.
  virtual Status run_op(Op& op, u64& detail) = 0;
  virtual void begin_batch() {}
  virtual void end_batch() {}
  // A message to another server, which becomes its answer.
  virtual void call(MessageRegisters& message) = 0;
  // The space of a handle or of a token. Null: there is none.
  virtual FakeSpace* space_of_end(u64 end) = 0;

 private:
  void run_copy(MessageRegisters& message);
  // kPeek, or kPoke.
  void run_peek(MessageRegisters& message, bool pokes);
  void run_batch(MessageRegisters& message);
  void debug(const MessageRegisters& message);
};

}  // namespace tine

#endif  // SERVERS_TESTING_FAKE_KERNEL_H_
