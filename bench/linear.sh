#!/usr/bin/env bash
# Does the work grow in line with the size of the input, whatever an attacker puts
# into it? For each adversarial shape of bench/hostile, pcapmill run is measured
# on captures of n packets and of TIMES as many; printed are CPU nanoseconds per packet
# and the peak of memory for both, and the ratio of the times, which is TIMES where work
# is linear. The least of ROUNDS runs counts, user and system time together. Ends with 1
# where a ratio is above LIMIT or the memory above MOST.
#
#   PACKETS=200000       n
#   TIMES=2
#   ROUNDS=3
#   SHAPES='syn_flood …' only these
#   LIMIT=2.5            the most that a ratio may be; default: a quarter more than TIMES
#   MOST=1024            MiB
#   WORK=DIR             where captures and tables go; default: a temporary folder
set -euo pipefail
cd "$(dirname "$0")/.."
packets=${PACKETS:-200000} times=${TIMES:-2} rounds=${ROUNDS:-3} most=${MOST:-1024}
limit=${LIMIT:-$(awk -v t="$times" 'BEGIN { print t * 1.25 }')}
work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
export CGO_ENABLED=0
go build -o "$work/pcapmill" ./cmd/pcapmill
go build -o "$work/hostilegen" ./bench/cmd/hostilegen
shapes=${SHAPES:-$("$work/hostilegen" --list | awk '$1 == "shape" { print $2 }')}

# measure FILE sets ms, of CPU time of a run over it, and mib, the peak of its memory.
# Shapes that are not read to their end (exit codes 3 to 5) count as they are.
measure() {
	local code=0
	rm -rf "$work/out"
	"$work/pcapmill" run "$1" -o "$work/out" -q --input-hash none 2>/dev/null || code=$?
	case $code in 0 | 3 | 4 | 5) ;; *) echo "exit code $code for $shape" >&2; exit 1 ;; esac
	read -r ms mib < <(tr -d ' ",' <"$work/out/execution.json" | awk -F: '
		$1 == "cpu_user_ns" || $1 == "cpu_system_ns" { sum += $2 } $1 == "peak_rss_bytes" { peak = $2 }
		END { printf "%d %d\n", sum / 1e6, peak / 2^20 }')
}

# least A B: the smaller, or B where there is no A yet.
least() { if [ -z "$1" ] || [ "$2" -lt "$1" ]; then echo "$2"; else echo "$1"; fi; }

printf '%-20s %10s %12s %12s %7s %8s %8s\n' shape packets "ns/packet" "of ${times}n" ratio MiB "of ${times}n"
worst=0 peak=0
for shape in $shapes; do
	"$work/hostilegen" --shape "$shape" --packets "$packets" -o "$work/once"
	"$work/hostilegen" --shape "$shape" --packets $((times * packets)) -o "$work/more"
	once="" more="" low="" high=""
	for _ in $(seq "$rounds"); do # in turn, so that a noisy minute meets both
		measure "$work/once"
		once=$(least "$once" "$ms") low=$(least "$low" "$mib")
		measure "$work/more"
		more=$(least "$more" "$ms") high=$(least "$high" "$mib")
	done
	rm -f "$work/once" "$work/more"
	ratio=$(awk -v a="$once" -v b="$more" 'BEGIN { printf "%.2f", b / (a > 0 ? a : 1) }')
	awk -v shape="$shape" -v n="$packets" -v t="$times" -v a="$once" -v b="$more" -v r="$ratio" -v l="$low" -v h="$high" \
		'BEGIN { printf "%-20s %10d %12.0f %12.0f %7s %8d %8d\n", shape, n, a * 1e6 / n, b * 1e6 / (t * n), r, l, h }'
	worst=$(awk -v a="$worst" -v b="$ratio" 'BEGIN { print (b > a ? b : a) }')
	peak=$((high > peak ? high : peak))
done
echo "worst ratio $worst, most memory $peak MiB"
awk -v w="$worst" -v l="$limit" -v p="$peak" -v m="$most" 'BEGIN { exit !(w > 0 && w <= l && p <= m) }'
