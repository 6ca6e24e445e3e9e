// Texts that the process server has: their reads and writes are handed to it.
#include "servers/vfs/vfs_server.h"

namespace tine::vfs {

// Its answer to a read: the position moves.
Outcome VfsServer::text_read(const sys::Message& in) {
  Task* task = tasks_.find(in.words[0]);
  OpenFile* file = task == nullptr
                       ? nullptr
                       : task->table->get(static_cast<u32>(in.words[1]));
  if (file != nullptr) file->offset += in.words[2];
  return answer_words(in.token, 0);
}

}  // namespace tine::vfs
