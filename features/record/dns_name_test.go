package record

import (
	"fmt"
	"pcapmill/features/flow"
	"strings"
	"testing"
)

// TestNamesOfAliases: a chain that comes back to where it was tells each address once,
// and one message tells no more than it may.
func TestNamesOfAliases(t *testing.T) {
	const head, question = "\x00\x07\x84\x00\x00\x01", "\x01a\x00\x00\x01\x00\x01"
	answer := func(owner, typ, data string) string {
		return owner + "\x00" + typ + "\x00\x01\x00\x00\x00\x09\x00" + string(rune(len(data))) + data
	}
	a, b := "\xc0\x0c", "\x01b\x00"
	var many strings.Builder
	for i := range 100 {
		many.WriteString(answer(a, "\x01", "\x0a\x00\x00"+string([]byte{byte(i)})))
	}
	long := strings.Repeat("\x3f"+strings.Repeat("\x01", 63), 3) + "\x3c" + strings.Repeat("\x01", 60) + "\x00"
	for name, c := range map[string]struct {
		question string
		answers  []string
		told     int
	}{
		"an alias of itself":  {question, []string{answer(a, "\x05", a), answer(a, "\x01", "\x0a\x00\x00\x01"), answer(a, "\x01", "\x0a\x00\x00\x02")}, 2},
		"two of one another":  {question, []string{answer(a, "\x05", b), answer(b, "\x05", a), answer(a, "\x01", "\x0a\x00\x00\x01"), answer(b, "\x01", "\x0a\x00\x00\x02")}, 2},
		"an alias that leads": {question, []string{answer(a, "\x05", b), answer(b, "\x01", "\x0a\x00\x00\x02")}, 1},
		"many addresses":      {question, append(make([]string, 99), many.String()), maxTold},
		"a long name":         {long + "\x00\x01\x00\x01", []string{answer(a, "\x01", "\x0a\x00\x00\x01")}, 1},
	} {
		p, tables, err := openDNS("text")
		if err != nil {
			t.Fatal(err)
		}
		message := head + "\x00" + string(rune(len(c.answers))) + "\x00\x00\x00\x00" + c.question + strings.Join(c.answers, "")
		err = p.Datagram(new(Conversation), &Packet{Flow: new(flow.Row), Version: 4, SrcPort: 53, Payload: []byte(message)}, new(Rows))
		if err != nil || len(tables.Names) != c.told {
			t.Errorf("%s: %d names told, want %d: %v", name, len(tables.Names), c.told, err)
			continue
		}
		seen := map[string]bool{}
		for _, n := range tables.Names {
			key := fmt.Sprint(n.Addr)
			if seen[key] || len(n.Name) > maxName || n.Name == "" {
				t.Errorf("%s: %v is told twice or without a name of an ordinary length", name, n)
			}
			seen[key] = true
		}
	}
}
