#include "servers/vfs/open/transfer.h"

namespace tine::vfs {

using linux_abi::IoVector;

namespace {

alignas(8) constexpr u8 kZeros[4096] = {};

void copy_own(u64 to, u64 from, u64 bytes) {
  __builtin_memcpy(reinterpret_cast<void*>(to),
                   reinterpret_cast<const void*>(from), bytes);
}

}  // namespace

Transfer::Transfer(UserMemory& user, const IoVector* pieces, u64 count)
    : user_(&user), pieces_(pieces), count_(count) {
  for (u64 i = 0; i < count; ++i) left_ += pieces[i].bytes;
}

Transfer::Transfer(UserMemory& user, u64 address, u64 bytes)
    : user_(&user),
      single_{address, bytes},
      pieces_(&single_),
      count_(1),
      left_(bytes) {}

Transfer::Transfer(void* own, u64 bytes)
    : user_(nullptr),
      single_{reinterpret_cast<u64>(own), bytes},
      pieces_(&single_),
      count_(1),
      left_(bytes) {}

template <typename Move>
u64 Transfer::each(u64 bytes, Move&& move) {
  if (bytes > left_) bytes = left_;
  u64 done = 0;
  while (done < bytes && !failed_) {
    if (at_ == pieces_->bytes) {
      ++pieces_;
      --count_;
      at_ = 0;
      continue;
    }
    u64 part = pieces_->bytes - at_;
    if (part > bytes - done) part = bytes - done;
    const u64 moved = move(pieces_->address + at_, done, part);
    failed_ = moved != part;
    done += moved;
    at_ += moved;
  }
  left_ -= done;
  return done;
}

void Transfer::skip(u64 bytes) {
  each(bytes, [](u64, u64, u64 part) { return part; });
}

u64 Transfer::put(const void* from, u64 bytes) {
  const u64 source = reinterpret_cast<u64>(from);
  return each(bytes, [&](u64 address, u64 done, u64 part) {
    if (user_ != nullptr) {
      return user_->out(address, reinterpret_cast<void*>(source + done), part);
    }
    copy_own(address, source + done, part);
    return part;
  });
}

u64 Transfer::get(void* to, u64 bytes) {
  const u64 target = reinterpret_cast<u64>(to);
  return each(bytes, [&](u64 address, u64 done, u64 part) {
    if (user_ != nullptr) {
      return user_->in(address, reinterpret_cast<void*>(target + done), part);
    }
    copy_own(target + done, address, part);
    return part;
  });
}

u64 Transfer::put_object(Handle object, u64 offset, u64 bytes) {
  return each(bytes, [&](u64 address, u64 done, u64 part) {
    return user_ != nullptr
               ? user_->out_of_object(address, object, offset + done, part)
               : sys::copy_in(object, offset + done,
                              reinterpret_cast<void*>(address), part)
                     .done;
  });
}

u64 Transfer::get_object(Handle object, u64 offset, u64 bytes) {
  return each(bytes, [&](u64 address, u64 done, u64 part) {
    return user_ != nullptr
               ? user_->in_to_object(object, offset + done, address, part)
               : sys::copy_out(object, offset + done,
                               reinterpret_cast<void*>(address), part)
                     .done;
  });
}

u64 Transfer::put_zeros(u64 bytes) {
  u64 all = 0;
  while (all < bytes) {
    const u64 part =
        bytes - all < sizeof(kZeros) ? bytes - all : sizeof(kZeros);
    const u64 done = put(kZeros, part);
    all += done;
    if (done != part) break;
  }
  return all;
}

}  // namespace tine::vfs
