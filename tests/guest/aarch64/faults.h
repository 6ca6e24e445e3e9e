// Ways for a program to be killed by its own doing on AArch64.
#ifndef TINE_TESTS_GUEST_AARCH64_FAULTS_H_
#define TINE_TESTS_GUEST_AARCH64_FAULTS_H_

#include <csignal>
#include <cstdint>

#include "tests/guest/fault.h"

namespace tine::guest {

inline const Fault kFaults[] = {
    {"null load", SIGSEGV, [] { (void)*at(0); }},
    {"null store", SIGSEGV, [] { *at(0) = 1; }},
    {"unmapped load", SIGSEGV, [] { (void)*at(0x10'0000'0000); }},
    {"load of the kernel's half", SIGSEGV,
     [] { (void)*at(0xffff'8000'0000'0000); }},
    {"store to the kernel's half", SIGSEGV,
     [] { *at(0xffff'0000'0000'0000) = 1; }},
    {"load of the last byte", SIGSEGV,
     [] { (void)*at(0x00ff'ffff'ffff'ffff); }},
    {"load between the halves", SIGSEGV,
     [] { (void)*at(0x0001'0000'0000'0000); }},
    {"store to code", SIGSEGV,
     [] { *at(reinterpret_cast<uintptr_t>(&jump_to)) = 0; }},
    {"jump to null", SIGSEGV, [] { jump_to(0); }},
    {"jump to the kernel's half", SIGSEGV,
     [] { jump_to(0xffff'0000'0000'0000); }},
    {"jump between two instructions", SIGBUS,
     [] { jump_to(reinterpret_cast<uintptr_t>(&jump_to) + 2); }},
    {"stack pointer gone", SIGSEGV,
     [] {
       __asm__ volatile("mov x9, #0; mov sp, x9; str x0, [sp, #16]" ::
                            : "x9", "memory");
     }},
    {"undefined instruction", SIGILL, [] { __asm__ volatile("udf #0"); }},
    {"privileged instruction", SIGILL,
     [] {
       __asm__ volatile("mrs x0, sctlr_el1" ::: "x0");
     }},
    {"privileged call", SIGILL, [] { __asm__ volatile("hvc #0"); }},
    {"privileged masking", SIGILL, [] { __asm__ volatile("msr daifset, #2"); }},
    {"breakpoint", SIGTRAP, [] { __asm__ volatile("brk #0"); }},
};

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_AARCH64_FAULTS_H_
