#include "servers/console/console_server.h"

#include "servers/console/arch/uart_registers.h"
#include "servers/linux_abi/errno.h"

namespace tine {
namespace {

u64 read_register(u32 reg) {
  u64 value = 0;
  if (sys::run({OpCode::kDeviceRead, kDeviceUart, reg}, &value).status !=
      Status::kOk) {
    sys::fail("console: no access to the UART");
  }
  return value;
}

}  // namespace

ConsoleServer::ConsoleServer() {
  sys::Batch batch;
  for (const uart::Setting& setting : uart::kEnableInput) {
    batch.add(OpCode::kDeviceWrite, kDeviceUart, setting.reg, setting.value);
  }
  batch.add(OpCode::kInterruptBind, kInterruptUart, kSelfNotification,
            kNewsInterrupt);
  if (batch.run().status != Status::kOk) sys::fail("console: no UART");
  take_input();
}

Outcome ConsoleServer::handle(const sys::Message& in) {
  if (tag_label(in.tag) == kLabelNotification) {
    if ((in.words[0] & kNewsInterrupt) != 0) take_input();
    return withhold();
  }
  if (in.target != static_cast<u64>(ServerId::kVfs)) {
    return answer_words(in.token, -linux_abi::EPERM);
  }
  switch (static_cast<ConsoleLabel>(tag_label(in.tag))) {
    case ConsoleLabel::kWrite:
      return write(in);
    case ConsoleLabel::kRead:
      return read(in);
  }
  return answer_words(in.token, -linux_abi::ENOSYS);
}

Outcome ConsoleServer::commit_failed(const sys::BatchResult&) {
  sys::fail("console: commits nothing");
}

void ConsoleServer::transmit(const u8* bytes, u64 count) {
  u64 sent = 0;
  while (sent < count) {
    while (!uart::can_transmit(read_register(uart::kStatus))) {
    }
    sys::Batch batch;
    while (sent < count) {
      u8 byte = bytes[sent];
      unsigned needed = byte == kDle ? 2 : 1;
      if (batch.size() + needed > uart::kTransmitRoom) break;
      for (unsigned i = 0; i < needed; ++i) {
        batch.add(OpCode::kDeviceWrite, kDeviceUart, uart::kData, byte);
      }
      ++sent;
    }
    if (batch.run().status != Status::kOk) sys::fail("console: UART write");
  }
}

void ConsoleServer::announce_reader() {
  while (!uart::can_transmit(read_register(uart::kStatus))) {
  }
  sys::Batch batch;
  batch.add(OpCode::kDeviceWrite, kDeviceUart, uart::kData, kDle);
  batch.add(OpCode::kDeviceWrite, kDeviceUart, uart::kData, 'R');
  if (batch.run().status != Status::kOk) sys::fail("console: UART write");
}

Outcome ConsoleServer::write(const sys::Message& in) {
  u64 count = in.words[1];
  u64 done = 0;
  while (done < count) {
    u64 part = count - done < kChunk ? count - done : kChunk;
    sys::CopyResult copied = sys::copy_in(sys::end_of_token(in.token),
                                          in.words[0] + done, chunk_, part);
    transmit(chunk_, copied.done);
    done += copied.done;
    if (copied.status != Status::kOk) {
      return answer_words(
          in.token, done != 0 ? static_cast<i64>(done) : -linux_abi::EFAULT);
    }
  }
  return answer_words(in.token, static_cast<i64>(done));
}

Outcome ConsoleServer::read(const sys::Message& in) {
  if (input_head_ == input_tail_) {
    if (end_of_input_) return answer_words(in.token, 0, window_size_);
    if (in.words[2] != kConsoleReadQuietly) announce_reader();
    return answer_words(in.token, -linux_abi::EAGAIN, window_size_);
  }
  u64 done = 0;
  while (done < in.words[1] && input_head_ != input_tail_) {
    u64 at = input_head_ % kInputBytes;
    u64 part = input_tail_ - input_head_;
    if (part > kInputBytes - at) part = kInputBytes - at;
    if (part > in.words[1] - done) part = in.words[1] - done;
    sys::CopyResult copied = sys::copy_out(
        sys::end_of_token(in.token), in.words[0] + done, input_ + at, part);
    input_head_ += copied.done;
    done += copied.done;
    if (copied.status != Status::kOk) break;
  }
  if (masked_) take_input();
  return answer_words(in.token, static_cast<i64>(done), window_size_);
}

void ConsoleServer::take_input() {
  u64 before = input_tail_;
  bool has_other_news = false;
  masked_ = false;
  // Before the data is read: a byte that comes later raises it again.
  if (uart::kMustClearInterrupt) {
    sys::Batch clear;
    clear.add(OpCode::kDeviceWrite, kDeviceUart, uart::kClearInterrupt.reg,
              uart::kClearInterrupt.value);
    if (clear.run().status != Status::kOk) sys::fail("console: interrupt");
  }
  while (uart::has_input(read_register(uart::kStatus))) {
    if (input_tail_ - input_head_ == kInputBytes) {
      masked_ = true;
      break;
    }
    InputDecoder::Item item =
        decoder_.push(static_cast<u8>(read_register(uart::kData)));
    if (item.kind == InputDecoder::Kind::kData) {
      input_[input_tail_++ % kInputBytes] = item.byte;
    } else if (item.kind == InputDecoder::Kind::kEnd) {
      end_of_input_ = true;
      has_other_news = true;
    } else if (item.kind == InputDecoder::Kind::kWindowSize) {
      window_size_ =
          static_cast<u64>(decoder_.rows()) << 16 | decoder_.columns();
      has_other_news = true;
    }
  }
  sys::Batch batch;
  if (!masked_) batch.add(OpCode::kInterruptAck, kInterruptUart);
  if (input_tail_ != before || has_other_news) {
    batch.add(OpCode::kNotify, kNotifyVfs, kNewsInput);
  }
  if (batch.size() != 0 && batch.run().status != Status::kOk) {
    sys::fail("console: interrupt");
  }
}

}  // namespace tine
