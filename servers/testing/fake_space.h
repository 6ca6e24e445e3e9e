// An address space or an object of the fake kernel: a map of pages.
#ifndef SERVERS_TESTING_FAKE_SPACE_H_
#define SERVERS_TESTING_FAKE_SPACE_H_

#include <array>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "kernel/abi/batch.h"
#include "kernel/abi/message.h"
#include "kernel/abi/status.h"
#include "kernel/base/address.h"

namespace tine {

struct FakeSpace {
  using Page = std::array<u8, kPageSize>;
  u64 badge = 0;
  std::map<u64, std::shared_ptr<Page>> pages;  // by number
  std::set<u64> lazy;   // pages that the memory server makes when asked
  bool sparse = false;  // what has no page reads as zeros, and gets one
  u64 size = 0;         // as the memory server was told

  static u64 page_of(u64 address) { return address >> kPageShift; }
  void populate(u64 page) { pages[page] = std::make_shared<Page>(); }
  // Its page is made as needed.
  u8& byte(u64 address);
  void write(u64 address, const void* from, u64 bytes);
  // As far as there are pages.
  std::string read(u64 address, u64 bytes) const;
  // Takes whole pages of [from, to) away and makes zeros of the rest.
  void clear(u64 from, u64 to);
  // The same contents in pages of its own.
  std::map<u64, std::shared_ptr<Page>> copy_of_pages() const;
};

// NativeOp::kCopy with these words between two spaces; null is this process's
// own memory. Pages that are not there fault, except in a sparse one.
void copy_between(u64 (&words)[kMessageWords], FakeSpace* to, FakeSpace* from);

}  // namespace tine

#endif  // SERVERS_TESTING_FAKE_SPACE_H_
