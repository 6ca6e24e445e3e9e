/*
 * The journal from the process server to a server below it.
 *
 * The producer fills a slot it reserved, then one commit either stores the tail
 * and wakes the new thread, or fails and changes nothing. The consumer drains
 * the ring before it handles any request. Shown: a request of a child never
 * meets a consumer that has not heard of the child; a failed commit leaves no
 * trace; no slot is overwritten before it was read.
 *
 * mutation: BUG_STORE_AFTER   the tail is stored after the threads may run
 * mutation: BUG_NO_DRAIN      a request is handled before the ring is drained
 * mutation: BUG_NO_CREDIT     the producer does not ask whether a slot is free
 * mutation: BUG_EARLY_STORE   the tail is stored before the commit is decided
 */
#define SLOTS 2
#define CHILDREN 4

byte slot[SLOTS];
byte tail, head;          /* count up; slot = position % SLOTS */
bool known[CHILDREN + 1]; /* the consumer has heard of the child */
bool live[CHILDREN + 1];  /* published: may run and call */
chan request = [0] of { byte };
chan drain = [0] of { bit };
chan answer = [0] of { bit };
chan drained = [0] of { bit };

inline drain_ring() {
  byte who;
  do
  :: head != tail ->
     who = slot[head % SLOTS];
     assert(who != 0 && !known[who]); /* each record is read exactly once */
     known[who] = true;
     head++
  :: else -> break
  od;
  who = 0
}

proctype Consumer() {
  byte from;
end: do
  :: request?from ->
#ifndef BUG_NO_DRAIN
     drain_ring();
#endif
     assert(known[from]);
     answer!1
  :: drain?1 -> drain_ring(); drained!1
  :: head != tail -> drain_ring() /* the notification */
  od
}

proctype Child(byte me) {
end: /* a child whose commit failed never runs */
  live[me];
  request!me;
  answer?1
}

proctype Producer() {
  byte n = 1;
  bool committed;
  do
  :: n > CHILDREN -> break
  :: else ->
#ifndef BUG_NO_CREDIT
     if
     :: tail - head == SLOTS -> drain!1; drained?1
     :: else
     fi;
#endif
     assert(tail - head <= SLOTS);
     slot[tail % SLOTS] = n;
#ifdef BUG_EARLY_STORE
     tail++;
#endif
     if
     :: committed = true
     :: committed = false
     fi;
     if
     :: committed ->
#ifdef BUG_STORE_AFTER
        live[n] = true;
        tail++
#else
#ifdef BUG_EARLY_STORE
        live[n] = true
#else
        d_step { tail++; live[n] = true }
#endif
#endif
     :: else ->
#ifdef BUG_EARLY_STORE
        tail-- /* retracted: the consumer may have seen it */
#else
        skip
#endif
     fi;
     n++
  od
}

init {
  byte i;
  atomic {
    run Consumer();
    run Producer();
    for (i : 1 .. CHILDREN) { run Child(i) }
  }
}

/* Who is known was committed. */
active proctype Monitor() {
end: atomic {
    (known[1] && !live[1]) || (known[2] && !live[2]) ||
    (known[3] && !live[3]) || (known[4] && !live[4]) -> assert(false)
  }
}
