// Servers' ELF files in the boot image, and loading them into Spaces.
#ifndef SERVERS_ROOT_SERVER_IMAGE_H_
#define SERVERS_ROOT_SERVER_IMAGE_H_

#include "kernel/base/elf.h"
#include "servers/runtime/sys.h"

namespace tine {

// A file of the boot image: its place in the archive object.
struct ImageFile {
  u64 offset;
  u64 bytes;
};

// Finds an entry by name; ends the run if there is none: without its servers
// the system cannot start.
ImageFile find_in_boot_image(const char* name, u64 archive_bytes);

// Loads a static ELF file into an empty Space; returns its entry point. Ends
// the run on a malformed file or when memory is short.
u64 load_server(const ImageFile& file, Handle space);

}  // namespace tine

#endif  // SERVERS_ROOT_SERVER_IMAGE_H_
