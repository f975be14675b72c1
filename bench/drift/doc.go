// Package drift measures how often a changed hour of a network is flagged and how
// often an unchanged one is, with the program as its users have it: hours that
// bench/traffic generates go through run, baseline build and drift.
//
//	Networks ─► Make: captures ─► pcapmill run ─► FOLDER/NETWORK/HOUR
//	                                                    │
//	        Judge: pcapmill baseline build, drift ◄─────┘ ─► Verdict of each hour ─► Table
//
// bench/drift.sh does all of it.
package drift
