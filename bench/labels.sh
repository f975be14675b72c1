#!/bin/sh
# labels.sh [FLOWS [RULES]]: what labelling costs, on a made-up week of FLOWS (default
# 10,000,000) with RULES (default 1,000) of each kind, then a million alerts.
#
# Prints a line of JSON a step: wall and CPU seconds, peak memory of the process. Needs 100
# bytes of disk a flow in BENCH_DIR, which are kept and used again.
. "$(dirname "$0")/common.sh"
flows=${1:-10000000}
rules=${2:-1000}
build labelbench ./bench/cmd/labelbench
table=$dir/labels$flows
if [ ! -d "$table" ]; then
	"$dir/labelbench" flows -o "$table.part" --flows "$flows"
	mv "$table.part" "$table"
fi
for kind in mixed networks times ports conditions nothing; do
	"$dir/labelbench" match --flows "$flows" --kind $kind --labels "$rules" "$table"
done
"$dir/labelbench" match --flows "$flows" --kind events --labels 1000000 "$table"
