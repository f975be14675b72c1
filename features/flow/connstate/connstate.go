package connstate

// Code is a conn_state.
type Code uint8

// The connection states, with Zeek's names and meanings.
const (
	OTH    Code = iota // mid-stream traffic, no SYN; also ICMP and other protocols
	S0                 // attempt, no reply
	S1                 // established, not ended
	SF                 // normal establishment and end
	REJ                // attempt rejected
	S2                 // established, originator's close unanswered
	S3                 // established, responder's close unanswered
	RSTO               // established, originator aborted
	RSTR               // responder aborted
	RSTOS0             // SYN then RST by the originator, no SYN+ACK seen
	RSTRH              // SYN+ACK then RST by the responder, no SYN seen
	SH                 // SYN then FIN by the originator, no SYN+ACK seen
	SHR                // SYN+ACK then FIN by the responder, no SYN seen
	numCodes
)

var codeNames = [numCodes]string{"OTH", "S0", "S1", "SF", "REJ", "S2", "S3", "RSTO", "RSTR", "RSTOS0", "RSTRH", "SH", "SHR"}

// String returns Zeek's name of the state.
func (c Code) String() string {
	if c < numCodes {
		return codeNames[c]
	}
	return "invalid_conn_state"
}

// CodeNames returns the names of all states, indexed by Code.
func CodeNames() []string { return append([]string(nil), codeNames[:]...) }

// ConnState returns the connection's state so far.
func (s *State) ConnState() Code {
	switch s.kind {
	case kindTCP:
		return s.tcpCode()
	case kindUDP:
		return s.udpCode()
	}
	return OTH
}

func (s *State) udpCode() Code {
	switch orig, resp := s.ends[Orig].seen&seenData != 0, s.ends[Resp].seen&seenData != 0; {
	case orig && resp:
		return SF
	case orig:
		return S0
	case resp:
		return SHR
	}
	return OTH
}

func (s *State) tcpCode() Code {
	orig, resp := s.ends[Orig].state, s.ends[Resp].state
	switch {
	case resp == reset:
		return s.respResetCode(orig)
	case orig == reset:
		return s.origResetCode(resp)
	case orig == closed && resp == closed:
		return SF
	case orig == closed:
		return pick(resp.absent(), SH, S2)
	case resp == closed:
		return pick(orig.absent(), SHR, S3)
	case orig == synSent && resp == inactive:
		return S0
	case orig == established && resp == established:
		return S1
	}
	return OTH
}

func (s *State) respResetCode(orig phase) Code {
	nothing := orig == reset && s.ends[Orig].empty() && s.ends[Resp].empty()
	switch {
	case orig == synSent, orig == synAckSent, nothing:
		return REJ
	case orig.absent():
		return RSTRH
	}
	return RSTR
}

func (s *State) origResetCode(resp phase) Code {
	if !resp.absent() {
		return RSTO
	}
	return pick(s.abortedAttempt(), RSTOS0, OTH)
}

// abortedAttempt reports whether the history is a SYN, perhaps after ^, and later
// an R with none of the originator's H A F G I Q between them.
func (s *State) abortedAttempt() bool {
	var buf [MaxHistory]byte
	text := s.History(buf[:0])
	if len(text) > 0 && text[0] == '^' {
		text = text[1:]
	}
	if len(text) == 0 || text[0] != 'S' {
		return false
	}
	for _, c := range text[1:] {
		switch c {
		case 'R':
			return true
		case 'H', 'A', 'F', 'G', 'I', 'Q':
			return false
		}
	}
	return false
}

// empty reports whether the side sent no byte of payload, by sequence numbers.
func (e *endpoint) empty() bool {
	span := max(int32(e.next-e.start), int32(e.acked-e.start))
	if e.has(endFIN) && span > 1 {
		span--
	}
	return (span == 0 || span == 1) && !e.has(endWide)
}

func pick(cond bool, yes, no Code) Code {
	if cond {
		return yes
	}
	return no
}
