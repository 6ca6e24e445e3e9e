// GDT, IDT and TSS of the CPU.
#ifndef ARCH_X86_64_DESCRIPTOR_TABLES_H_
#define ARCH_X86_64_DESCRIPTOR_TABLES_H_

#include "arch/hw/trap_frame_offsets.h"
#include "kernel/base/types.h"

namespace tine::hw {

// SDM 3A figure 8-11. rsp0 is the end of the current thread's frame, kept so
// by resume_thread in entry.S.
struct [[gnu::packed]] TaskState {
  u32 reserved0;
  u64 rsp[3];
  u64 reserved1;
  u64 ist[7];
  u64 reserved2;
  u16 reserved3;
  u16 io_map_base;  // beyond the limit: no ports for user mode
};
static_assert(sizeof(TaskState) == 104);
static_assert(__builtin_offsetof(TaskState, rsp) == TSS_RSP0);

extern "C" TaskState cpu_task_state;

// Loads all three; exceptions can be taken from here on.
void descriptor_tables_init();

}  // namespace tine::hw

#endif  // ARCH_X86_64_DESCRIPTOR_TABLES_H_
