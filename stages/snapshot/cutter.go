package snapshot

// Cutter is a writer that may begin something new between two writes. Save tells it where
// a stretch begins whose bytes do not depend on those before it: bytes that changed in
// length there do not move what comes then.
type Cutter interface {
	Cut()
}
