// Package labels measures how true labels are: of a generated week with attacks, whose
// truth the generator knows (bench/traffic, Week), and of the shared captures that have
// alerts.
//
//	traffic.Week ─► captures ─► cmd/job ─► flows ─┐
//	      └─ rules, attacks, alerts, CSV ─► source ┴─► match ─► compared with the truth, flow by flow
//
// What is compared is in docs/labels-accuracy.md.
package labels
