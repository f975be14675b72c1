// Package watch says what live mode finds while it runs: drift of each window against a
// baseline, rules on each row, as lines of one file of alerts.
//
//	Commit: parts of a segment ─┬─► hosts, pairs ─► pending ─► judge ─► drift.Report ─┐
//	                            │     a window is over at its end + Config.Life       ├─► alert.Log
//	                            └─► all tables ─► rules.Engine ─► Drain ──────────────┘      │
//	                                                                            OUT/alerts.jsonl ─► live forward
//
// # For who calls it
//
// The analysis process opens one Watch when it begins, tells it with Resume from which segment
// on it will feed, calls Committed after each commit record is on disk, and Finish and Close
// at the end:
//
//	w, err := watch.New(ctx, config)      // before rights are given up: it opens files for reading
//	seen, err := w.Resume(ctx, through)   // commits up to through are there, and are not made again
//	found, err := w.Committed(ctx, commit) // of all behind seen: those up to through as the ledger has them
//	w.Checkpointed(segment)               // when a checkpoint behind it is on disk
//	err = w.Reload(ctx)                   // SIGHUP
//	found, err = w.Finish(ctx, commit)    // with the parts of Session.Finish
//	err = w.Close()
//
// All calls come from one goroutine. Found.Flagged are segments that an alert is about, for
// --keep-segments flagged; no later call names one up to Found.Decided, so that those can be
// released. Errors are of the disk (alerts could not be written) and the context's: what is
// wrong with tables, rules or a baseline is a note, and never stops the analysis.
//
// # After a crash
//
// What Watch must know of segments before is in OUT/watch.json, replaced at each commit once
// the alerts of it are on disk. Resume drops what is beyond the checkpoint, reads rows of
// open windows again, and a commit that is done again says the same: its alerts have the same
// ids, and the Log knows those. So no alert is lost or written twice.
//
// # Live equals offline
//
// Windows are judged by the very calls of `drift`, stretch by stretch: an hour, or a longer window,
// or what Config.Together says. The verdict is that of
//
//	pcapmill drift OUT --baseline B --from STRETCH --to STRETCH+1h
//
// as soon as all its rows are there, which is Life after its end: the flows that began in it
// must have ended. Of losses, those of the segments of that stretch count, and not those of
// all of OUT. At the end of a session stretches and windows of rules that are open say what they have;
// those that the next session brings more of say it again when they are over. An event of a rule has
// the id that the alert of `rules run` has; rules whose aggregates ask all rows are asked at the end.
//
// # Memory and time
//
// A window is read when it is over, and judged in the memory that drift takes for one; the
// baseline stays a file, opened once. Of commits, what is open is kept: at most mostCommits.
package watch
