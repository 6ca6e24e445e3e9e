// The three facts the kernel takes from ACPI: APICs, CPUs, HPET.
#ifndef ARCH_X86_64_ACPI_H_
#define ARCH_X86_64_ACPI_H_

#include "arch/x86_64/machine.h"
#include "arch/x86_64/memory_view.h"

namespace tine::hw {

// Fills in what the tables reached from the RSDP say (ACPI 6.5 chapter 5.2).
// Tables that are damaged or out of reach leave the defaults in place.
void acpi_parse(const MemoryView& memory, u64 rsdp, Machine& machine);

}  // namespace tine::hw

#endif  // ARCH_X86_64_ACPI_H_
