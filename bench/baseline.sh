#!/bin/sh
# baseline.sh [HOSTS]: what baselines of many hosts cost, each of which has all 144 windows
# of a day with all columns of the hosts table.
#
# Builds HOSTS (default 1,000,000) in ten pieces, joins them, and measures a pass over all
# hosts, the profile of all of them, dropping and forgetting, in memory and from file to
# file; then that every order of a tenth of them in four shares gives the same bytes. Writes
# tables of a million windows for drift. Prints a line of JSON a step: wall and CPU seconds,
# peak memory of the process. Needs three times HOSTS * 1.7 KB of disk in BENCH_DIR; MEMORY
# (default yes) says whether to do what needs several times that of memory, too.
. "$(dirname "$0")/common.sh"
hosts=${1:-1000000}
tenth=$((hosts / 10))
at=$dir/baseline
mkdir -p "$at"
build baselinebench ./bench/cmd/baselinebench
step() { "$dir/baselinebench" "$@"; }
some() { step build --table hosts --categories endpoint,peer,served,service "$@"; }

pieces=
for i in 0 1 2 3 4 5 6 7 8 9; do
	some -o "$at/piece$i" --hosts "$tenth" --from $((i * tenth))
	pieces="$pieces $at/piece$i"
done
step join -o "$at/all" $pieces
step read "$at/all"
step global "$at/all"
step join -o "$at/less" --forget --drop "$at/all"
rm "$at/less"
if [ "${MEMORY:-yes}" = yes ]; then
	step load "$at/all"
	step merge -o "$at/merged" $pieces
	cmp "$at/all" "$at/merged" && echo "merged as joined"
	step forget -o "$at/merged" "$at/all"
	step drop -o "$at/merged" "$at/all"
	rm "$at/merged"
fi
rm $pieces

for k in 0 1 2 3 all; do some -o "$at/share$k" --hosts "$tenth" --share $k/4; done
for order in "0 1 2 3" "3 1 0 2" "2 3 1 0"; do
	files=
	for k in $order; do files="$files $at/share$k"; done
	for how in merge join; do
		step $how -o "$at/together" $files
		cmp "$at/together" "$at/shareall" && echo "$order: the bytes of the whole"
	done
done
rm "$at"/share? "$at/shareall" "$at/together"

step tables -o "$at/six" --hosts $((hosts / 6)) --windows 6
step tables -o "$at/one" --hosts "$hosts" --windows 1
