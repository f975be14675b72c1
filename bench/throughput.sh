#!/bin/sh
# throughput.sh [PROFILE [FACTOR]]: what pcapmill run costs on a generated capture.
#
# PROFILE is mixed (default; 1 GiB in 160,000 flows) or small (10 M packets of 64
# to 100 bytes in 1 M flows), FACTOR a whole number by which it is longer. Prints
# packets/s, MB/s, CPU, wall time, peak memory and output size: medians over
# ROUNDS runs with WORKERS (default 1,2) and HASH (default none) as values of
# --workers and --input-hash. RUN_FLAGS are more flags for pcapmill run. See
# common.sh for the other settings.
. "$(dirname "$0")/common.sh"
binary
capture "${1:-mixed}" "${2:-1}"
build peerbench ./bench/cmd/peerbench
"$dir/peerbench" --file "$file" --totals "$totals" --pcapmill "$pcapmill" --peers none --rounds "$rounds" \
	--workers "${WORKERS:-1,2}" --input-hash "${HASH:-none}" --run-flags "${RUN_FLAGS:-}"
