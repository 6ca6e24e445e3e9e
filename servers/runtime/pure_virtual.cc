// What stands in the place of a pure virtual function (Itanium C++ ABI, 3.2.6):
// to get here a constructor or destructor would have to call one.
#include "servers/runtime/sys.h"

extern "C" [[noreturn]] void __cxa_pure_virtual() {
  tine::sys::fail("a pure virtual function was called");
}
