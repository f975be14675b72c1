package stream_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"pcapmill/ingest/packet"
	"pcapmill/stages/stream"
)

// tape notes what a Consumer gets: ">abc" bytes, ">[3]" a gap, "restart".
type tape struct {
	notes []string
	bytes [2][]byte
	gaps  [2]int64
}

func (t *tape) Deliver(dir stream.Dir, data []byte) {
	t.notes = append(t.notes, "><"[dir:dir+1]+string(data))
	t.bytes[dir] = append(t.bytes[dir], data...)
}

func (t *tape) Gap(dir stream.Dir, n int64) {
	t.notes = append(t.notes, fmt.Sprintf("%c[%d]", "><"[dir], n))
	t.gaps[dir] += n
}

func (t *tape) Restart() { t.notes = append(t.notes, "restart") }

// play runs lines such as "> 101 abc", "> 100 S", "< 7 SA ack=101" or "> 104 wire=9 ab",
// "close", "stop>" and returns what was delivered, line by line.
func play(t *testing.T, cfg stream.Config, lines string) (trace string, s *stream.Stream, p *stream.Pool) {
	t.Helper()
	s, p = new(stream.Stream), stream.NewPool(cfg)
	return playOn(t, s, p, strings.Split(lines, "|")), s, p
}

func playOn(t *testing.T, s *stream.Stream, p *stream.Pool, lines []string) (trace string) {
	t.Helper()
	var out tape
	for _, line := range lines {
		switch line = strings.TrimSpace(line); line {
		case "close":
			s.Close(p, &out)
		case "stop>":
			s.Stop(p, stream.Forward)
		default:
			dir, seg := parse(t, line)
			s.Add(p, dir, &seg, &out)
		}
	}
	return strings.Join(out.notes, " ")
}

func parse(t *testing.T, line string) (dir stream.Dir, seg stream.Segment) {
	t.Helper()
	fields := strings.Fields(line)
	if fields[0] == "<" {
		dir = stream.Backward
	}
	seg.Seq = number(t, fields[1])
	wire := -1
	for _, f := range fields[2:] {
		switch name, value, _ := strings.Cut(f, "="); {
		case name == "ack":
			seg.Ack, seg.Flags = number(t, value), seg.Flags|packet.ACK
		case name == "wire":
			wire = int(number(t, value))
		case name == "x":
			seg.Payload = []byte(strings.Repeat("x", int(number(t, value))))
		case strings.Trim(f, "SFR") == "":
			seg.Flags |= flags(f)
		default:
			seg.Payload = []byte(f)
		}
	}
	seg.Wire = uint32(len(seg.Payload))
	if wire >= 0 {
		seg.Wire = uint32(wire)
	}
	return dir, seg
}

func flags(letters string) (bits uint16) {
	for _, c := range letters {
		bits |= map[rune]uint16{'S': packet.SYN, 'F': packet.FIN, 'R': packet.RST}[c]
	}
	return bits
}

func number(t *testing.T, text string) uint32 {
	t.Helper()
	n, err := strconv.ParseInt(text, 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	return uint32(n) // -1 is 2^32 - 1
}
