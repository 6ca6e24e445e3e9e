// Entered as a hypervisor: give all of it away and go down to EL1.
.section .text.boot, "ax", %progbits

// SCTLR_EL1 with the MMU and caches off: its reserved-one bits.
#define SCTLR_OFF 0x30d00800

.global drop_to_el1
drop_to_el1:  // returns at EL1; keeps x19 to x30
  mov x0, #(1 << 31)            // HCR_EL2.RW: EL1 is AArch64,
  orr x0, x0, #(3 << 40)        // API, APK: pointer authentication not trapped
  msr hcr_el2, x0
  mov x0, #3                    // physical counter and timer not trapped
  msr cnthctl_el2, x0
  msr cntvoff_el2, xzr
  mov x0, #0x33ff               // FP not trapped; SVE and SME are, after EL1's
  msr cptr_el2, x0              // own trap
  msr hstr_el2, xzr
  msr vttbr_el2, xzr
  mrs x0, midr_el1
  msr vpidr_el2, x0
  mrs x0, mpidr_el1
  msr vmpidr_el2, x0

  mov x1, xzr                   // MDCR_EL2: no traps; HPMN, all event counters
  mrs x0, id_aa64dfr0_el1       // are EL1's, else they do not count
  ubfx x0, x0, #8, #4
  add x0, x0, #1                // PMUVer: 0 and 15 mean no PMU
  and x0, x0, #15
  cmp x0, #1
  b.ls 1f
  mrs x0, pmcr_el0
  ubfx x1, x0, #11, #5          // N
1:
  msr mdcr_el2, x1

  mrs x0, id_aa64pfr0_el1
  ubfx x0, x0, #24, #4          // GIC: system registers exist
  cbz x0, 2f
  mrs x0, s3_4_c12_c9_5         // ICC_SRE_EL2: SRE, and Enable for EL1
  orr x0, x0, #1
  orr x0, x0, #8
  msr s3_4_c12_c9_5, x0
  isb
  msr s3_4_c12_c11_0, xzr       // ICH_HCR_EL2
2:
  mrs x0, id_aa64mmfr0_el1
  ubfx x0, x0, #56, #4          // FGT: fine-grained traps, all off
  cbz x0, 3f
  msr s3_4_c1_c1_4, xzr         // HFGRTR_EL2
  msr s3_4_c1_c1_5, xzr         // HFGWTR_EL2
  msr s3_4_c1_c1_6, xzr         // HFGITR_EL2
  msr s3_4_c3_c1_4, xzr         // HDFGRTR_EL2
  msr s3_4_c3_c1_5, xzr         // HDFGWTR_EL2
3:
  movz x0, #(SCTLR_OFF >> 16), lsl #16
  movk x0, #(SCTLR_OFF & 0xffff)
  msr sctlr_el1, x0
  mov x0, #0x3c5                // EL1h, all exceptions masked
  msr spsr_el2, x0
  msr elr_el2, x30
  eret

.section .note.GNU-stack, "", %progbits
