#include "servers/vfs/open/device_files.h"

#include "servers/linux_abi/errno.h"
#include "servers/vfs/call.h"

namespace tine::vfs {

using namespace linux_abi;

namespace {

i64 take_all(Transfer& from) {
  const u64 bytes = from.left();
  from.skip(bytes);
  return static_cast<i64>(bytes);
}

}  // namespace

i64 DeviceFile::seek(OpenFile& file, i64, i32) {
  file.offset = 0;
  return 0;
}

i64 NullFile::read(Call&, OpenFile&, Transfer&, u64&) { return 0; }

i64 NullFile::write(Call&, OpenFile&, Transfer& from, u64&) {
  return take_all(from);
}

i64 ZeroFile::read(Call&, OpenFile&, Transfer& to, u64&) {
  return moved(to, to.put_zeros(to.left()));
}

i64 ZeroFile::write(Call&, OpenFile&, Transfer& from, u64&) {
  return take_all(from);
}

i64 FullFile::read(Call&, OpenFile&, Transfer& to, u64&) {
  return moved(to, to.put_zeros(to.left()));
}

i64 FullFile::write(Call&, OpenFile&, Transfer&, u64&) { return -ENOSPC; }

i64 RandomFile::read(Call&, OpenFile&, Transfer& to, u64&) {
  u8 some[256];
  random_.seed(sys::clock_ns());
  u64 done = 0;
  while (to.left() != 0 && !to.has_failed()) {
    random_.fill(some, sizeof(some));
    done += to.put(some, sizeof(some));
  }
  return moved(to, done);
}

i64 RandomFile::ioctl(Call& call, OpenFile&, u32 request, u64 argument) {
  constexpr u32 kGetEntropy = 0x80045200;  // RNDGETENTCNT
  constexpr i32 kBits = 256;
  return request == kGetEntropy ? call.user.put(argument, kBits) : -ENOTTY;
}

i64 RandomFile::write(Call&, OpenFile&, Transfer& from, u64&) {
  u64 done = 0;
  while (from.left() != 0 && !from.has_failed()) {
    u64 value = 0;
    done += from.get(&value, sizeof(value));
    random_.seed(value);
  }
  return moved(from, done);
}

}  // namespace tine::vfs
