package dns

import (
	"errors"
	"strings"
	"testing"
)

// longName is a name of 253 bytes that do not print, of 995 characters, at offset 12.
func longName(b builder) builder {
	zeros := strings.Repeat("\x00", 63)
	return b.name(zeros, zeros, zeros, zeros[:59])
}

// longEnd is where the root of longName is.
const longEnd = 12 + 3*64 + 60

// repeated is a response with a question and as many answers of one data as fit.
func repeated(size int, typ uint16, data string) builder {
	return filled(size, longName(header(QR, 1, 65535, 0, 0)).u16(1, 1), builder{}.record(longEnd, typ, data))
}

// filled appends a part until a size.
func filled(size int, b, part builder) builder {
	for len(b)+len(part) <= size {
		b = append(b, part...)
	}
	return b
}

// chain appends 127 questions, each with the one before as its name, and returns where
// the last is: a pointer to it follows as many as a name may.
func chain(b builder) (builder, uint16) {
	b[4], b[5] = 0, 127
	b = b.name().u16(1, 1)
	last := 12
	for range 126 {
		at := len(b)
		b = b.u16(0xc000|uint16(last), 1, 1)
		last = at
	}
	return b, uint16(last)
}

// hostile are messages of about a size, each made to cost more than it should.
var hostile = map[string]func(size int) builder{
	"names that expand": func(size int) builder {
		return filled(size, longName(header(QR, 1, 65535, 0, 0)).u16(1, 1), builder{}.record(12, 2, "\xc0\x0c"))
	},
	"data that expands and is refused":      func(size int) builder { return repeated(size, 5, "\xc0\x0c\x00") },
	"data that is refused behind two names": func(size int) builder { return repeated(size, 6, "\xc0\x0c\xc0\x0c") },
	"pointer chains in data": func(size int) builder {
		b, last := chain(header(QR, 1, 65535, 0, 0))
		return filled(size, b, builder{}.record(last, 6, string(builder{}.u16(0xc000|last, 0xc000|last))))
	},
	"pointer chains in questions": func(size int) builder {
		b, last := chain(header(0, 65535, 1, 0, 0))
		b[5], b[4] = 0xff, 0xff
		return filled(size, b, builder{}.u16(0xc000|last, 1, 1))
	},
	"labels in questions": func(size int) builder {
		return filled(size, header(0, 65535, 0, 0, 0).name(strings.Split(strings.Repeat("a", 126), "")...).u16(1, 1), builder{}.u16(0xc00c, 1, 1))
	},
	"each name points at the one before": func(size int) builder {
		b := header(0, 65535, 0, 0, 0).name("x").u16(1, 1)
		for n, last := 0, 12; len(b)+8 <= size; n++ {
			at := len(b)
			if n%100 == 0 || last > 0x3fff {
				last = 12
			}
			b = append(b, 1, 'x').u16(0xc000|uint16(last), 1, 1)
			last = at
		}
		return b
	},
	"one map of all types": func(size int) builder {
		return one(47, "\x00"+strings.Repeat("\xff\xff"+strings.Repeat("\xff", 255), size/257))
	},
	"maps of all types": func(size int) builder {
		windows := "\x00"
		for w := 0; w < 256 && len(windows) < size/2; w++ {
			windows += string([]byte{byte(w), maxWindow}) + strings.Repeat("\xff", maxWindow)
		}
		return filled(size, header(QR, 1, 65535, 0, 0).name().u16(1, 1), builder{}.record(12, 47, windows))
	},
	"counts without entries": func(int) builder { return header(QR, 65535, 65535, 65535, 65535) },
	"empty strings":          func(size int) builder { return one(16, strings.Repeat("\x00", size)) },
	"strings to escape":      func(size int) builder { return one(16, strings.Repeat("\xff"+strings.Repeat("\x00", 255), size/256)) },
	"parameters": func(size int) builder {
		b := builder{0, 1, 0}
		for key := uint16(100); len(b) < size; key++ {
			b = b.u16(key, 0)
		}
		return one(65, string(b))
	},
	"mandatory keys": func(size int) builder {
		size &^= 1
		return one(65, string(builder{0, 1, 0}.u16(0, uint16(size)))+strings.Repeat("\xff", size))
	},
	"options": func(size int) builder {
		b := header(0, 0, 0, 0, 1)
		b = append(b, 0).u16(41, 512, 0, 0, uint16(size&^7))
		return append(b, strings.Repeat(unhex("0008 0004 0001 ffff"), size/8)...)
	},
	"records without data": func(size int) builder {
		return filled(size, header(QR, 0, 65535, 0, 0), append(builder{0}.u16(1, 1, 0, 0), 0, 0))
	},
}

