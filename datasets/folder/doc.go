// Package folder publishes tables that were made of other tables: labels, datasets, packages.
//
//	Spec ─► Create ─► Table, Partition, File ─► Finish ─► manifest.json
//
// Such a folder is as a run's is: parts are written under other names first, manifest.json
// comes last and lists everything with its hash, and verify checks it. Its manifest has a Kind,
// and Sources instead of inputs: the folders and files that it was made of, by the hash of their
// manifest or bytes. The manifests of all earlier steps, back to the captures, are kept beside it
// as they were (step-01-run.json, …), so that a folder can say all of how it came to be when
// nothing else is at hand.
//
// What decides the bytes, options and sources, is the plan: a folder that has the same plan
// is what was asked for, and there is nothing to do.
package folder
