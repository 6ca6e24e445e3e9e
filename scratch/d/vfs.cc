#include "servers/runtime/server_loop.h"
#include "servers/runtime/server_main.h"
#include "servers/protocol/console.h"
namespace tine { 
struct S { Outcome handle(const sys::Message& m){ static char b[]="console says hello\n"; sys::call(kCallConsole, sys::make_message(ConsoleLabel::kWrite,(u64)b,sizeof(b)-1)); return answer_words(m.token, 7);} Outcome commit_failed(const sys::BatchResult&){return {};} };
void server_main(){ static S s; sys::log("vfs up"); serve(s);} }
