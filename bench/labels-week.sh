#!/usr/bin/env bash
# How true are labels of generated weeks?
#
# Weeks of a network with attacks (bench/traffic, Week: over midnight, over a change of
# clocks, behind a gateway that hides attacker and victims, at the edges of their time) go
# through the data path, and rules, netcap's attack file, alerts and a labelled CSV label
# their flows. Printed are precision and recall of each label as the rules define it, which
# must be 1, and as the generator meant it, which is less where rules cannot say what was
# meant; and for each kind of labels with a wrong zone or clock the offset that the scan
# finds. Ends with 1 where a flow is not labelled as it must be. Half a minute.
#
# With a folder as argument the first of the weeks is written there besides: captures,
# truth.jsonl, rules.yaml, attacks.yml, eve.json, flows.csv.
set -euo pipefail
folder=${1:+$(realpath -m "$1")}
cd "$(dirname "$0")/.."
export CGO_ENABLED=0
if [ -n "$folder" ]; then
	go run ./bench/cmd/trafficgen week -o "$folder" --seed 1
fi
PCAPMILL_ACCEPT=1 go test -count 1 -timeout 30m -v -run 'TestWeek$' ./bench/labels | grep -v '^=== '
