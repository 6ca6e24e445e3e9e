#include "servers/testing/fake_space.h"

namespace tine {

u8& FakeSpace::byte(u64 address) {
  auto found = pages.find(page_of(address));
  if (found == pages.end()) {
    populate(page_of(address));
    found = pages.find(page_of(address));
  }
  return (*found->second)[address & kPageMask];
}

void FakeSpace::write(u64 address, const void* from, u64 bytes) {
  for (u64 i = 0; i < bytes; ++i) {
    byte(address + i) = static_cast<const u8*>(from)[i];
  }
}

std::string FakeSpace::read(u64 address, u64 bytes) const {
  std::string text;
  for (u64 i = 0; i < bytes; ++i, ++address) {
    const auto page = pages.find(page_of(address));
    if (page == pages.end()) break;
    text += static_cast<char>((*page->second)[address & kPageMask]);
  }
  return text;
}

void FakeSpace::clear(u64 from, u64 to) {
  std::erase_if(pages, [&](const auto& page) {
    return page.first << kPageShift >= from &&
           (page.first + 1) << kPageShift <= to;
  });
  for (auto& [number, page] : pages) {
    for (u64 i = 0; i < kPageSize; ++i) {
      const u64 at = (number << kPageShift) + i;
      if (at >= from && at < to) (*page)[i] = 0;
    }
  }
}

std::map<u64, std::shared_ptr<FakeSpace::Page>> FakeSpace::copy_of_pages()
    const {
  std::map<u64, std::shared_ptr<Page>> copies;
  for (const auto& [number, page] : pages) {
    copies[number] = std::make_shared<Page>(*page);
  }
  return copies;
}

void copy_between(u64 (&words)[kMessageWords], FakeSpace* to, FakeSpace* from) {
  static u8 zero;
  const auto byte_at = [](FakeSpace* space, u64 address, bool writes) -> u8* {
    if (space == nullptr) return reinterpret_cast<u8*>(address);
    if (!space->pages.contains(FakeSpace::page_of(address))) {
      if (!space->sparse) return nullptr;
      zero = 0;
      if (!writes) return &zero;
    }
    return &space->byte(address);
  };
  const u64 to_address = words[1];
  const u64 from_address = words[3];
  const u64 bytes = words[4];
  Status status = bytes > kMaxCopyBytes ? Status::kTooLarge : Status::kOk;
  u64 done = 0;
  while (status == Status::kOk && done < bytes) {
    u8* target = byte_at(to, to_address + done, true);
    u8* source = byte_at(from, from_address + done, false);
    if (target != nullptr && source != nullptr) {
      *target = *source;
      ++done;
      continue;
    }
    status = Status::kFault;
    words[2] = (target == nullptr ? to_address : from_address) + done;
    words[3] = (target == nullptr ? to : from)->badge;
  }
  words[0] = static_cast<u64>(static_cast<i64>(status));
  words[1] = done;
}

}  // namespace tine
