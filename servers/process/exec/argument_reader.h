// Reads argv and envp of a new program from the old one's memory: counted and
// measured first, then copied, through windows.
#ifndef SERVERS_PROCESS_EXEC_ARGUMENT_READER_H_
#define SERVERS_PROCESS_EXEC_ARGUMENT_READER_H_

#include "kernel/base/address.h"
#include "servers/process/exec/space_writer.h"
#include "servers/process/exec/string_list.h"
#include "servers/process/user_memory.h"

namespace tine::process {

// Results are 0 or a negated errno.
class ArgumentReader {
 public:
  explicit ArgumentReader(UserMemory& memory) : memory_(memory) {}

  // From here on the lists' arrays are those of `source`.
  void begin(const Mm& source) {
    source_ = &source;
    pointers_.start = strings_.start = Window::kNothing;
  }
  i64 count(StringList& list);
  // Adds the bytes of its strings.
  i64 measure(StringList& list);
  // Takes the first string of the array out of the list.
  i64 drop_first(StringList& list);
  // The strings one after the other to `strings`, their new addresses to
  // `pointers`.
  i64 copy(const StringList& list, SpaceWriter& strings, SpaceWriter& pointers);

 private:
  // A piece of the old program's memory, as read: of one page, and of the size
  // that most arguments have together.
  struct Window {
    static constexpr u64 kBytes = 1024;
    static constexpr u64 kNothing = 1;  // not where a piece starts
    u64 start = kNothing;
    alignas(8) u8 data[kBytes];
  };

  const u8* look(Window& window, u64 address, u64* available);
  i64 read_pointer(u64 address, u64* pointer);
  i64 read_length(u64 address, u64* length);
  i64 copy_string(u64 address, u64 bytes, SpaceWriter& strings);

  UserMemory& memory_;
  const Mm* source_ = nullptr;
  Window pointers_;
  Window strings_;
};

}  // namespace tine::process

#endif  // SERVERS_PROCESS_EXEC_ARGUMENT_READER_H_