func one(typ uint16, data string) builder {
	return header(QR, 1, 1, 0, 0).name("example", "org").u16(typ, 1).record(12, typ, data)
}

// stepsPerByte is the most that a byte may cost in names: a question of six bytes may
// follow 127 pointers, a label is at least two characters of the text.
const stepsPerByte = 24

// TestHostileWork counts the labels read and the characters written, those taken back
// included, and holds that both grow with the message alone.
func TestHostileWork(t *testing.T) {
	for name, build := range hostile {
		var m Message
		for size := 1000; size <= 64000; size *= 2 {
			b := build(size)
			_ = m.Parse(b, DNS)
			written := len(m.texts) + minArena + arenaPerByte*len(b) - m.limit
			if most := stepsPerByte * (len(b) + 200); m.steps > most {
				t.Errorf("%s: %d steps in %d bytes, want at most %d", name, m.steps, len(b), most)
			}
			if most := minArena + 3*arenaPerByte*len(b) + 4*maxName; written > most {
				t.Errorf("%s: %d characters from %d bytes, want at most %d", name, written, len(b), most)
			}
			if most := minArena + arenaPerByte*len(b) + 4*maxName; len(m.texts) > most+4*len(b) {
				t.Errorf("%s: an arena of %d from %d bytes, want at most %d", name, len(m.texts), len(b), most)
			}
		}
	}
}

// TestHostileAllocations holds that a broken message costs its error alone.
func TestHostileAllocations(t *testing.T) {
	for name, build := range hostile {
		b := build(20000)
		var m Message
		if n := testing.AllocsPerRun(5, func() { _ = m.Parse(b, DNS) }); n > 1 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestManyAnswers holds that a large message is read whole.
func TestManyAnswers(t *testing.T) {
	b := header(QR, 1, 4000, 0, 0).name("example", "org").u16(1, 1)
	for range 4000 {
		b = b.record(12, 1, "\xc0\x00\x02\xff")
	}
	var m Message
	if err := m.Parse(b, DNS); err != nil || len(m.Sections[Answers]) != 4000 || m.Trailing != 0 {
		t.Errorf("%v, %d answers", err, len(m.Sections[Answers]))
	}
}

// TestTakenBack holds that names that are written and taken back, as their data is
// malformed, are of the budget: few of the answers are read.
func TestTakenBack(t *testing.T) {
	b := repeated(60000, 5, "\xc0\x0c\x00")
	var m Message
	var e *Error
	if err := m.Parse(b, DNS); !errors.As(err, &e) || e.Reason != Arena {
		t.Errorf("error %v", err)
	}
	if most := 1 + (minArena+arenaPerByte*len(b))/995; len(m.Sections[Answers]) > most {
		t.Errorf("%d answers of 995 characters each, want at most %d", len(m.Sections[Answers]), most)
	}
}

// TestHostileShapesBite has the shapes of pointers cost what they are made for.
func TestHostileShapesBite(t *testing.T) {
	for name, least := range map[string]int{"pointer chains in questions": 18, "pointer chains in data": 10} {
		var m Message
		b := hostile[name](60000)
		_ = m.Parse(b, DNS)
		if m.steps < least*len(b) {
			t.Errorf("%s: %d steps in %d bytes, want at least %d a byte", name, m.steps, len(b), least)
		}
	}
}
