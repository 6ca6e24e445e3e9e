# Process substitution of bash, which names its pipes by /dev/fd.
section() { printf '== %s\n' "$1"; }

section process-substitution
diff <(printf '1\n2\n3\n') <(printf '1\nx\n3\n')
echo "diff $?"
tee >(wc -l > lines) < <(seq 1 20) > /dev/null
while [[ ! -s lines ]]; do sleep 0.01; done
cat lines
mapfile -t sorted < <(printf '%s\n' b c a | sort)
echo "${sorted[*]}"
