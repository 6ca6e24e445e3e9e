// A filter of system calls: a classic BPF program that has been checked.
#ifndef SERVERS_PROCESS_SECCOMP_FILTER_H_
#define SERVERS_PROCESS_SECCOMP_FILTER_H_

#include "servers/linux_abi/seccomp.h"

namespace tine::process {

// Programs are short most of the time, and their memory comes in pieces.
struct FilterPiece {
  static constexpr u32 kInstructions = 64;
  linux_abi::FilterInstruction instructions[kInstructions];
};

// Threads hold the newest of their filters, each filter the one before it.
struct SeccompFilter {
  static constexpr u32 kPieces =
      linux_abi::kMostFilterInstructions / FilterPiece::kInstructions;

  u32 holders = 1;
  u32 length = 0;  // instructions
  u32 path = 0;    // of this and all before it, with penalties
  bool reads_pc = false;
  SeccompFilter* previous = nullptr;
  FilterPiece* pieces[kPieces] = {};

  const linux_abi::FilterInstruction& at(u32 index) const {
    return pieces[index / FilterPiece::kInstructions]
        ->instructions[index % FilterPiece::kInstructions];
  }
};

// Whether Linux would take the program (bpf_check_classic(),
// seccomp_check_filter()). Notes whether it looks at the pc.
bool check_filter(SeccompFilter& filter);

// What the program answers. It ends: all jumps go forwards.
u32 run_filter(const SeccompFilter& filter, const linux_abi::SeccompData& data);

// The answers of all filters from `newest` on: the most severe one, of equal
// ones the newest's.
u32 run_filters(const SeccompFilter* newest,
                const linux_abi::SeccompData& data);

}  // namespace tine::process

#endif  // SERVERS_PROCESS_SECCOMP_FILTER_H_
