// Package livefolder is the folder of live tables: one that grows by the rows of a segment at a
// time, and whose ledger says what of it counts.
//
//	OUT/ledger.jsonl                                        what was committed, in order
//	OUT/manifest.json                                       plan, options, tables; sums up to a record of the ledger
//	OUT/flows/date=2026-11-29/segment-0000000001.parquet    rows of a segment
//	OUT/flows/date=2026-11-29/segment-0000000007_end.parquet   rows that only the end of a capture brought
//	OUT/checkpoints/                                        package stages/checkpoint
//	OUT/alerts.jsonl, OUT/watch.json                        package cmd/watch
//
// # Order of steps
//
// The parts of a segment are written, synced and renamed one by one; then one record, commit,
// makes them count together. What a process left that died in between has no commit, and is
// cleared away by the next one, which writes it again, to the same bytes. Numbers of segments
// rise, and a session's end has that of its last segment; so a part is later than another where
// its number is, or where it is the same and its name has _end. Folders of a table are named
// for the date, UTC, at which capture opened the segment.
//
// # Reading
//
// manifest.json stays small, however long the capture: it lists neither parts nor segments.
// Whole puts what the ledger says in: the manifest as a run's would be that ended with the last
// commit. Files of a table are those that package outputs/tables finds, up to the last commit.
//
// The folder may grow while it is read. A View is the state at one record of the ledger: what it
// has is never changed or removed by a Folder, as Clear takes only parts behind the last commit, and
// a ledger loses no record that is on disk. So a reader that keeps to one View reads one state,
// though manifest.json may be of a later record by then.
//
// # Records of the ledger
//
//	session      an analysis began, or began anew       Session
//	commit       the tables of a segment are whole      Commit
//	checkpoint   the state behind a commit is kept      Checkpoint
//	release      capture may delete segments            Release
//	gap          rows of the session stop here: what came before cannot be continued   Gap
//	end          the session is over, its rows are all there   End
package livefolder
