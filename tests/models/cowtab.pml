/*
 * Two spaces share one page table after a fork; each may write, fault and leave. The
 * table is copied entry by entry, not atomically. Shared means frozen: a table with
 * two references only ever gains read-only bits.
 *
 * mutation: BUG_NOFREEZE  the source is not made read-only when it is copied
 * mutation: BUG_LATEFREEZE  it is, but after the reference is dropped
 * mutation: BUG_DECFIRST  the reference is dropped before the copy holds its own
 */
byte troot[2]; bool rro[2]; bool gone[2];
byte lf[3]; bool lro[3]; byte trefs[3];
byte frefs[3]; byte val[3];            /* frame contents: 0 original, 1 written by A, 2 by B */
inline dropt(t) { atomic { trefs[t]--; if :: trefs[t]==0 -> assert(frefs[lf[t]]>0); frefs[lf[t]]-- :: else fi } }
proctype Space(byte i) {
  byte t; byte n=0; byte f; bool wrote=false; byte c;
  do
  :: n<2 ->
     n++;
     /* hardware store attempt */
retry: if
     :: atomic { !rro[i] && !lro[troot[i]] -> f=lf[troot[i]]; assert(frefs[f]==1); val[f]=i+1; wrote=true }
     :: atomic { (rro[i] || lro[troot[i]]) -> skip };
        /* ---- fault handler, space lock of i held, no other lock ---- */
        t=troot[i];
        if
        :: rro[i] ->
           if
           :: trefs[t]==1 -> rro[i]=false
           :: else ->
#ifdef BUG_DECFIRST
              dropt(t);
#endif
              f=lf[t]; atomic { frefs[f]++ };
#if !defined(BUG_NOFREEZE) && !defined(BUG_LATEFREEZE)
              lro[t]=true;
#endif
              lf[i+1]=f; lro[i+1]=true; trefs[i+1]=1; troot[i]=i+1; rro[i]=false;
#ifndef BUG_DECFIRST
              dropt(t);
#endif
#ifdef BUG_LATEFREEZE
              lro[t]=true;
#endif
           fi
        :: else -> skip
        fi;
        t=troot[i];
        if
        :: lro[t] -> f=lf[t];
           if :: frefs[f]==1 -> lro[t]=false
              :: else -> c=val[f]; val[i+1]=c; frefs[i+1]=1; lf[t]=i+1; lro[t]=false; atomic { assert(frefs[f]>0); frefs[f]-- }
           fi
        :: else -> skip
        fi;
        goto retry
     fi;
     /* read back through own tables: never the sibling's value */
     atomic { f=lf[troot[i]]; assert(val[f]==i+1) }
  :: true -> atomic { f=lf[troot[i]]; assert(wrote -> val[f]==i+1 : val[f]==0) } break
  od;
  gone[i]=true; dropt(troot[i])
}
init { atomic { trefs[0]=2; frefs[0]=1; rro[0]=true; rro[1]=true; run Space(0); run Space(1) };
  (_nr_pr==1); assert(trefs[0]==0 && trefs[1]==0 && trefs[2]==0 && frefs[0]==0 && frefs[1]==0 && frefs[2]==0) }
