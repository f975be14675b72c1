# Sourced by the scripts of this folder: where things are, and how they are made.
#
#   BENCH_DIR  folder for captures and programs (default: pcapmill-bench in the
#              temporary folder); captures are kept and used again
#   PCAPMILL   our binary (default: built from this tree)
#   ROUNDS     rounds (default 5)

set -eu
repo=$(cd "$(dirname "$0")/.." && pwd)
dir=${BENCH_DIR:-${TMPDIR:-/tmp}/pcapmill-bench}
rounds=${ROUNDS:-5}
mkdir -p "$dir"

# Programs are built as make release builds them.
build() { (cd "$repo" && CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o "$dir/$1" "$2"); }

# binary sets $pcapmill.
binary() {
	pcapmill=${PCAPMILL:-}
	if [ -z "$pcapmill" ]; then
		build pcapmill ./cmd/pcapmill
		pcapmill=$dir/pcapmill
	fi
}

# capture PROFILE FACTOR sets $file and $totals and writes both if they are
# missing: the profile at FACTOR times its default size.
capture() {
	name=$1
	[ "$2" = 1 ] || name=$1$2
	file=$dir/$name.pcap
	totals=$dir/$name.json
	[ -s "$file" ] && [ -s "$totals" ] && return
	case $1 in
	mixed) flows=160000 ;;
	small) flows=1000000 ;;
	*) echo "no such capture: $1 (mixed, small)" >&2; exit 2 ;;
	esac
	build trafficgen ./bench/cmd/trafficgen
	"$dir/trafficgen" --profile "$1" --flows $((flows * $2)) -o "$file.part" >"$totals"
	mv "$file.part" "$file"
}
