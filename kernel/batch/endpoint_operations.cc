#include "kernel/batch/operation.h"
#include "kernel/object/objects.h"

namespace tine {
namespace {

// ---- endpoints -------------------------------------------------------------
Status prepare_new(BatchCall& call, Step& step) {
  TINE_TRY(find_pool(call, step.op.handle, step.pool));
  TINE_TRY(claim_slot(call, step.op.a, step));
  step.endpoint = endpoint_slab.take(*step.pool);
  if (step.endpoint == nullptr) return Status::kNoMemory;
  step.endpoint->bound = nullptr;
  step.endpoint->work_waits = false;
  step.endpoint->receivers = {};
  step.endpoint->senders = {};
  step.slot->set(step.endpoint->object, kAllRights, 0);
  return Status::kOk;
}

void undo_new(BatchCall&, Step& step) {
  unclaim_slot(step);
  endpoint_slab.release(*step.endpoint);
}

Status prepare_mint(BatchCall& call, Step& step) {
  TINE_TRY(find_endpoint(call, step.op.handle, kMakeRight, step.endpoint));
  TINE_TRY(claim_slot(call, step.op.a, step));
  step.slot->set(step.endpoint->object, kCallRight, step.op.b);
  return Status::kOk;
}

void undo_mint(BatchCall&, Step& step) { unclaim_slot(step); }

// ---- routes ----------------------------------------------------------------
Status prepare_route_new(BatchCall& call, Step& step) {
  const Op& op = step.op;
  TINE_TRY(find_pool(call, op.handle, step.pool));
  TINE_TRY(find_optional_endpoint(call, op.b, step.routes[0]));
  TINE_TRY(find_optional_endpoint(call, op.c, step.routes[1]));
  TINE_TRY(find_optional_endpoint(call, op.d, step.routes[2]));
  TINE_TRY(claim_slot(call, op.a, step));
  step.route = route_slab.take(*step.pool);
  if (step.route == nullptr) return Status::kNoMemory;
  for (unsigned i = 0; i < 3; ++i) step.route->endpoints[i] = step.routes[i];
  for (u8& choice : step.route->choice) choice = 0;
  step.slot->set(step.route->object, kAllRights, 0);
  return Status::kOk;
}

void undo_route_new(BatchCall&, Step& step) {
  unclaim_slot(step);
  route_slab.release(*step.route);
}

Status prepare_route_set(BatchCall& call, Step& step) {
  TINE_TRY(find(call, step.op.handle, ObjectType::kRoute, step.route));
  const bool valid =
      step.op.a < kRoutedCalls && step.op.b <= static_cast<u64>(Route::kVfs);
  return valid ? Status::kOk : Status::kInvalid;
}

void commit_route_set(BatchCall&, Step& step, Op&) {
  step.route->set(step.op.a, static_cast<Route>(step.op.b));
}

}  // namespace

constinit const Operation kEndpointNewOperation{prepare_new, nullptr, undo_new};
constinit const Operation kEndpointMintOperation{prepare_mint, nullptr,
                                                 undo_mint};
constinit const Operation kRouteNewOperation{prepare_route_new, nullptr,
                                             undo_route_new};
constinit const Operation kRouteSetOperation{prepare_route_set,
                                             commit_route_set, nullptr};

}  // namespace tine
