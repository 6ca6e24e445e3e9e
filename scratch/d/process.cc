#include "servers/runtime/server_loop.h"
#include "servers/runtime/server_main.h"
#include "servers/protocol/memory.h"
#include "kernel/abi/debug.h"
namespace tine { 
void num(const char* t, u64 v){ static char b[64]; int n=0; while(*t) b[n++]=*t++; char d[24]; int k=0; do {d[k++]=char('0'+v%10); v/=10;} while(v); while(k) b[n++]=d[--k]; b[n]=0; sys::log(b);}
u64 c(){ return sys::clock_ns(); }
void server_main(){ sys::log("process up");
 auto m = sys::call(kCallMemory, sys::make_message(MemoryLabel::kMemoryInfo));
 num("info free ", m.words[1]); num("total ", m.words[2]);
 m = sys::call(kCallVfs, sys::make_message(1)); num("vfs says ", m.words[0]);
 m = sys::call(kCallMemory, sys::make_message(MemoryLabel::kMmNew, 100)); num("mm ", m.words[1]); num("res ", m.words[0]);
 for(int i=0;i<3;i++){ u64 a=c(); u64 z=c(); sys::call(kCallMemory, sys::make_message(MemoryLabel::kDrain)); u64 b=c(); num("ipc rt ", b-z-(z-a)); num("clock ", z-a);}
 sys::run({OpCode::kShutdown, kRunControl, 42});
 sys::fail("x"); } }
