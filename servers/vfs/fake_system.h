// What the vfs server sees of the world, for its tests on the host: spaces as
// maps of pages, the memory server's objects, a console, and callers.
#ifndef SERVERS_VFS_FAKE_SYSTEM_H_
#define SERVERS_VFS_FAKE_SYSTEM_H_

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "kernel/base/address.h"
#include "servers/linux_abi/arch/syscall_numbers.h"
#include "servers/protocol/ring.h"
#include "servers/protocol/task_board.h"
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

struct FakeSpace {
  using Page = std::array<u8, kPageSize>;
  u64 badge = 0;
  std::map<u64, std::shared_ptr<Page>> pages;
  std::set<u64> lazy;   // pages that the memory server makes when asked
  bool sparse = false;  // what has no page reads as zeros, and gets one
  u64 size = 0;         // as the memory server was told

  void populate(u64 page) { pages[page] = std::make_shared<Page>(); }
  // Pages as needed.
  void write(u64 address, const void* from, u64 bytes);
  std::string read(u64 address, u64 bytes);
  // Takes whole pages of [from, to) away and makes zeros of the rest.
  void clear(u64 from, u64 to);
};

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

class FakeSystem {
 public:
  // kObjectNew fails when `objects` have been made.
  explicit FakeSystem(const std::string& archive, u64 heap_bytes = u64{1} << 20,
                      u64 objects = UINT64_MAX);
  ~FakeSystem();

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
  std::vector<std::string> lines;  // of the log
  std::map<ObjectId, std::shared_ptr<FakeSpace>> objects;

  u64 clock = 0;  // ns; each look takes one

  void trap(sys::Message& message);
  Utcb utcb;
  ServerConfig config{};

 private:
  void show(u64 cookie);
  void run_batch(sys::Message& message);
  Status run_op(Op& op, u64& detail);
  Status copy(Op& op);
  std::shared_ptr<FakeSpace> space_of(u64 end);
  void call_memory(sys::Message& message);
  void call_console(sys::Message& message);

  std::vector<u8> heap_;
  u64 objects_left_;
  alignas(4096) Ring ring_{};
  std::array<BoardRecord, 64> board_{};
  std::shared_ptr<FakeSpace> user_ = std::make_shared<FakeSpace>();
  std::map<u64, std::shared_ptr<FakeSpace>> handles_;
  std::map<u64, std::shared_ptr<FakeSpace>> tokens_;
  u64 token_ = 1000;
  u64 next_object_ = kFirstUserBadge;
  std::unique_ptr<VfsServer> server_;
};

}  // namespace tine::vfs

#endif  // SERVERS_VFS_FAKE_SYSTEM_H_
