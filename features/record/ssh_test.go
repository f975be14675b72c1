package record

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"pcapmill/features/flow"
	"pcapmill/features/record/fingerprint"
	"pcapmill/features/record/ssh"
)

// keyExchange is a packet with the given lists.
func keyExchange(names ...string) []byte {
	payload := []byte("\x14" + "0123456789abcdef")
	for i := range 10 {
		name := ""
		if i < len(names) {
			name = names[i]
		}
		payload = append(binary.BigEndian.AppendUint32(payload, uint32(len(name))), name...)
	}
	payload = append(payload, 1, 0, 0, 0, 0)
	b := append(binary.BigEndian.AppendUint32(nil, uint32(1+len(payload)+4)), 4)
	return append(append(b, payload...), "pppp"...)
}

// talk gives a parser the sides of a conversation as they come, until each is done.
func talk(t *testing.T, p StreamParser, c *Conversation, rows *Rows, sides [2][]byte) (failed [2]error) {
	t.Helper()
	for side, data := range sides {
		pkt := Packet{Flow: new(flow.Row), Version: 4, SrcPort: 40000, DstPort: 22, Forward: side == 0, Side: uint8(side)}
		if side == 1 {
			pkt.SrcPort, pkt.DstPort = pkt.DstPort, pkt.SrcPort
		}
		used := 0
		for end := range len(data) + 1 { // one byte more each time
			n, _, err := p.Stream(c, &pkt, data[used:end], rows)
			if used += n; err != nil {
				failed[side] = err
				break
			}
		}
	}
	return failed
}

func openSSH(t *testing.T) (StreamParser, *Set) {
	t.Helper()
	set, err := Open(Options{Names: []string{"ssh"}, Addresses: flow.AddrText})
	if err != nil {
		t.Fatal(err)
	}
	return set.Parsers[0].(StreamParser), set
}

func TestSSHRows(t *testing.T) {
	p, set := openSSH(t)
	var rows Rows
	var c Conversation
	failed := talk(t, p, &c, &rows, [2][]byte{
		append([]byte("SSH-2.0-client\xff\r\n"), keyExchange("k1,k2", "h", "c2s", "s2c", "mc", "ms", "zc", "zs")...),
		append([]byte("hello\r\nSSH-1.99-server comment\n"), keyExchange("k2", "h", "c2s", "s2c", "mc", "ms", "zc", "zs", "de,\x00")...),
	})
	if failed != [2]error{ErrDone, ErrDone} {
		t.Errorf("%v", failed)
	}
	client, server := string(fingerprint.AppendMD5(nil, []byte("k1,k2;c2s;mc;zc"))), string(fingerprint.AppendMD5(nil, []byte("k2;s2c;ms;zs")))
	if c.Says(flow.HASSH) != client || c.Says(flow.HASSHServer) != server {
		t.Errorf("the flow's row says %s, %s", c.Says(flow.HASSH), c.Says(flow.HASSHServer))
	}
	schema := set.Tables.Schemas[0]
	b := filled(t, schema, &rows)
	wantTexts(t, b, map[string][]string{
		"kind":             {"banner", "key_exchange", "banner", "key_exchange"},
		"sender":           {"client", "client", "server", "server"},
		"banner":           {`SSH-2.0-client\255`, `SSH-2.0-client\255`, "SSH-1.99-server comment", "SSH-1.99-server comment"},
		"protocol_version": {"2.0", "2.0", "1.99", "1.99"},
		"software":         {`client\255`, `client\255`, "server", "server"},
		"comments":         {"null", "null", "comment", "comment"},
		"hassh":            {"null", client, "null", "null"},
		"hassh_server":     {"null", "null", "null", server},
		"hassh_text":       {"null", "k1,k2;c2s;mc;zc", "null", "k2;s2c;ms;zs"},
		"cookie":           {"null", "0123456789abcdef", "null", "0123456789abcdef"},
	})
	if v := &b.Vectors[schema.Index("kex_algorithms")]; !slices.Equal(v.Dict, []string{"k1", "k2"}) || !slices.Equal(v.Offsets, []int32{0, 0, 2, 2, 3}) {
		t.Errorf("kex_algorithms %v %v", v.Dict, v.Offsets)
	}
	if v := &b.Vectors[schema.Index("languages_to_server")]; !slices.Equal(v.Dict, []string{"de", `\000`}) {
		t.Errorf("languages_to_server %q", v.Dict)
	}
	if v := &b.Vectors[schema.Index("lines_before")]; !slices.Equal(v.Int32, []int32{0, 0, 1, 1}) {
		t.Errorf("lines_before %v", v.Int32)
	}
}

// TestSSHEnds: a side of version 1 ends both behind their banners; a key exchange that
// ends inside a list makes a record and an error.
func TestSSHEnds(t *testing.T) {
	bad := keyExchange("k")
	bad[4+1+1+16+3] = 0xff
	for name, c := range map[string]struct {
		sides [2]string
		want  [2]error
		rows  int
	}{
		"version 1":       {[2]string{"SSH-1.5-c\r\n\x00\x00", "SSH-1.99-s\r\n\x00\x00\x00\x01"}, [2]error{ErrDone, ErrDone}, 2},
		"inside a list":   {[2]string{"SSH-2.0-c\r\n" + string(bad), ""}, [2]error{&ssh.Error{Reason: ssh.Cut}, nil}, 2},
		"no key exchange": {[2]string{"SSH-2.0-c\r\nGET / HTTP/1.1\r\n", ""}, [2]error{&ssh.Error{Reason: ssh.Length}, nil}, 1},
	} {
		p, _ := openSSH(t)
		var rows Rows
		got := talk(t, p, new(Conversation), &rows, [2][]byte{[]byte(c.sides[0]), []byte(c.sides[1])})
		for side, want := range c.want {
			var e, w *ssh.Error
			if errors.As(got[side], &e) && errors.As(want, &w) && *e == *w {
				continue
			}
			if !errors.Is(got[side], want) {
				t.Errorf("%s: side %d: %v, want %v", name, side, got[side], want)
			}
		}
		if rows.Len() != c.rows {
			t.Errorf("%s: %d rows, want %d", name, rows.Len(), c.rows)
		}
	}
}
