// Package job is one run from arguments to a published dataset: what
// `pcapmill run` does, without flags and terminals, so that it can be tested and
// called by other commands.
//
//	arguments ─► inputs ─► plan_id ─► output folder ─► stages.Run ─► parts
//	                                  (refused? done?)                  │
//	                            manifest.json, last ◄─ execution.json ◄─┘
//
// Run prints nothing. It returns a Report, which has the outcome of each input
// and the exit code, and an error where nothing was published.
package job
