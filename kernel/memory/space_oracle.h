// What spaces must look like to those who use them: a map of pages.
#ifndef KERNEL_MEMORY_SPACE_ORACLE_H_
#define KERNEL_MEMORY_SPACE_ORACLE_H_

#include <array>
#include <map>
#include <memory>

#include "kernel/memory/space.h"

namespace tine {

// Some bytes of a page, at offsets i * 509.
using PageContent = std::array<u8, 8>;
constexpr u64 content_offset(unsigned i) { return i * u64{509}; }

struct OraclePage {
  bool mark = false;
  u8 rights = 0;
  bool shared = false;
  // Shared pages: one content for all. Private pages: replaced, never written.
  std::shared_ptr<PageContent> content;
};

// One space of it. Page numbers are the keys.
class OracleSpace {
 public:
  explicit OracleSpace(SpaceKind kind) : kind_(kind) {}

  void mark(u64 page, u64 count, u8 rights) {
    for (u64 i = 0; i < count; ++i) {
      pages_[page + i] = {true, rights, false, nullptr};
    }
  }
  void unmap(u64 page, u64 count) {
    pages_.erase(pages_.lower_bound(page), pages_.lower_bound(page + count));
  }
  void protect(u64 page, u64 count, u8 rights) {
    const auto end = pages_.lower_bound(page + count);
    for (auto it = pages_.lower_bound(page); it != end; ++it) {
      it->second.rights = rights;
    }
  }
  void populate(u64 page, u8 rights) {
    pages_[page] = {false, rights, kind_ == SpaceKind::kObject,
                    std::make_shared<PageContent>()};
  }
  bool can_map(u64 page, MapMode mode) const {
    const OraclePage* const found = find(page);
    if (found == nullptr) return false;
    if (!found->mark) return true;
    return copies_mark(*found, mode) || found->rights != 0;
  }
  // `can_map` holds.
  void map(u64 page, OracleSpace& source, u64 source_page, u8 rights,
           MapMode mode) {
    OraclePage& from = source.pages_[source_page];
    if (from.mark && source.copies_mark(from, mode)) {
      mark(page, 1, rights);
      return;
    }
    source.materialise(source_page);
    if (mode == MapMode::kShared && !from.shared) source.share(source_page);
    pages_[page] = {false, rights, mode == MapMode::kShared, from.content};
  }
  // A private page becomes shared in place.
  void share(u64 page) {
    OraclePage& from = pages_[page];
    from.content = std::make_shared<PageContent>(*from.content);
    from.shared = true;
  }
  void materialise(u64 page) {
    if (pages_[page].mark) populate(page, pages_[page].rights);
  }
  void store(u64 page, unsigned i, u8 value) {
    materialise(page);
    OraclePage& at = pages_[page];
    if (!at.shared) at.content = std::make_shared<PageContent>(*at.content);
    (*at.content)[i] = value;
  }

  OraclePage* find(u64 page) {
    const auto found = pages_.find(page);
    return found == pages_.end() ? nullptr : &found->second;
  }
  const OraclePage* find(u64 page) const {
    return const_cast<OracleSpace*>(this)->find(page);
  }
  bool writable(u64 page) const {
    const OraclePage* const found = find(page);
    return found != nullptr && (found->rights & kWrite) != 0;
  }
  bool readable(u64 page) const {
    const OraclePage* const found = find(page);
    return found != nullptr && found->rights != 0;
  }
  u64 rss() const {
    u64 count = 0;
    for (const auto& [page, content] : pages_) count += !content.mark;
    return count;
  }
  SpaceKind kind() const { return kind_; }
  const std::map<u64, OraclePage>& pages() const { return pages_; }

 private:
  bool copies_mark(const OraclePage& page, MapMode mode) const {
    return page.mark && mode == MapMode::kPrivate &&
           kind_ == SpaceKind::kLoadable;
  }

  SpaceKind kind_;
  std::map<u64, OraclePage> pages_;
};

}  // namespace tine

#endif  // KERNEL_MEMORY_SPACE_ORACLE_H_
