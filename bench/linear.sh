#!/usr/bin/env bash
# Does the work grow in line with the size of the input, whatever an attacker puts
# into it? For each adversarial shape of bench/hostile, pcapmill run is measured
# on captures of n and of 2n packets; printed are CPU nanoseconds per packet for
# both, and the ratio of the times, which is 2 where work is linear. The least of
# ROUNDS runs counts, user and system time together. Ends with 1 where a ratio is
# above LIMIT.
#
#   PACKETS=200000       n
#   ROUNDS=3
#   SHAPES='syn_flood …' only these
#   LIMIT=2.5            the most that a ratio may be
#   WORK=DIR             where captures and tables go; default: a temporary folder
set -euo pipefail
cd "$(dirname "$0")/.."
packets=${PACKETS:-200000} rounds=${ROUNDS:-3} limit=${LIMIT:-2.5}
work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
export CGO_ENABLED=0
go build -o "$work/pcapmill" ./cmd/pcapmill
go build -o "$work/hostilegen" ./bench/cmd/hostilegen
shapes=${SHAPES:-$("$work/hostilegen" --list | awk '$1 == "shape" { print $2 }')}

# cpu FILE: milliseconds of CPU time of a run over it. Shapes that are not read to
# their end (exit codes 3 to 5) count as they are.
cpu() {
	local code=0
	rm -rf "$work/out"
	"$work/pcapmill" run "$1" -o "$work/out" -q --input-hash none 2>/dev/null || code=$?
	case $code in 0 | 3 | 4 | 5) ;; *) echo "exit code $code for $shape" >&2; exit 1 ;; esac
	tr -d ' ",' <"$work/out/execution.json" | awk -F: '$1 == "cpu_user_ns" || $1 == "cpu_system_ns" { sum += $2 } END { printf "%d", sum / 1e6 }'
}

# least A B: the smaller, or B where there is no A yet.
least() { if [ -z "$1" ] || [ "$2" -lt "$1" ]; then echo "$2"; else echo "$1"; fi; }

printf '%-20s %10s %14s %14s %7s\n' shape packets "ns/packet (n)" "ns/packet (2n)" ratio
worst=0
for shape in $shapes; do
	"$work/hostilegen" --shape "$shape" --packets "$packets" -o "$work/once"
	"$work/hostilegen" --shape "$shape" --packets $((2 * packets)) -o "$work/twice"
	once="" twice=""
	for _ in $(seq "$rounds"); do # in turn, so that a noisy minute meets both
		ms=$(cpu "$work/once")
		once=$(least "$once" "$ms")
		ms=$(cpu "$work/twice")
		twice=$(least "$twice" "$ms")
	done
	rm -f "$work/once" "$work/twice"
	ratio=$(awk -v a="$once" -v b="$twice" 'BEGIN { printf "%.2f", b / (a > 0 ? a : 1) }')
	awk -v shape="$shape" -v n="$packets" -v a="$once" -v b="$twice" -v r="$ratio" \
		'BEGIN { printf "%-20s %10d %14.0f %14.0f %7s\n", shape, n, a * 1e6 / n, b * 1e6 / (2 * n), r }'
	worst=$(awk -v a="$worst" -v b="$ratio" 'BEGIN { print (b > a ? b : a) }')
done
echo "worst ratio $worst"
awk -v w="$worst" -v l="$limit" 'BEGIN { exit !(w > 0 && w <= l) }'
