// Builds flattened device trees for tests.
#ifndef ARCH_AARCH64_TREE_BUILDER_H_
#define ARCH_AARCH64_TREE_BUILDER_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace tine::hw {

class TreeBuilder {
 public:
  static constexpr uint32_t kHeaderBytes = 40;

  TreeBuilder& begin(const std::string& name) {
    put(structure_, 1);
    put_text(structure_, name);
    return align();
  }
  TreeBuilder& end() {
    put(structure_, 2);
    return *this;
  }
  TreeBuilder& text(const std::string& name, const std::string& value) {
    std::vector<uint8_t> bytes(value.begin(), value.end());
    bytes.push_back(0);
    return bytes_property(name, bytes);
  }
  TreeBuilder& cells(const std::string& name,
                     std::initializer_list<uint32_t> values) {
    std::vector<uint8_t> bytes;
    for (const uint32_t value : values) put(bytes, value);
    return bytes_property(name, bytes);
  }
  TreeBuilder& empty(const std::string& name) {
    return bytes_property(name, {});
  }
  TreeBuilder& reserve(uint64_t base, uint64_t bytes) {
    for (const uint64_t value : {base, bytes}) {
      put(reservations_, static_cast<uint32_t>(value >> 32));
      put(reservations_, static_cast<uint32_t>(value));
    }
    return *this;
  }

  // Header, reservations, structure, strings.
  std::vector<uint8_t> build() const {
    std::vector<uint8_t> reservations = reservations_;
    reservations.resize(reservations.size() + 16);
    std::vector<uint8_t> structure = structure_;
    put(structure, 9);
    const auto at_reservations = kHeaderBytes;
    const auto at_structure =
        at_reservations + static_cast<uint32_t>(reservations.size());
    const auto at_strings =
        at_structure + static_cast<uint32_t>(structure.size());
    const auto total = at_strings + static_cast<uint32_t>(strings_.size());
    std::vector<uint8_t> blob;
    for (const uint32_t value :
         {0xd00dfeedu, total, at_structure, at_strings, at_reservations, 17u,
          16u, 0u, static_cast<uint32_t>(strings_.size()),
          static_cast<uint32_t>(structure.size())}) {
      put(blob, value);
    }
    for (const auto* part :
         {&std::as_const(reservations), &std::as_const(structure), &strings_}) {
      blob.insert(blob.end(), part->begin(), part->end());
    }
    return blob;
  }

 private:
  static void put(std::vector<uint8_t>& to, uint32_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      to.push_back(static_cast<uint8_t>(value >> shift));
    }
  }
  static void put_text(std::vector<uint8_t>& to, const std::string& value) {
    to.insert(to.end(), value.begin(), value.end());
    to.push_back(0);
  }
  TreeBuilder& align() {
    structure_.resize((structure_.size() + 3) / 4 * 4);
    return *this;
  }
  TreeBuilder& bytes_property(const std::string& name,
                              const std::vector<uint8_t>& value) {
    put(structure_, 3);
    put(structure_, static_cast<uint32_t>(value.size()));
    put(structure_, static_cast<uint32_t>(strings_.size()));
    put_text(strings_, name);
    structure_.insert(structure_.end(), value.begin(), value.end());
    return align();
  }

  std::vector<uint8_t> reservations_;
  std::vector<uint8_t> structure_;
  std::vector<uint8_t> strings_;
};

}  // namespace tine::hw

#endif  // ARCH_AARCH64_TREE_BUILDER_H_
