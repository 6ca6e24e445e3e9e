// Terminal settings and terminal ioctls; the same on both architectures.
#ifndef SERVERS_LINUX_ABI_TERMIOS_H_
#define SERVERS_LINUX_ABI_TERMIOS_H_

#include "kernel/base/types.h"

namespace tine::linux_abi {

inline constexpr unsigned kControlCharacters = 19;

// struct termios2 of the kernel; struct termios is all before the speeds.
struct Termios {
  u32 iflag;
  u32 oflag;
  u32 cflag;
  u32 lflag;
  u8 line;
  u8 cc[kControlCharacters];
  u32 ispeed;
  u32 ospeed;
};
static_assert(sizeof(Termios) == 44);
inline constexpr u64 kOldTermiosBytes = 36;

// struct termio, of TCGETA.
struct Termio {
  u16 iflag;
  u16 oflag;
  u16 cflag;
  u16 lflag;
  u8 line;
  u8 cc[8];
  u8 padding;
};
static_assert(sizeof(Termio) == 18);

struct WindowSize {
  u16 rows;
  u16 columns;
  u16 width;  // pixels
  u16 height;
  bool operator==(const WindowSize&) const = default;
};

// Indices of cc.
enum ControlCharacter : u8 {
  kVintr = 0,
  kVquit = 1,
  kVerase = 2,
  kVkill = 3,
  kVeof = 4,
  kVtime = 5,
  kVmin = 6,
  kVstart = 8,
  kVstop = 9,
  kVsusp = 10,
  kVeol = 11,
  kVreprint = 12,
  kVdiscard = 13,
  kVwerase = 14,
  kVlnext = 15,
  kVeol2 = 16,
};

// iflag
inline constexpr u32 kParmrk = 010;
inline constexpr u32 kIstrip = 040;
inline constexpr u32 kInlcr = 0100;
inline constexpr u32 kIgncr = 0200;
inline constexpr u32 kIcrnl = 0400;
inline constexpr u32 kIuclc = 01000;
inline constexpr u32 kIxon = 02000;
inline constexpr u32 kIxany = 04000;
inline constexpr u32 kIutf8 = 040000;
// oflag
inline constexpr u32 kOpost = 01;
inline constexpr u32 kOlcuc = 02;
inline constexpr u32 kOnlcr = 04;
inline constexpr u32 kOcrnl = 010;
inline constexpr u32 kOnocr = 020;
inline constexpr u32 kOnlret = 040;
inline constexpr u32 kTabDelay = 014000;
inline constexpr u32 kXtabs = 014000;
// cflag
inline constexpr u32 kBaudMask = 0010017;
inline constexpr u32 kBaud38400 = 017;
inline constexpr u32 kBaudOther = 0010000;
inline constexpr u32 kCharacterSize = 060;
inline constexpr u32 kCs8 = 060;
inline constexpr u32 kCread = 0200;
inline constexpr u32 kParenb = 0400;
inline constexpr u32 kHupcl = 02000;
inline constexpr u32 kClocal = 04000;
inline constexpr unsigned kInputBaudShift = 16;
// lflag
inline constexpr u32 kIsig = 01;
inline constexpr u32 kIcanon = 02;
inline constexpr u32 kEcho = 010;
inline constexpr u32 kEchoe = 020;
inline constexpr u32 kEchok = 040;
inline constexpr u32 kEchonl = 0100;
inline constexpr u32 kNoflsh = 0200;
inline constexpr u32 kTostop = 0400;
inline constexpr u32 kEchoctl = 01000;
inline constexpr u32 kEchoprt = 02000;
inline constexpr u32 kEchoke = 04000;
inline constexpr u32 kIexten = 0100000;
inline constexpr u32 kExtproc = 0200000;

// ioctls
inline constexpr u32 kTcGets = 0x5401;
inline constexpr u32 kTcSets = 0x5402;
inline constexpr u32 kTcSetsWait = 0x5403;
inline constexpr u32 kTcSetsFlush = 0x5404;
inline constexpr u32 kTcGetA = 0x5405;
inline constexpr u32 kTcSetA = 0x5406;
inline constexpr u32 kTcSetAWait = 0x5407;
inline constexpr u32 kTcSetAFlush = 0x5408;
inline constexpr u32 kTcSendBreak = 0x5409;
inline constexpr u32 kTcFlow = 0x540a;
inline constexpr u32 kTcFlush = 0x540b;
inline constexpr u32 kTiocExclusive = 0x540c;
inline constexpr u32 kTiocNotExclusive = 0x540d;
inline constexpr u32 kTiocSetControlling = 0x540e;
inline constexpr u32 kTiocGetGroup = 0x540f;
inline constexpr u32 kTiocSetGroup = 0x5410;
inline constexpr u32 kTiocOutputQueue = 0x5411;
inline constexpr u32 kTiocSimulateInput = 0x5412;
inline constexpr u32 kTiocGetWindowSize = 0x5413;
inline constexpr u32 kTiocSetWindowSize = 0x5414;
inline constexpr u32 kTiocGetSoftCarrier = 0x5419;
inline constexpr u32 kTiocSetSoftCarrier = 0x541a;
inline constexpr u32 kTiocInputQueue = 0x541b;  // FIONREAD
inline constexpr u32 kTiocPacketMode = 0x5420;
inline constexpr u32 kTiocGiveUp = 0x5422;  // TIOCNOTTY
inline constexpr u32 kTiocSetDiscipline = 0x5423;
inline constexpr u32 kTiocGetDiscipline = 0x5424;
inline constexpr u32 kTcSendBreakPosix = 0x5425;
inline constexpr u32 kTiocStartBreak = 0x5427;
inline constexpr u32 kTiocEndBreak = 0x5428;
inline constexpr u32 kTiocGetSession = 0x5429;
inline constexpr u32 kTcGets2 = 0x802c542a;
inline constexpr u32 kTcSets2 = 0x402c542b;
inline constexpr u32 kTcSets2Wait = 0x402c542c;
inline constexpr u32 kTcSets2Flush = 0x402c542d;
inline constexpr u32 kTiocGetPtyNumber = 0x80045430;
inline constexpr u32 kTiocLockPty = 0x40045431;
inline constexpr u32 kTiocGetDevice = 0x80045432;
inline constexpr u32 kTiocGetPacketMode = 0x80045438;
inline constexpr u32 kTiocGetPtyLock = 0x80045439;
inline constexpr u32 kTiocSignal = 0x40045436;
inline constexpr u32 kTiocGetExclusive = 0x80045440;
inline constexpr u32 kTiocGetPtyPeer = 0x5441;

// What a master in packet mode reads before all else (TIOCPKT_*); 0: data
// follow.
inline constexpr u8 kPacketFlushRead = 1;
inline constexpr u8 kPacketFlushWrite = 2;
inline constexpr u8 kPacketStop = 4;
inline constexpr u8 kPacketStart = 8;
inline constexpr u8 kPacketNoStop = 0x10;
inline constexpr u8 kPacketDoStop = 0x20;
inline constexpr u8 kPacketSettings = 0x40;  // with EXTPROC

// Arguments of TCFLSH and TCXONC.
inline constexpr u64 kFlushInput = 0;
inline constexpr u64 kFlushOutput = 1;
inline constexpr u64 kFlushBoth = 2;
inline constexpr u64 kOutputOff = 0;
inline constexpr u64 kOutputOn = 1;
inline constexpr u64 kInputOff = 2;
inline constexpr u64 kInputOn = 3;

// What a new terminal starts with (tty_std_termios).
inline constexpr Termios kNewTerminal = {
    .iflag = kIcrnl | kIxon,
    .oflag = kOpost | kOnlcr,
    .cflag = kBaud38400 | kCs8 | kCread,
    .lflag = kIsig | kIcanon | kEcho | kEchoe | kEchok | kEchoctl | kEchoke |
             kIexten,
    .line = 0,
    .cc = {3, 28, 127, 21, 4, 0, 1, 0, 17, 19, 26, 0, 18, 15, 23, 22, 0, 0, 0},
    .ispeed = 38400,
    .ospeed = 38400,
};

}  // namespace tine::linux_abi

#endif  // SERVERS_LINUX_ABI_TERMIOS_H_
