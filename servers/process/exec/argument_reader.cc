#include "servers/process/exec/argument_reader.h"

#include "servers/linux_abi/errno.h"

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

}  // namespace

// The bytes at `address` up to the window's end. Null: nothing is there.
const u8* ArgumentReader::look(Window& window, u64 address, u64* available) {
  const u64 offset = address % Window::kBytes;
  const u64 start = address - offset;
  if (window.start != start) {
    window.start = Window::kNothing;
    if (memory_.read(*source_, start, window.data, Window::kBytes) != 0) {
      return nullptr;
    }
    window.start = start;
  }
  *available = Window::kBytes - offset;
  return window.data + offset;
}

i64 ArgumentReader::read_pointer(u64 address, u64* pointer) {
  u64 available;
  const u8* data = look(pointers_, address, &available);
  if (data == nullptr) return -EFAULT;
  if (available < sizeof(u64)) {
    return memory_.read(*source_, address, *pointer);
  }
  __builtin_memcpy(pointer, data, sizeof(u64));
  return 0;
}

i64 ArgumentReader::read_length(u64 address, u64* length) {
  u64 total = 0;
  for (;;) {
    u64 available;
    const u8* data = look(strings_, address + total, &available);
    if (data == nullptr) return -EFAULT;
    const u64 from = static_cast<u64>(data - strings_.data);
    const u64 at = find_zero(strings_.data, from, Window::kBytes);
    total += at - from;
    if (total >= kMostStringBytes) return -E2BIG;
    if (at != Window::kBytes) break;
  }
  *length = total;
  return 0;
}

i64 ArgumentReader::count(StringList& list) {
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

i64 ArgumentReader::measure(StringList& list) {
  for (u64 i = list.first; i < list.count; ++i) {
    u64 pointer;
    u64 length;
    i64 error = read_pointer(list.array + i * sizeof(u64), &pointer);
    if (error == 0) error = read_length(pointer, &length);
    if (error != 0) return error;
    list.bytes += length + 1;
  }
  return 0;
}

i64 ArgumentReader::drop_first(StringList& list) {
  u64 pointer;
  u64 length;
  i64 error = read_pointer(list.array, &pointer);
  if (error == 0) error = read_length(pointer, &length);
  if (error != 0) return error;
  list.bytes -= length + 1;
  list.first = 1;
  return 0;
}

i64 ArgumentReader::copy_string(u64 address, u64 bytes, SpaceWriter& strings) {
  while (bytes != 0) {
    u64 available;
    const u8* data = look(strings_, address, &available);
    if (data == nullptr) return -EFAULT;
    const u64 count = bytes < available ? bytes : available;
    if (const i64 error = strings.write(data, count); error != 0) return error;
    address += count;
    bytes -= count;
  }
  return 0;
}

i64 ArgumentReader::copy(const StringList& list, SpaceWriter& strings,
                         SpaceWriter& pointers) {
  i64 error = 0;
  for (u64 i = 0; i < list.fixed_count && error == 0; ++i) {
    error = pointers.write_word(strings.position());
    if (error == 0) {
      error = strings.write(list.fixed[i], length_of(list.fixed[i]) + 1);
    }
  }
  // Were the old program's memory to change meanwhile, no more than was
  // measured is copied.
  u64 left = list.bytes;
  for (u64 i = list.first; i < list.count && error == 0; ++i) {
    u64 pointer;
    u64 length;
    error = read_pointer(list.array + i * sizeof(u64), &pointer);
    if (error == 0) error = read_length(pointer, &length);
    if (error == 0 && length + 1 > left) error = -EFAULT;
    if (error != 0) break;
    left -= length + 1;
    error = pointers.write_word(strings.position());
    if (error == 0) error = copy_string(pointer, length + 1, strings);
  }
  return error != 0 ? error : pointers.write_word(0);
}

}  // namespace tine::process
