// The slabs of all object types but threads (thread/thread_table.h) and pools
// (memory/pool.h).
#ifndef KERNEL_OBJECT_OBJECTS_H_
#define KERNEL_OBJECT_OBJECTS_H_

#include "kernel/ipc/endpoint.h"
#include "kernel/ipc/notification.h"
#include "kernel/ipc/route.h"
#include "kernel/memory/space.h"
#include "kernel/object/slab.h"

namespace tine {

inline constinit ObjectSlab<Space, ObjectType::kSpace> space_slab;
inline constinit ObjectSlab<Endpoint, ObjectType::kEndpoint> endpoint_slab;
inline constinit ObjectSlab<Notification, ObjectType::kNotification>
    notification_slab;
inline constinit ObjectSlab<RouteTable, ObjectType::kRoute> route_slab;

}  // namespace tine

#endif  // KERNEL_OBJECT_OBJECTS_H_
