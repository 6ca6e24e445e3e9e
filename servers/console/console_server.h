// The console server: bytes to and from the UART.
#ifndef SERVERS_CONSOLE_CONSOLE_SERVER_H_
#define SERVERS_CONSOLE_CONSOLE_SERVER_H_

#include "servers/console/framing.h"
#include "servers/protocol/console.h"
#include "servers/runtime/server_loop.h"

namespace tine {

class ConsoleServer {
 public:
  ConsoleServer();

  Outcome handle(const sys::Message& in);
  Outcome commit_failed(const sys::BatchResult& result);

 private:
  Outcome write(const sys::Message& in);
  Outcome read(const sys::Message& in);
  void transmit(const u8* bytes, u64 count);
  // Tells the host that a reader waits: runs that must repeat exactly get their
  // input at this point and at no other.
  void announce_reader();
  // Moves what the UART holds into `input_`, as far as there is room; then lets
  // the next interrupt come. With the buffer full the line stays masked: that
  // is the flow control towards the host.
  void take_input();

  static constexpr u64 kChunk = 1024;  // bytes copied from a caller at once
  static constexpr u64 kInputBytes = 16384;  // a power of two
  u8 chunk_[kChunk];
  u8 input_[kInputBytes];
  u64 input_head_ = 0;  // count up; position = count % kInputBytes
  u64 input_tail_ = 0;
  bool end_of_input_ = false;
  u64 window_size_ = 0;  // as ConsoleLabel::kRead answers it
  bool masked_ = false;  // an interrupt waits for room
  InputDecoder decoder_;
};

}  // namespace tine

#endif  // SERVERS_CONSOLE_CONSOLE_SERVER_H_
