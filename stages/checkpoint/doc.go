// Package checkpoint keeps states of a run in a folder, one after the other, and writes
// of each only what the one before did not have.
//
//	s, err := checkpoint.Open("OUT/checkpoints")
//	ref, err := s.Write(12, session.Save)   // checkpoint-0000000012.ckpt
//	r, err := s.Read(ref)                   // in another process; verifies
//	err = s.Prune(ref)                      // removes what this one does not need
//
// A state is a stream of bytes, which is cut into chunks of chunkBytes. Where whoever
// writes it calls Cut, a chunk ends early, so that bytes before that change in length leave
// those behind in the same chunks. Chunks are known by their SHA-256: one that the
// state before had is not written again, the index says in which earlier file it lies.
//
//	magic     21 bytes
//	frames    zstd: chunks that are new, about frameBytes together
//	index     what follows, itself a zstd frame
//	              earlier files that are needed: number, bytes of the chunks that they hold
//	              frames of this file: length, length of their content
//	              chunks, in the order of the state: file, frame, place in its content, length, SHA-256
//	footer    place of the index (8 bytes), its length (8), its SHA-256 (32), magic again
//
// Integers of the index are of variable length (encoding/binary). A file checks itself: the footer has the hash
// of the index, the index that of every chunk, whichever file it lies in. The hash of the
// whole file is in the Ref, which belongs into a ledger: so is all of a state protected by
// the ledger's chain. What is damaged or missing is an error that names the file and
// the byte.
//
// Files become many and full of chunks that no state needs any more. Where of the
// bytes in the files that a state needs less than half are alive, or there are more
// than mostFiles of them, the next state is written whole.
//
// Files are written under a temporary name, synced, renamed, and the folder is synced: under a
// final name there are whole files only. They are for their owner alone (0600).
package checkpoint
