# Tools of busybox in pipes. What it prints must not depend on the system.
section() { echo "== $1"; }

section awk
seq 1 100 | awk '$1 % 7 == 0 { n++; s += $1 } END { print n, s, s / n }'
printf 'a:1\nb:2\na:3\n' | awk -F: '{ t[$1] += $2 } END { for (k in t) print k, t[k] }' | sort
awk 'BEGIN { while (("echo one; echo two" | getline line) > 0) print "got " line; print "x" | "cat" }'
awk 'BEGIN { printf "%.6f %d %s\n", 10 / 3, 2 ^ 31, toupper("up") }'

section sed
printf 'one\ntwo\nthree\n' | sed -n '2,3s/t/T/p'
printf 'k=v\n' | sed -E 's/(.)=(.)/\2=\1/'
printf 'a\nb\nc\n' > lines
sed -i -e '/b/d' -e '$a end' lines
cat lines

section tar
mkdir -p box/deep/er
seq 1 5000 > box/numbers
head -c 100000 /dev/zero > box/deep/zeros
echo script > box/deep/er/run
chmod 751 box/deep/er/run
ln -s deep/er/run box/link
ln box/numbers box/same
tar -cf box.tar box
tar -tf box.tar | sort
gzip -k box.tar
mkdir other
zcat box.tar.gz | tar -xf - -C other
(cd box && find . -type f -exec md5sum {} + | sort) > sums
(cd other/box && md5sum -c ../../sums) | sort
stat -c '%a %F %h' other/box/deep/er/run other/box/numbers
readlink other/box/link
diff -r box other/box && echo "the same"
bzip2 -c box/numbers | bunzip2 | cmp - box/numbers && echo "bzip2 the same"

section find
find box | sort
find box -type f -size +20k | sort
find box -name 'n*' -o -type l | sort
find box -type f | xargs -n 1 wc -c | sort
find box -type f -print0 | xargs -0 md5sum | sort | md5sum

section sort
printf '10\n9\n1\n' | sort -n | tr '\n' ' '
printf 'b 2\na 1\nb 1\n' | sort -k1,1 -k2,2n -r
seq 1 20000 | sort | sort -n | md5sum
printf 'x\nx\ny\n' | uniq -c

section text
seq 1 12 | paste - - - | cut -f 2
printf 'a b c\n' | tr a-c A-C
printf 'hello' | od -c | head -n 1
printf 'hello' | hexdump -C | head -n 1
printf 'hello' | base64
echo 'hello' | sha256sum
printf 'x\ty\n' | expand -t 4
seq 1 5 | tac | tr '\n' ','
echo
echo '3 4 * 2 + p' | dc
echo '2^64 / 3' | bc
expr 6 '*' 7
dd if=/dev/zero bs=1k count=64 2> /dev/null | wc -c
printf 'one\ntwo\n' | grep -n -v one
cmp box/numbers box/same && echo same
date -u -d @86400 '+%Y-%m-%d %H:%M:%S'
basename /a/b.c .c
dirname /a/b.c

section processes
sh -c 'exit 3'
echo $?
(sleep 0.2; echo late) | cat
timeout 1 sleep 10 2> /dev/null
echo "timeout $?"
{ sh -c 'kill -9 $$'; } 2> /dev/null
echo $?
env -i A=1 sh -c 'echo "$A${B-unset}"'
seq 1 3 | xargs -P 3 -I N sh -c 'echo N' | sort
echo "$(echo "$(echo "$(echo deep)")")"
i=0
while [ $i -lt 100 ]; do
  i=$(expr $i + 1)
done
echo $i
trap 'echo "trapped $?"' EXIT
exit 5
