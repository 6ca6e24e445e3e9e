#include "kernel/batch/operation.h"

namespace tine {
namespace {

constexpr OperationTable make_table() {
  OperationTable table;
  auto atomic = [&](OpCode code, const Operation& operation) {
    table.atomic[static_cast<unsigned>(code)] = &operation;
  };
  auto progressive = [&](OpCode code, Progressive operation) {
    table.progressive[static_cast<unsigned>(code)] = operation;
  };
  atomic(OpCode::kPoolSplit, kPoolSplitOperation);
  atomic(OpCode::kPoolStat, kPoolStatOperation);
  atomic(OpCode::kSpaceNew, kSpaceNewOperation);
  atomic(OpCode::kSpaceFork, kSpaceForkOperation);
  progressive(OpCode::kSpaceMap, progress_space);
  progressive(OpCode::kSpaceMark, progress_space);
  progressive(OpCode::kSpaceProtect, progress_space);
  progressive(OpCode::kSpaceUnmap, progress_space);
  progressive(OpCode::kSpacePopulate, progress_space);
  progressive(OpCode::kSpaceResolve, progress_resolve);
  progressive(OpCode::kSpacePresent, progress_present);
  atomic(OpCode::kSpaceStat, kSpaceStatOperation);
  atomic(OpCode::kSpaceValid, kSpaceValidOperation);
  atomic(OpCode::kSpaceDestroy, kSpaceDestroyOperation);
  atomic(OpCode::kThreadNew, kThreadNewOperation);
  atomic(OpCode::kThreadClone, kThreadCloneOperation);
  atomic(OpCode::kThreadRegisters, kThreadRegistersOperation);
  atomic(OpCode::kThreadSpace, kThreadSpaceOperation);
  atomic(OpCode::kThreadPublish, kThreadPublishOperation);
  atomic(OpCode::kThreadKill, kThreadKillOperation);
  atomic(OpCode::kThreadPriority, kThreadPriorityOperation);
  atomic(OpCode::kThreadInterrupt, kThreadInterruptOperation);
  atomic(OpCode::kThreadStat, kThreadStatOperation);
  atomic(OpCode::kThreadRoute, kThreadRouteOperation);
  atomic(OpCode::kThreadBreakpoints, kThreadBreakpointsOperation);
  atomic(OpCode::kReply, kReplyOperation);
  atomic(OpCode::kForward, kForwardOperation);
  atomic(OpCode::kEndpointNew, kEndpointNewOperation);
  atomic(OpCode::kEndpointMint, kEndpointMintOperation);
  atomic(OpCode::kNotificationNew, kNotificationNewOperation);
  atomic(OpCode::kNotificationBind, kNotificationBindOperation);
  atomic(OpCode::kNotify, kNotifyOperation);
  atomic(OpCode::kTimerSet, kTimerSetOperation);
  atomic(OpCode::kRouteNew, kRouteNewOperation);
  atomic(OpCode::kRouteSet, kRouteSetOperation);
  atomic(OpCode::kHandleGive, kHandleGiveOperation);
  atomic(OpCode::kHandlePut, kHandlePutOperation);
  atomic(OpCode::kHandleClose, kHandleCloseOperation);
  atomic(OpCode::kStore, kStoreOperation);
  atomic(OpCode::kDeviceRead, kDeviceReadOperation);
  atomic(OpCode::kDeviceWrite, kDeviceWriteOperation);
  atomic(OpCode::kInterruptBind, kInterruptBindOperation);
  atomic(OpCode::kInterruptAck, kInterruptAckOperation);
  atomic(OpCode::kShutdown, kShutdownOperation);
  return table;
}

}  // namespace

constinit const OperationTable kOperations = make_table();

Status find_optional_endpoint(BatchCall& call, u64 handle,
                              Endpoint*& endpoint) {
  endpoint = nullptr;
  if (handle == kNoHandle) return Status::kOk;
  return find_endpoint(call, handle, kCallRight, endpoint);
}

Status find_thread(BatchCall& call, Handle handle, u64 token, Thread*& thread) {
  if (handle == kNoHandle) return find_reply(call, token, thread);
  return find(call, handle, ObjectType::kThread, thread);
}

}  // namespace tine
