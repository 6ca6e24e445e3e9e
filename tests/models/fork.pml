/*
 * The fork protocol: parents, process server, memory server (which may crash at any
 * step), kernel. Frames are conserved, no observer sees a half-born child, every call
 * is answered exactly once.
 *
 * mutation: BUG_NOVALID  commit without the kernel validating the space
 * mutation: BUG_NOROLLBACK  no return of the space when the thread cannot be had
 * mutation: BUG_EARLYVIS  the child is published before the commit batch
 */
#ifndef NF
#define NF 5      /* frames in the pool                        */
#endif
#define NP 2      /* pid slots (RLIMIT_NPROC / pid_max)         */
#define NU 2      /* concurrently forking parents               */
#define SPACE_COST 2
#define THREAD_COST 1
#define OK 1
#define E_AGAIN 2
#define E_NOMEM 3
#define E_RESTART 4
mtype = { M_FORK, M_EXIT, M_DUP, M_ABORT, M_OK, M_NOMEM, M_DIED };
/* ---- kernel truth ---- */
byte freef = NF;
bool sp_live[NP];          /* address-space object exists      */
bool th_live[NP];          /* thread object exists             */
bool th_pub[NP];           /* thread runnable (published)      */
/* ---- PS truth ---- */
byte pidst[NP];            /* 0 free 1 embryo 2 live            */
/* ---- MS truth ---- */
byte txn[NP];              /* 0 none 1 prepared 2 committed     */
byte crashes = 0;
bool psidle = true; bool sig[NU]; byte inflight[NU]; byte answered[NU];
chan toPS = [0] of { mtype, byte };
chan toMS = [0] of { mtype, byte };
chan fromMS = [0] of { mtype };
chan rep[NU] = [0] of { byte };
chan ring = [4] of { byte };             /* PS -> MS commit journal, drained before any request */

#define USED(i) (sp_live[i]*SPACE_COST + th_live[i]*THREAD_COST)
#define CONSERVED (freef + USED(0) + USED(1) == NF)
#define NOLEAK(i) (!psidle || (sp_live[i] == (pidst[i]==2) && th_live[i] == (pidst[i]==2)))
#define NOHALF(i) (!(th_pub[i]) || (sp_live[i] && th_live[i] && pidst[i]==2))

inline drain() { byte d; do :: ring?d -> if :: txn[d]==1 -> txn[d]=2 :: else fi :: empty(ring) -> break od }

proctype U(byte me) {
  byte r; byte n = 0;
  do
  :: n < 2 -> n++; inflight[me]=1; answered[me]=0; toPS!M_FORK,me; rep[me]?r; answered[me]++; assert(answered[me]==1); inflight[me]=0;
       if :: r==E_RESTART -> break :: else fi
  :: n >= 2 -> break
  od
}
proctype Killer() { byte k; select(k : 0 .. NU-1); sig[k]=true }

proctype PS() {
  mtype m; byte u; byte p; mtype a; byte lost;
end_ps: do
  :: atomic { toPS?M_FORK,u -> psidle=false };
      p = NP;
      if :: sig[u] -> rep[u]!E_RESTART; goto next :: else fi;
      if :: pidst[0]==0 -> p=0 :: pidst[0]!=0 && pidst[1]==0 -> p=1 :: else -> rep[u]!E_AGAIN; goto next fi;
      pidst[p]=1;
#ifdef BUG_EARLYVIS
      th_pub[p]=true;
#endif
      toMS!M_DUP,p; fromMS?a;
      if
      :: a==M_NOMEM -> pidst[p]=0; rep[u]!E_NOMEM
      :: a==M_DIED  -> pidst[p]=0; rep[u]!E_AGAIN      /* recovery aborts the prepared txn */
      :: a==M_OK ->
         if :: sig[u] -> toMS!M_ABORT,p; fromMS?a; pidst[p]=0; rep[u]!E_RESTART
            :: else ->
               /* ---- commit batch: one atomic kernel call ---- */
               atomic {
                 if
#ifndef BUG_NOVALID
                 :: !sp_live[p] -> lost=1                      /* MS crashed & recovery revoked the space */
                 :: sp_live[p] && freef < THREAD_COST -> lost=2
                 :: sp_live[p] && freef >= THREAD_COST ->
#else
                 :: freef < THREAD_COST -> lost=2
                 :: freef >= THREAD_COST ->
#endif
                    freef = freef - THREAD_COST; th_live[p]=true; pidst[p]=2; th_pub[p]=true; lost=0
                 fi
               };
               if
               :: lost==0 -> ring!p; rep[u]!OK
               :: lost==1 -> pidst[p]=0; rep[u]!E_AGAIN
               :: lost==2 ->
#ifndef BUG_NOROLLBACK
                  toMS!M_ABORT,p; fromMS?a;
#endif
                  pidst[p]=0; rep[u]!E_AGAIN
               fi
         fi
      fi;
next: psidle=true
  :: atomic { pidst[0]==2 && th_live[0] && nfull(ring) -> psidle=false; th_pub[0]=false; th_live[0]=false; freef = freef+THREAD_COST }; toMS!M_ABORT,0; fromMS?a; pidst[0]=0; psidle=true   /* child exits + reaped */
  od
}

inline ms_abort(q) { atomic { if :: sp_live[q] -> sp_live[q]=false; freef = freef + SPACE_COST :: else fi; txn[q]=0 } }
inline ms_recover() {  /* kernel answers pending callers with DIED; a new MS adopts bound spaces, aborts unbound ones */
  crashes++;
  atomic { byte q; q=0; do :: q<NP -> if :: sp_live[q] && !th_live[q] -> sp_live[q]=false; freef=freef+SPACE_COST; txn[q]=0
                                       :: sp_live[q] && th_live[q] -> txn[q]=2
                                       :: else -> txn[q]=0 fi; q++ :: else -> break od; q=0 }
}
proctype MS() {
  byte p;
end_ms: do
  :: toMS?M_DUP,p -> drain();
       if :: crashes<2 -> ms_recover(); fromMS!M_DIED; goto nx :: true fi;
       atomic { if :: freef >= SPACE_COST -> freef = freef-SPACE_COST; sp_live[p]=true; txn[p]=1 :: else -> goto nomem fi };
       if :: crashes<2 -> ms_recover(); fromMS!M_DIED; goto nx :: true fi;
       fromMS!M_OK; goto nx;
nomem: fromMS!M_NOMEM;
nx:    skip
  :: toMS?M_ABORT,p -> drain(); ms_abort(p);
       if :: crashes<2 -> ms_recover(); fromMS!M_DIED :: true -> fromMS!M_OK fi
  :: crashes<2 -> ms_recover()          /* spontaneous crash while idle, incl. between reply and commit */
  od
}
init { atomic { run PS(); run MS(); run U(0); run U(1); run Killer() } }
active proctype Monitor() {
end_m: atomic { !(CONSERVED && NOHALF(0) && NOHALF(1) && NOLEAK(0) && NOLEAK(1)) -> assert(CONSERVED); assert(NOHALF(0) && NOHALF(1)); assert(NOLEAK(0) && NOLEAK(1)) } }
#ifdef LIVE
ltl answer0 { [] ((inflight[0]==1) -> <> (inflight[0]==0)) }
#endif
