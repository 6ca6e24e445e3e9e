// What the vfs server sees of the world, for its tests on the host: the memory
// server's objects, a console, and callers.
#ifndef SERVERS_VFS_FAKE_SYSTEM_H_
#define SERVERS_VFS_FAKE_SYSTEM_H_

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/protocol/pid_numbers.h"
#include "servers/protocol/ring.h"
#include "servers/testing/fake_kernel.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

struct ArchiveFile {
  std::string name;
  u32 mode;
  std::string data;
  u32 inode = 0;
  u32 links = 1;
  bool aligned = false;  // its data begins on a page
  u32 major = 0;
  u32 minor = 0;
};
std::string make_archive(const std::vector<ArchiveFile>& files,
                         bool with_end = true);

class FakeSystem : public FakeKernel {
 public:
  // kObjectNew fails when `objects` have been made.
  explicit FakeSystem(const std::string& archive, u64 heap_bytes = u64{1} << 20,
                      u64 objects = UINT64_MAX);

  VfsServer& server() { return *server_; }
  // Records of the ring, published.
  void record(RingOp op, u64 a, u64 b = 0, u32 flags = 0);

  // A system call of the task `cookie`; kWithheld if it is not answered.
  i64 call(u64 cookie, linux_abi::Nr number, u64 a = 0, u64 b = 0, u64 c = 0,
           u64 d = 0, u64 e = 0);
  // The same for a request of the process server.
  sys::Message request(u64 label, u64 a, u64 b, u64 c, u64 d);
  // The token of the last call; answers given by kReply, by token.
  u64 token() const { return token_; }
  std::map<u64, i64> replies;
  // The caller of `token` was killed.
  void kill(u64 token) { tokens_.erase(token); }
  void notify(u64 bits);

  // Puts a string at `address` of the user's memory.
  u64 put(u64 address, const std::string& text);
  FakeSpace& user() { return *user_; }

  // Bits that the server gave its own notification; when its timer is due.
  u64 notified = 0;
  u64 timer = 0;

  std::string console_output;
  std::string console_input;
  bool console_ended = false;
  std::map<ObjectId, std::shared_ptr<FakeSpace>> objects;

  u64 clock = 0;  // ns; each look takes one

 private:
  Status run_op(Op& op, u64& detail) override;
  void call(MessageRegisters& message) override;
  FakeSpace* space_of_end(u64 end) override;
  u64 clock_ns() override { return ++clock; }
  void show(u64 cookie);
  void call_memory(sys::Message& message);
  void call_console(sys::Message& message);

  std::vector<u8> heap_;
  u64 objects_left_;
  alignas(4096) Ring ring_{};
  // With the numbers of pids behind the records.
  static constexpr u32 kBoardRecords = 64;
  alignas(BoardRecord) std::array<u8, board_bytes(kBoardRecords)> board_{};
  std::shared_ptr<FakeSpace> user_ = std::make_shared<FakeSpace>();
  std::map<u64, std::shared_ptr<FakeSpace>> handles_;
  std::map<u64, std::shared_ptr<FakeSpace>> tokens_;
  u64 token_ = 1000;
  u64 next_object_ = kFirstUserBadge;
  std::unique_ptr<VfsServer> server_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_FAKE_SYSTEM_H_
