#!/usr/bin/env bash
# Fuzzes every target of the tree, found by asking the test binaries.
#
#   FUZZTIME=60s         time per target; also a number of executions, as 100000x
#   FUZZ='^FuzzCapture$' only targets whose name matches
#   FUZZLIST=1           only list them
#
# Ends with 1 at the first target that fails; go test says where it put the input.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED="${CGO_ENABLED:-0}"
time=${FUZZTIME:-60s} match=${FUZZ:-.} log=$(mktemp) count=0
trap 'rm -f "$log"' EXIT

for package in $(git ls-files -co --exclude-standard '*_test.go' | xargs grep -l '^func Fuzz' | xargs -n1 dirname | sort -u); do
	for target in $(go test "./$package" -list '^Fuzz' | grep '^Fuzz' | grep -E -- "$match" || true); do
		count=$((count + 1))
		if [ -n "${FUZZLIST:-}" ]; then
			echo "$package $target"
			continue
		fi
		go test "./$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time" >"$log" 2>&1 || { cat "$log"; exit 1; }
		echo "$package $target: $(grep -o 'execs: [0-9]*' "$log" | tail -n 1)"
	done
done
echo "$count targets"
