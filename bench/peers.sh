#!/bin/sh
# peers.sh [mixed|small|FILE]...: pcapmill beside other flow meters on the same
# captures (default: mixed and small), in interleaved rounds, as ratios.
#
# SLOW=1 runs ndpiReader and tshark too, once each; they take minutes. WORKERS and
# HASH are the values of --workers and --input-hash to try (default 1,2 and
# none,sha256); RUN_FLAGS are more flags for pcapmill run. NO_PCAPMILL=1 measures
# the others alone. See common.sh for the other settings.
. "$(dirname "$0")/common.sh"
pcapmill=
[ -n "${NO_PCAPMILL:-}" ] || binary
build peerbench ./bench/cmd/peerbench
[ $# -gt 0 ] || set -- mixed small
for name; do
	if [ -f "$name" ]; then
		file=$name
		totals=
	else
		capture "$name" 1
	fi
	"$dir/peerbench" --file "$file" --totals "$totals" --pcapmill "$pcapmill" --rounds "$rounds" \
		--slow="${SLOW:-false}" --workers "${WORKERS:-1,2}" --input-hash "${HASH:-none,sha256}" \
		--run-flags "${RUN_FLAGS:-}"
	echo
done
