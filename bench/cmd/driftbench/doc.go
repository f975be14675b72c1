// Driftbench measures how often pcapmill flags changed and unchanged hours of generated
// networks, and of the crafted captures where they are given; bench/drift.sh runs it.
//
//	driftbench --pcapmill ./pcapmill -o FOLDER [--crafted shared/captures/drift/crafted]
//
// FOLDER keeps the tables of all hours, one folder each, their truth, the baselines, and
// verdicts.jsonl with what was said of each hour. Where it has a network's tables already
// they are judged as they are, unless with --again; --make writes and judges nothing. The exit code is 1
// where shares are not as they must be.
package main
