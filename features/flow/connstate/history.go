package connstate

// MaxHistory is the number of letters that a history holds. Ordinary connections
// stay below 20; only endless repetition with changing sequence numbers gets here.
const MaxHistory = lettersPerWord * historyWords

const (
	letterBits     = 5
	lettersPerWord = 64 / letterBits
	historyWords   = 3
)

// alphabet has each letter at its code; the responder's are respLetters later.
const alphabet = "?SHADFRCGTWIQshadfrcgtwiq^"

type letter uint8

const (
	letterSYN letter = 1 + iota
	letterSYNACK
	letterACK
	letterData
	letterFIN
	letterRST
	letterChecksum
	letterGap
	letterAgain
	letterZeroWindow
	letterFINRST
	letterMulti
)

const (
	respLetters = 12
	letterFlip  = letter(25)
)

// Bits of endpoint.seen.
const (
	seenSYN uint8 = 1 << iota // s or h
	seenFIN
	seenRST
	seenFINRST
	seenData
	seenACK
	seenMulti
)

// history is a string of letters, five bits each, the first in the low bits.
type history [historyWords]uint64

// append adds a letter to the history.
func (s *State) append(l letter) {
	if s.letterCount >= MaxHistory {
		s.flags |= flagHistoryFull
		return
	}
	s.history[s.letterCount/lettersPerWord] |= uint64(l) << (s.letterCount % lettersPerWord * letterBits)
	s.letterCount++
}

// History appends Zeek's history string to dst: at most MaxHistory letters.
func (s *State) History(dst []byte) []byte {
	left := int(s.letterCount)
	for _, word := range s.history {
		for range min(left, lettersPerWord) {
			dst = append(dst, alphabet[word&(1<<letterBits-1)])
			word >>= letterBits
		}
		left = max(left-lettersPerWord, 0)
	}
	return dst
}

// HistoryKey returns the history's letters packed: equal for equal histories only.
func (s *State) HistoryKey() (a, b, c uint64) {
	return s.history[0], s.history[1], s.history[2]
}

// HistoryTruncated reports whether letters are missing at the end of History
// because it was full.
func (s *State) HistoryTruncated() bool { return s.has(flagHistoryFull) }

func (s *State) add(side Side, l letter) { s.append(l + letter(side)*respLetters) }

// once adds a letter unless the side has it already, and reports whether it had.
func (s *State) once(side Side, bit uint8, l letter) bool {
	e := &s.ends[side]
	if e.seen&bit != 0 {
		return true
	}
	e.seen |= bit
	s.add(side, l)
	return false
}

// scaled counts an occurrence and adds its letter at the 1st, 10th, 100th, ….
func (s *State) scaled(side Side, l letter) {
	n := &s.rare[side].counts[l-letterChecksum]
	if *n+1 == 0 {
		return
	}
	*n++
	switch *n {
	case 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9:
		s.add(side, l)
	}
}
