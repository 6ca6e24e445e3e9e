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

Status copy_between(Op& op, FakeSpace* to, FakeSpace* from) {
  if (op.e > kMaxCopyBytes) return Status::kTooLarge;
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
  for (op.result = 0; op.result < op.e; ++op.result) {
    u8* target = byte_at(to, op.b + op.result, true);
    u8* source = byte_at(from, op.d + op.result, false);
    if (target == nullptr || source == nullptr) {
      op.a = target == nullptr ? op.b + op.result : op.d + op.result;
      op.b = (target == nullptr ? to : from)->badge;
      return Status::kFault;
    }
    *target = *source;
  }
  return Status::kOk;
}

}  // namespace tine
