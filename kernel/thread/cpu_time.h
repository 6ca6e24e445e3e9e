// CPU time of managed threads. Servers run on the slice of the thread that
// called them (A20), so all time from the moment a managed thread is dispatched
// to the moment another one is belongs to it: the clock is read at these
// moments only, and no trap costs anything.
//
// How much of it was the program's own and how much was served is sampled: at
// each interrupt of the timer, by what was interrupted. What is charged is
// split in the ratio of the samples, as Linux does with its ticks.
#ifndef KERNEL_THREAD_CPU_TIME_H_
#define KERNEL_THREAD_CPU_TIME_H_

#include "kernel/thread/per_cpu.h"

namespace tine {

// Charges what has passed to the thread whose time it is.
void charge_cpu_time(PerCpu& cpu);
// `thread`, a managed one, is dispatched in the place of another.
void start_cpu_time(PerCpu& cpu, Thread& thread);
// Between the two the CPU has nothing to do: nobody's time. What wakes it up is
// the business of whoever ran last.
void pause_cpu_time(PerCpu& cpu);
void resume_cpu_time(PerCpu& cpu);
// A timer's interrupt came while the CPU was not idle.
void sample_cpu_time(PerCpu& cpu);
// The thread goes away.
void forget_cpu_time(Thread& thread);

}  // namespace tine

#endif  // KERNEL_THREAD_CPU_TIME_H_
