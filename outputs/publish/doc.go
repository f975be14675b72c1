// Package publish puts files and whole output folders in place so that nobody
// ever sees half of one.
//
// # Files
//
// A File is written under a temporary name in the folder of its final one
// (".pcapmill-tmp-" and random digits, created exclusively, mode 0600), hashed on
// the way. Commit flushes, syncs, closes, opens it again for its size and the
// caller's check, renames it and syncs the folder. A sync or close that fails
// loses the unit (Error.Lost): what the system kept of it is unknown, so it is
// written anew into a new File and never synced a second time.
//
// # Folders
//
//	New        absent or empty
//	Restarted  unfinished and ours: has the marker, or nothing but .pcapmill- names
//	Complete   ours, with manifest.json, for the same plan and inputs
//	SamePlan   the same, but only hashes of the inputs can tell whether they are the same
//	ErrOther   complete for other inputs, options or build; with Force: Replacing. Or ours, and a file that
//	           the manifest lists is gone or shorter
//	ErrForeign anything else that is not empty, Force or not
//
// The order of steps makes each state recognisable whenever the process dies:
//
//	lock  .pcapmill-lock, held until the end
//	mark  .pcapmill-run.json, naming every table before its folder is made
//	...   tables and files, each by Commit
//	last  execution.json, manifest.json, then the marker and the lock go
//
// To replace a complete run the marker is written first, in phase "replacing" and
// naming the old tables, then manifest.json is removed, which unpublishes the old
// run, then the phase becomes "writing" and the tables go. So a manifest beside a
// marker in phase "replacing" is the old run, whole; beside one in phase "writing"
// it is the new run, finished but for the marker. Files that no marker and no
// manifest names are never removed.
//
// All names are resolved below an os.Root, so no link, planted before or during
// the run, leads a write elsewhere. An output folder that is itself a symbolic
// link or belongs to another user is refused. Folders are 0700 and files 0600
// whatever the umask.
package publish
