#include "arch/aarch64/device_tree.h"

namespace tine::hw {
namespace {

constexpr unsigned kMaxDepth = 16;
constexpr unsigned kMaxUarts = 4;

// The properties of one node that matter to any node.
struct Node {
  FdtBytes name;
  FdtBytes compatible, device_type, reg, status, interrupts, method;
  FdtBytes bootargs, initrd_start, initrd_end, stdout_path;
  // How the children's reg is read. Defaults: specification 2.3.5.
  u32 address_cells = 2;
  u32 size_cells = 1;
  u32 interrupt_cells = 0;
  // Children's addresses are physical: the root, or a bus that maps 1:1.
  bool physical = false;
  bool finished = false;
};

struct Uart {
  FdtBytes name;
  MachineRange registers;
  FdtBytes interrupts;
};

class Reader {
 public:
  explicit Reader(Machine& machine) : machine_(machine) {}

  const char* read(Fdt& tree);

 private:
  const char* property(FdtBytes name, FdtBytes value);
  const char* finish(unsigned depth);
  const char* conclude();
  const char* memory(const Node& node, const Node& parent);
  const char* chosen(const Node& node);
  void controller(const Node& node, const Node& parent, Gic version);
  bool range(const Node& node, const Node& parent, u32 index,
             MachineRange& result) const;
  u32 line(FdtBytes interrupts, u32 index) const;
  const Uart& console() const;

