#!/usr/bin/env bash
# Fuzzes every target of the tree.
#
#   FUZZTIME=60s         time per target; also a number of executions, as 100000x, of which
#                        targets that take milliseconds each make a twentieth
#   FUZZ='^FuzzCapture$' only targets whose name matches
#   FUZZSKIP='Gopacket'  none whose name matches
#   FUZZCACHE=DIR        where inputs that reach new code are kept for the next run, which
#                        begins with them; by default in go's build cache
#   FUZZLIST=1           only list the targets
#
# Ends with 1 at the first target that fails, and prints the input, which is kept in the
# package's testdata/fuzz.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED="${CGO_ENABLED:-0}"
time=${FUZZTIME:-60s} match=${FUZZ:-.} skip=${FUZZSKIP:-^$} list=${FUZZLIST:-} count=0
slow='^Fuzz(Capture|FlowTable|CommandLine)$'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cache=${FUZZCACHE:-$(go env GOCACHE)/fuzz/$(go list -m)}

# fuzz PACKAGE TARGET: run one target of the binary.
fuzz() {
	local runs=$time status=0 kept
	if [[ $time == *x && $2 =~ $slow ]]; then
		runs=$((${time%x} / 20))x
	fi
	# Without a limit, making inputs small would take most of the time at first.
	(cd "$1" && "$work/fuzz.test" -test.run '^$' -test.fuzz "^$2\$" -test.fuzztime "$runs" \
		-test.fuzzminimizetime 100x -test.fuzzcachedir "$cache/$1") >"$work/log" 2>&1 || status=$?
	if [ $status -ne 0 ]; then
		echo "$1 $2:"
		cat "$work/log"
		kept=$(sed -n 's/.*Failing input written to //p' "$work/log")
		[ -z "$kept" ] || cat "$1/$kept"
		exit 1
	fi
	echo "$1 $2: $(grep -o 'execs: [0-9]*' "$work/log" | tail -n 1)"
}

for package in $(git ls-files -co --exclude-standard '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n1 dirname | sort -u); do
	targets=$(sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(f \*testing.F.*/\1/p' "$package"/*_test.go | grep -E -- "$match" | grep -vE -- "$skip") || continue
	[ -n "$list" ] || go test -c -fuzz . -o "$work/fuzz.test" "./$package" # one binary for all of them, which counts what code is reached
	for target in $targets; do
		count=$((count + 1))
		if [ -n "$list" ]; then
			echo "$package $target"
		else
			fuzz "$package" "$target"
		fi
	done
done
echo "$count targets"
