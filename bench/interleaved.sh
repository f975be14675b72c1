#!/usr/bin/env bash
# A million TCP flows that are open at once, each with segments out of order and every
# second one with a hole for good: is memory bounded by --memory, is what had to be given
# up counted, and are the flow rows exact?
#
#   FLOWS=1000000        of which most do not fit
#   SMALL=200000         flows that do: their rows are compared with those of a run
#                        without records, but for what records alone say
#   MEMORY=1GiB
#   MOST=1280            MiB of resident memory at the most
#   WORK=DIR             where captures (1.7 GB) and tables go; default: a temporary folder
#
# Ends with 1 where anything is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/.."
flows=${FLOWS:-1000000} small=${SMALL:-200000} memory=${MEMORY:-1GiB} most=${MOST:-1280}
work=${WORK:-$(mktemp -d)}
[ -n "${WORK:-}" ] || trap 'rm -rf "$work"' EXIT
mkdir -p "$work"
export CGO_ENABLED=0
go build -o "$work/pcapmill" ./cmd/pcapmill
go build -o "$work/hostilegen" ./bench/cmd/hostilegen
capture=$work/interleaved.pcap failed=0

# number FILE KEY: the first number of that name in a file of JSON.
number() { tr -d ' ,"' <"$1" | awk -F: -v key="$2" '$1 == key { print $2; exit }'; }

# generate FLOWS
generate() { "$work/hostilegen" --shape interleaved --packets $((4 * $1)) -o "$capture"; }

# run NAME FLAGS...: a run over the capture into a folder, and what it took.
run() {
	local out=$work/$1
	shift
	rm -rf "$out"
	"$work/pcapmill" run "$capture" -o "$out" -q --input-hash none "$@"
	echo "  ${out##*/}: $(($(number "$out/execution.json" peak_rss_bytes) >> 20)) MiB, $(($(number "$out/execution.json" cpu_user_ns) / 1000000)) ms of user time, $(number "$out/manifest.json" evicted_flows) flows evicted"
}

# counted NAME PACKETS: the packets of the rows.
counted() {
	"$work/pcapmill" show "$work/$1/flows" --select fwd_packets,rev_packets --format csv | awk -F, 'NR > 1 { sum += $1 + $2; rows++ } END { printf "%d %d\n", sum, rows }'
}

check() { # WHAT GOT WANT
	if [ "$2" = "$3" ]; then echo "  $1: $2"; else echo "  $1: $2, want $3"; failed=1; fi
}

echo "$flows flows, $memory"
generate "$flows"
run many --memory "$memory"
echo "  $(tr -d ' "\n' <"$work/many/manifest.json" | grep -o 'limits:{[^}]*}\|tcp_streams:{[^}]*}' | tr '\n' ' ')"
peak=$(($(number "$work/many/execution.json" peak_rss_bytes) >> 20))
[ "$peak" -le "$most" ] || { echo "  $peak MiB are above $most"; failed=1; }
read -r packets rows < <(counted many)
check "packets in rows" "$packets" $((4 * flows))
echo "  rows: $rows"

echo "$small flows"
generate "$small"
run with --memory "$memory"
run without --memory "$memory" --records none
columns=$("$work/pcapmill" schema flows --format json | tr -d ' ",' | awk -F: '
	$1 == "name" { name = $2 } $1 == "group" && $2 != "application" && $2 != "streams" && name != "" { list = list sep name; sep = "," }
	$1 == "group" { name = "" } END { print list }')
present=$("$work/pcapmill" show "$work/without/flows" --format csv --head 1 | head -n 1)
columns=$(echo "$columns" | tr , '\n' | grep -Fxf <(echo "$present" | tr , '\n') | paste -sd,)
for name in with without; do
	"$work/pcapmill" show "$work/$name/flows" --select "$columns" --format csv | sha256sum | cut -c1-64 >"$work/$name.sha256"
done
check "rows as without records" "$(cat "$work/with.sha256")" "$(cat "$work/without.sha256")"
read -r packets rows < <(counted with)
check "packets in rows" "$packets" $((4 * small))
check "rows" "$rows" "$small"
rm -f "$capture"
exit $failed
