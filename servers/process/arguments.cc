// argv and envp of a new program, read from the old one's memory: counted and
// measured first, then copied, through windows of a page.
#include "servers/linux_abi/errno.h"
#include "servers/process/exec_work.h"
#include "servers/process/process_server.h"

namespace tine::process {

using namespace linux_abi;

namespace {

constexpr u64 kMostPointers = 0x7fff'ffff / sizeof(u64);
constexpr u64 kMostStringBytes = 32 * kPageSize;  // MAX_ARG_STRLEN

// Index of the first zero byte at or after `from`, or `end`; eight at a time.
u64 find_zero(const u8* data, u64 from, u64 end) {
  while (from < end && from % 8 != 0) {
    if (data[from] == 0) return from;
    ++from;
  }
  while (from + 8 <= end) {
    u64 word;
    __builtin_memcpy(&word, data + from, sizeof(word));
    constexpr u64 kOnes = 0x0101'0101'0101'0101;
    const u64 zeros = (word - kOnes) & ~word & (kOnes << 7);
    if (zeros != 0) {
      return from + static_cast<u64>(__builtin_ctzll(zeros)) / 8;
    }
    from += 8;
  }
  while (from < end && data[from] != 0) ++from;
  return from;
}

u64 length_of(const char* text) {
  u64 length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

}  // namespace

// The bytes at `address` up to the end of its page. Null: nothing is there.
const u8* ProcessServer::look(Window& window, u64 address, u64* available) {
  const u64 page = page_round_down(address);
  if (window.start != page) {
    window.start = 1;
    if (read_user(*exec_.source, page, window.data, kPageSize) != 0) {
      return nullptr;
    }
    window.start = page;
  }
  *available = kPageSize - (address - page);
  return window.data + (address - page);
}

i64 ProcessServer::read_pointer(u64 address, u64* pointer) {
  u64 available;
  const u8* data = look(exec_.pointer_window, address, &available);
  if (data == nullptr) return -EFAULT;
  if (available < sizeof(u64)) {
    return read_user(*exec_.source, address, *pointer);
  }
  __builtin_memcpy(pointer, data, sizeof(u64));
  return 0;
}

i64 ProcessServer::string_length(u64 address, u64* length) {
  u64 total = 0;
  for (;;) {
    u64 available;
    Window& window = exec_.string_window;
    const u8* data = look(window, address + total, &available);
    if (data == nullptr) return -EFAULT;
    const u64 from = static_cast<u64>(data - window.data);
    const u64 at = find_zero(window.data, from, kPageSize);
    total += at - from;
    if (total >= kMostStringBytes) return -E2BIG;
    if (at != kPageSize) break;
  }
  *length = total;
  return 0;
}

i64 ProcessServer::count_pointers(StringList& list) {
  list.count = 0;
  if (list.array == 0) return 0;  // Linux takes a null array as empty
  for (;;) {
    u64 pointer;
    const i64 error =
        read_pointer(list.array + list.count * sizeof(u64), &pointer);
    if (error != 0) return error;
    if (pointer == 0) return 0;
    if (++list.count >= kMostPointers) return -E2BIG;
  }
}

i64 ProcessServer::measure(StringList& list) {
  for (u64 i = list.first; i < list.count; ++i) {
    u64 pointer;
    u64 length;
    i64 error = read_pointer(list.array + i * sizeof(u64), &pointer);
    if (error == 0) error = string_length(pointer, &length);
    if (error != 0) return error;
    list.bytes += length + 1;
  }
  return 0;
}

i64 ProcessServer::flush(Mm& mm, SpaceWriter& writer) {
  if (writer.used == 0) return 0;
  const i64 error = write_user(mm, writer.address, writer.buffer, writer.used);
  writer.address += writer.used;
  writer.used = 0;
  return error == 0 ? 0 : -ENOMEM;
}

i64 ProcessServer::emit(Mm& mm, SpaceWriter& writer, const void* from,
                        u64 bytes) {
  const u8* in = static_cast<const u8*>(from);
  while (bytes != 0) {
    if (writer.used == sizeof(writer.buffer)) {
      if (const i64 error = flush(mm, writer); error != 0) return error;
    }
    const u64 room = sizeof(writer.buffer) - writer.used;
    const u64 count = bytes < room ? bytes : room;
    __builtin_memcpy(writer.buffer + writer.used, in, count);
    writer.used += count;
    in += count;
    bytes -= count;
  }
  return 0;
}

// The strings one after the other to `strings`, their new addresses to
// `pointers`.
i64 ProcessServer::emit_strings(Mm& mm, const StringList& list,
                                SpaceWriter& strings, SpaceWriter& pointers) {
  i64 error = 0;
  for (u64 i = 0; i < list.fixed_count && error == 0; ++i) {
    error = emit_word(mm, pointers, strings.address + strings.used);
    if (error == 0) {
      error = emit(mm, strings, list.fixed[i], length_of(list.fixed[i]) + 1);
    }
  }
  // Were the old program's memory to change meanwhile, no more than was
  // measured is copied.
  u64 left = list.bytes;
  for (u64 i = list.first; i < list.count && error == 0; ++i) {
    u64 pointer;
    u64 length;
    error = read_pointer(list.array + i * sizeof(u64), &pointer);
    if (error == 0) error = string_length(pointer, &length);
    if (error == 0 && length + 1 > left) error = -EFAULT;
    if (error != 0) break;
    left -= length + 1;
    error = emit_word(mm, pointers, strings.address + strings.used);
    for (u64 rest = length + 1; rest != 0 && error == 0;) {
      u64 available;
      const u8* data = look(exec_.string_window, pointer, &available);
      if (data == nullptr) return -EFAULT;
      const u64 count = rest < available ? rest : available;
      error = emit(mm, strings, data, count);
      pointer += count;
      rest -= count;
    }
  }
  return error != 0 ? error : emit_word(mm, pointers, 0);
}

}  // namespace tine::process
