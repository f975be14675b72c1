#!/bin/sh
# pgo.sh: renews cmd/pcapmill/default.pgo, the profile that go build uses, from
# runs over the generated captures. Do it when the hot path has changed.
. "$(dirname "$0")/common.sh"
binary
profiles=
for name in mixed small; do
	capture "$name" 1
	for hash in none sha256; do
		for tables in none all; do
			profile=$dir/$name-$hash-$tables.prof
			"$pcapmill" run "$file" -o "$dir/pgo-out" --force --quiet --input-hash "$hash" --records $tables --windows $tables --cpu-profile "$profile"
			profiles="$profiles $profile"
		done
	done
done
# shellcheck disable=SC2086 # the list is meant to be split
go tool pprof -proto $profiles >"$repo/cmd/pcapmill/default.pgo"
rm -rf "$dir/pgo-out"