  Machine& machine_;
  Node nodes_[kMaxDepth];
  unsigned depth_ = 0;  // of the open node, plus one
  FdtBytes timer_interrupts_;
  FdtBytes stdout_path_;
  u32 interrupt_cells_ = 3;
  Uart uarts_[kMaxUarts];
  unsigned uart_count_ = 0;
};

bool usable(const Node& node) {
  return !node.status.exists() || node.status.equals("okay") ||
         node.status.equals("ok");
}

const char* append(MachineRange* ranges, unsigned& count, MachineRange range) {
  if (range.bytes == 0) return nullptr;
  if (range.base + range.bytes < range.base) {
    return "device tree: memory range wraps around";
  }
  if (count == Machine::kMaxRanges) return "device tree: too many ranges";
  ranges[count++] = range;
  return nullptr;
}

const char* Reader::read(Fdt& tree) {
  MachineRange range;
  for (u32 i = 0; tree.reservation(i, range.base, range.bytes); ++i) {
    const char* error =
        append(machine_.reserved, machine_.reserved_count, range);
    if (error != nullptr) return error;
  }
  for (;;) {
    const char* error = nullptr;
    switch (tree.next()) {
      case FdtToken::kBeginNode:
        if (depth_ > 0) error = finish(depth_ - 1);
        if (depth_ == kMaxDepth) return "device tree: nested too deep";
        nodes_[depth_] = Node{};
        nodes_[depth_].name = tree.name();
        nodes_[depth_].physical = depth_ == 0;
        ++depth_;
        break;
      case FdtToken::kProperty:
        if (depth_ == 0) return "device tree: malformed";
        error = property(tree.name(), tree.value());
        break;
      case FdtToken::kEndNode:
        if (depth_ == 0) return "device tree: malformed";
        --depth_;
        error = finish(depth_);
        break;
      case FdtToken::kEnd:
        return depth_ == 0 ? conclude() : "device tree: malformed";
      case FdtToken::kMalformed:
        return "device tree: malformed";
    }
    if (error != nullptr) return error;
  }
}

const char* Reader::property(FdtBytes name, FdtBytes value) {
  Node& node = nodes_[depth_ - 1];
  // Properties precede subnodes (5.4.2).
  if (node.finished) return "device tree: property after a subnode";
  const struct {
    const char* name;
    FdtBytes* value;
  } kept[] = {
      {"compatible", &node.compatible},
      {"device_type", &node.device_type},
      {"reg", &node.reg},
      {"status", &node.status},
      {"interrupts", &node.interrupts},
      {"method", &node.method},
      {"bootargs", &node.bootargs},
      {"linux,initrd-start", &node.initrd_start},
      {"linux,initrd-end", &node.initrd_end},
      {"stdout-path", &node.stdout_path},
  };
  for (const auto& each : kept) {
    if (name.equals(each.name)) *each.value = value;
  }
  if (name.equals("#address-cells")) node.address_cells = value.cell(0);
  if (name.equals("#size-cells")) node.size_cells = value.cell(0);
  if (name.equals("#interrupt-cells")) node.interrupt_cells = value.cell(0);
  if (name.equals("ranges") && depth_ > 1) {
    node.physical = value.size == 0 && nodes_[depth_ - 2].physical;
  }
  if (node.address_cells > 3 || node.size_cells > 2) {
    return "device tree: addresses of too many cells";
  }
  return nullptr;
}

// Once all properties of a node are known.
const char* Reader::finish(unsigned depth) {
  Node& node = nodes_[depth];
  if (node.finished) return nullptr;
  node.finished = true;
  if (depth == 0) return nullptr;
  const Node& parent = nodes_[depth - 1];
  if (depth == 1 && node.name.equals("chosen")) return chosen(node);
  if (!usable(node)) return nullptr;
  if (node.device_type.equals("cpu")) ++machine_.cpu_count;
  if (node.device_type.equals("memory")) return memory(node, parent);
  if (depth == 2 && parent.name.equals("reserved-memory")) {
    MachineRange found;
    for (u32 i = 0; range(node, parent, i, found); ++i) {
      const char* error =
          append(machine_.reserved, machine_.reserved_count, found);
      if (error != nullptr) return error;
    }
    return nullptr;
  }
  const FdtBytes compatible = node.compatible;
  if (compatible.lists("arm,psci-0.2") || compatible.lists("arm,psci-1.0")) {
    if (node.method.equals("hvc")) machine_.psci = Psci::kHvc;
    if (node.method.equals("smc")) machine_.psci = Psci::kSmc;
  } else if (compatible.lists("arm,armv8-timer")) {
    timer_interrupts_ = node.interrupts;
  } else if (compatible.lists("arm,gic-v3")) {
    controller(node, parent, Gic::kV3);
  } else if (compatible.lists("arm,cortex-a15-gic") ||
             compatible.lists("arm,gic-400")) {
    controller(node, parent, Gic::kV2);
  } else if (compatible.lists("arm,pl031")) {
    (void)range(node, parent, 0, machine_.real_time_clock);
  } else if (compatible.lists("arm,pl011") && uart_count_ < kMaxUarts) {
    Uart& uart = uarts_[uart_count_];
    uart.name = node.name;
    uart.interrupts = node.interrupts;
    if (range(node, parent, 0, uart.registers)) ++uart_count_;
  }
  return nullptr;
}

const char* Reader::memory(const Node& node, const Node& parent) {
  MachineRange found;
  for (u32 i = 0; range(node, parent, i, found); ++i) {
    const char* error = append(machine_.memory, machine_.memory_count, found);
    if (error != nullptr) return error;
  }
  return nullptr;
}

const char* Reader::chosen(const Node& node) {
  const u32 limit = Machine::kCommandLineBytes - 1;
  u32 length = 0;
  for (; length < node.bootargs.size && length < limit; ++length) {
    machine_.command_line[length] =
        static_cast<char>(node.bootargs.data[length]);
    if (node.bootargs.data[length] == 0) break;
  }
  machine_.command_line[length] = '\0';
  stdout_path_ = node.stdout_path;
  // Of one or two cells, as the loader likes.
  const FdtBytes begin = node.initrd_start;
  const FdtBytes end = node.initrd_end;
  if (begin.exists() != end.exists()) return "device tree: half an initrd";
  machine_.initrd_begin = begin.number(0, begin.cells());
  machine_.initrd_end = end.number(0, end.cells());
  if (machine_.initrd_begin > machine_.initrd_end) {
    return "device tree: initrd ends before it begins";
  }
  return nullptr;
}

void Reader::controller(const Node& node, const Node& parent, Gic version) {
  if (machine_.gic != Gic::kNone || node.interrupt_cells < 3 ||
      !range(node, parent, 0, machine_.distributor) ||
      !range(node, parent, 1, machine_.cpu_interface)) {
    return;
  }
  machine_.gic = version;
  interrupt_cells_ = node.interrupt_cells;
}

// The index-th range of a node's reg, if it has one and it is physical.
bool Reader::range(const Node& node, const Node& parent, u32 index,
                   MachineRange& result) const {
  const u32 step = parent.address_cells + parent.size_cells;
  if (!parent.physical || step == 0 || index >= node.reg.cells() / step) {
    return false;
  }
  const u32 at = index * step;
  result.base = node.reg.number(at, parent.address_cells);
  result.bytes = node.reg.number(at + parent.address_cells, parent.size_cells);
  return true;
}

// The GIC's number of a node's index-th interrupt; 0, which no device has, if
// there is none. Cells: type, number within it, flags.
u32 Reader::line(FdtBytes interrupts, u32 index) const {
  constexpr u32 kShared = 0;
  constexpr u32 kPrivate = 1;
  const u32 at = index * interrupt_cells_;
  if (at + 2 >= interrupts.cells()) return 0;
  const u32 type = interrupts.cell(at);
  const u32 number = interrupts.cell(at + 1);
  if (type == kShared && number < 988) return number + 32;
  if (type == kPrivate && number < 16) return number + 16;
  return 0;
}

// The one that stdout-path names ("/pl011@9000000:options"), else the first.
const Uart& Reader::console() const {
  for (unsigned i = 0; i < uart_count_; ++i) {
    const FdtBytes name = uarts_[i].name;
    for (u32 at = 0; at + name.size <= stdout_path_.size; ++at) {
      u32 same = 0;
      while (same < name.size &&
             stdout_path_.data[at + same] == name.data[same]) {
        ++same;
      }
      if (same == name.size && name.size != 0) return uarts_[i];
    }
  }
  return uarts_[0];
}

// Registers that the kernel can map: below its limit, and not too many.
bool is_device(MachineRange range) {
  constexpr u64 kLimit = u64{1} << 44;  // kPhysMapBytes
  constexpr u64 kMaxBytes = 64 << 20;
  return range.bytes != 0 && range.bytes <= kMaxBytes &&
         range.base <= kLimit - kMaxBytes;
}

const char* Reader::conclude() {
  if (machine_.memory_count == 0) return "device tree: no memory";
  if (machine_.gic == Gic::kNone) return "device tree: no GICv2 or GICv3";
  if (uart_count_ == 0) return "device tree: no PL011";
  const Uart& uart = console();
  machine_.uart = uart.registers;
  if (!is_device(machine_.uart) || !is_device(machine_.distributor) ||
      !is_device(machine_.cpu_interface)) {
    return "device tree: registers out of range";
  }
  // One that cannot be used is none.
  if (!is_device(machine_.real_time_clock)) machine_.real_time_clock = {};
  machine_.uart_line = line(uart.interrupts, 0);
  if (machine_.uart_line == 0) return "device tree: no interrupt of the UART";
  // Secure, physical, virtual, hypervisor.
  machine_.timer_line = line(timer_interrupts_, 2);
  if (machine_.timer_line == 0) return "device tree: no virtual timer";
  if (machine_.cpu_count == 0) machine_.cpu_count = 1;
  return nullptr;
}

}  // namespace

const char* read_device_tree(const u8* blob, u32 bytes, Machine& machine) {
  Fdt tree;
  if (!tree.open(blob, bytes)) return "device tree: none, or damaged";
  machine = Machine{};
  return Reader(machine).read(tree);
}

}  // namespace tine::hw
