// Ways for a program to be killed by its own doing on x86-64.
#ifndef TINE_TESTS_GUEST_X86_64_FAULTS_H_
#define TINE_TESTS_GUEST_X86_64_FAULTS_H_

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
     [] { *at(0xffff'ffff'8000'0000) = 1; }},
    {"load of the last byte", SIGSEGV, [] { (void)*at(UINT64_MAX); }},
    {"load that is not canonical", SIGSEGV,
     [] { (void)*at(0x8000'0000'0000); }},
    {"store to code", SIGSEGV,
     [] { *at(reinterpret_cast<uintptr_t>(&jump_to)) = 0xc3; }},
    {"jump to null", SIGSEGV, [] { jump_to(0); }},
    {"jump to the kernel's half", SIGSEGV,
     [] { jump_to(0xffff'ffff'8000'0000); }},
    {"jump that is not canonical", SIGSEGV, [] { jump_to(0x8000'0000'0000); }},
    {"stack pointer gone", SIGSEGV,
     [] {
       __asm__ volatile("xor %%esp, %%esp; push %%rax" ::: "memory");
     }},
    {"undefined instruction", SIGILL, [] { __asm__ volatile("ud2"); }},
    {"privileged instruction hlt", SIGSEGV, [] { __asm__ volatile("hlt"); }},
    {"privileged instruction cli", SIGSEGV, [] { __asm__ volatile("cli"); }},
    {"port output", SIGSEGV,
     [] { __asm__ volatile("outb %%al, $0x80" ::"a"(0)); }},
    {"read of cr3", SIGSEGV,
     [] {
       __asm__ volatile("mov %%cr3, %%rax" ::: "rax");
     }},
    {"division by zero", SIGFPE,
     [] {
       __asm__ volatile("xor %%ecx, %%ecx; div %%ecx" ::"a"(1), "d"(0)
                        : "ecx", "cc");
     }},
    {"breakpoint", SIGTRAP, [] { __asm__ volatile("int3"); }},
    {"single step", SIGTRAP,
     [] {
       __asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq; nop; nop" ::
                            : "memory", "cc");
     }},
};

}  // namespace tine::guest

#endif  // TINE_TESTS_GUEST_X86_64_FAULTS_H_
