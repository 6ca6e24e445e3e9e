# Features of bash that stand on fork, pipes, signals and files. What it prints must not depend on the system that it runs on.
set -u

section() { printf '== %s\n' "$1"; }

section functions
fibonacci() {
  local n=$1
  if ((n < 2)); then
    echo "$n"
  else
    echo $(($(fibonacci $((n - 1))) + $(fibonacci $((n - 2)))))
  fi
}
fibonacci 10
count_down() { (($1 == 0)) && return 7; count_down $(($1 - 1)); }
count_down 50
echo "status $?"

section arrays
words=(zebra apple "two words" mango)
words+=(fig)
echo "${#words[@]} ${words[2]} ${words[@]: -1}"
mapfile -t sorted <<< "$(printf '%s\n' "${words[@]}" | sort)"
printf '[%s]' "${sorted[@]}"
echo
declare -A age=([ann]=31 [bob]=27)
age[cat]=9
for name in $(printf '%s\n' "${!age[@]}" | sort); do
  echo "$name ${age[$name]}"
done
unset 'words[1]'
echo "${!words[@]}"

section expansion
path=/usr/share/doc/file.tar.gz
echo "${path##*/} ${path%%.*} ${path/share/lib} ${path^^} ${#path}"
echo {a,b}{1..3} $((16#ff)) $((2 ** 40)) "$(printf '%05d' 42)"
[[ key=value =~ ^([a-z]+)=(.*)$ ]] && echo "${BASH_REMATCH[1]} ${BASH_REMATCH[2]}"

section here-documents
name=world
cat << END
hello $name
$(echo "nested $((6 * 7))")
END
cat <<- 'END'
	literal $name
END
read -r first rest <<< "one two three"
echo "$first|$rest"

section pipes
seq 1 1000 | while read -r n; do echo $((n * n)); done | awk '{ s += $1 } END { print s }'
false | true | (exit 3)
echo "${PIPESTATUS[*]}"
set -o pipefail
false | true
echo "pipefail $?"
set +o pipefail
yes | head -n 3 | wc -l
head -c 300000 /dev/zero | tr '\0' x | wc -c

section descriptors
exec 3> out
echo three >&3
{ echo err >&2; echo out; } 2>&1 >&3 | sed 's/^/seen: /'
exec 3>&-
cat out
exec {log}> log
echo "to a named descriptor" >&"$log"
exec {log}>&-
cat log
echo closed 2> /dev/null >&9 || echo "closed descriptor: $?"

section background
: > order
for n in 3 1 2; do
  (
    until (($(wc -l < order) == n - 1)); do sleep 0.01; done
    echo "job $n" >> order
  ) &
done
wait
cat order
(exit 5) &
wait $!
echo "status $?"
sleep 100 &
sleeper=$!
kill "$sleeper"
wait "$sleeper"
echo "killed: $?"
(sleep 0.1; exit 4) &
fast=$!
(sleep 5; exit 6) &
slow=$!
wait -n "$fast" "$slow"
echo "first to end: $?"
kill "$slow"
wait
coproc doubler { while read -r n; do echo $((n * 2)); done; }
echo 21 >&"${doubler[1]}"
read -r answer <&"${doubler[0]}"
echo "coprocess: $answer"
eval "exec ${doubler[1]}>&-"
wait

section traps
trap 'echo "caught USR1"' USR1
kill -USR1 $$
trap 'echo "caught INT"' INT
kill -INT $$
trap '' TERM
kill -TERM $$
echo "TERM ignored"
trap - TERM
(trap 'echo "subshell exit $?"' EXIT; exit 9)
echo "after: $?"
trap 'echo "child ended"' CHLD
/bin/true
sleep 0.05
trap - CHLD
(trap 'echo "error in line"' ERR; false; true)
{ (kill -KILL $BASHPID); } 2> /dev/null
echo "killed itself: $?"
{ sh -c 'kill -SEGV $$'; } 2> /dev/null
echo "segv: $?"
(trap 'echo "got TERM"; exit 3' TERM; kill -TERM $BASHPID; echo unreached)
echo "status $?"

section files
mkdir -p tree/a/b
echo content > tree/a/b/file
ln -s a/b/file tree/link
ln tree/a/b/file tree/hard
cat tree/link
[[ tree/hard -ef tree/a/b/file ]] && echo "one file"
[[ -L tree/link && -d tree/a && ! -e tree/none ]] && echo tests
mv tree/hard tree/a/moved
rm tree/a/b/file
[[ -e tree/link ]] || echo dangling
cat tree/a/moved
shopt -s nullglob globstar extglob
echo tree/** tree/*.none
cd tree/a && echo "${PWD##*/} $(cd .. && echo "${PWD##*/}") ${OLDPWD##*/}"
cd ../..
(umask 077; echo secret > private; stat -c '%a' private)
set -o noclobber
(echo again > private) 2> /dev/null || echo "not overwritten"
set +o noclobber
echo appended >> private
wc -l < private
rm -r tree

section options
parse() {
  local OPTIND=1 option
  while getopts ab:c option; do
    case $option in
      a | c) echo "option $option" ;;
      b) echo "option b with $OPTARG" ;;
      *) return 1 ;;
    esac
  done
  shift $((OPTIND - 1))
  echo "rest: $*"
}
parse -a -b value -c one two

trap 'echo "the end, status $?"' EXIT
exit 12
