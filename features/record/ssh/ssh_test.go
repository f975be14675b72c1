package ssh

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pcapmill/features/record/begin"
	"pcapmill/features/record/fingerprint"
)

// openSSH77 are the lists of OpenSSH 7.7's client that HASSH reads, with its published
// fingerprint.
const (
	openSSH77 = "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha1,diffie-hellman-group14-sha256,diffie-hellman-group14-sha1,ext-info-c;" +
		"chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com;" +
		"umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1;" +
		"none,zlib@openssh.com,zlib"
	openSSH77HASSH = "06046964c022c6407d15a27b12a6a4fb"
)

// lists are those of a key exchange, from their names.
func lists(names ...string) string {
	b := []byte("0123456789abcdef")
	for _, n := range names {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(n))), n...)
	}
	return string(b)
}

// exchange has ten lists, and no packet that follows.
func exchange() string {
	return lists("kex", "key", "c2s", "s2c", "mac-c2s", "mac-s2c", "zip-c2s", "zip-s2c", "", "") + "\x00\x00\x00\x00\x00"
}

// packetWith is a packet of a kind, padded as RFC 4253 §6 asks.
func packetWith(kind byte, payload string) string {
	padding := 4
	for (4+1+1+len(payload)+padding)%8 != 0 {
		padding++
	}
	b := binary.BigEndian.AppendUint32(nil, uint32(2+len(payload)+padding))
	b = append(b, byte(padding), kind)
	return string(b) + payload + strings.Repeat("p", padding)
}

func TestHASSH(t *testing.T) {
	part := strings.Split(openSSH77, ";")
	for _, client := range []bool{true, false} {
		names := []string{part[0], "key", part[1], "x", part[2], "x", part[3], "x", "", ""}
		if !client {
			names = []string{part[0], "key", "x", part[1], "x", part[2], "x", part[3], "", ""}
		}
		var k KeyExchange
		if err := k.Parse([]byte(lists(names...) + "\x01\x00\x00\x00\x00")); err != nil {
			t.Fatal(err)
		}
		text := k.AppendHASSH(nil, client)
		if got := string(fingerprint.AppendMD5(nil, text)); string(text) != openSSH77 || got != openSSH77HASSH || !k.Follows {
			t.Errorf("client %v: %s of %s", client, got, text)
		}
	}
}

func TestKeyExchange(t *testing.T) {
	whole := exchange()
	var k KeyExchange
	if err := k.Parse([]byte(whole)); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprintf("%s %s", k.Cookie, k.Lists); got != "0123456789abcdef [kex key c2s s2c mac-c2s mac-s2c zip-c2s zip-s2c  ]" || k.Follows {
		t.Errorf("%s, follows %v", got, k.Follows)
	}
	for n := range len(whole) {
		var e *Error
		if err := k.Parse([]byte(whole[:n])); !errors.As(err, &e) || e.Reason != Cut {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	huge := []byte("0123456789abcdef\xff\xff\xff\xffabc")
	if err := k.Parse(huge); err == nil || k.Lists[Kex] != nil {
		t.Errorf("a list of 4 GiB: %v, %s", err, k.Lists[Kex])
	}
}

func TestParseBanner(t *testing.T) {
	for line, want := range map[string]string{
		"SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5": "2.0|OpenSSH_9.6p1|Ubuntu-3ubuntu13.5|false",
		"SSH-2.0-billsSSH_3.6.3q3":                 "2.0|billsSSH_3.6.3q3||false", // the example of RFC 4253 §5.1 and its like
		"SSH-1.99-Cisco-1.25":                      "1.99|Cisco-1.25||false",
		"SSH-1.5-OpenSSH_6.6":                      "1.5|OpenSSH_6.6||true",
		"SSH-2.0":                                  "2.0|||false",
		"SSH-":                                     "|||false",
		"SSH-2.0-a  b c":                           "2.0|a| b c|false",
	} {
		b := ParseBanner([]byte(line))
		if got := fmt.Sprintf("%s|%s|%s|%v", b.Version, b.Software, b.Comments, b.Old()); got != want {
			t.Errorf("%s: %s, want %s", line, got, want)
		}
	}
}

// readAll reads a side as it comes in pieces of n bytes and says what was found.
func readAll(stream string, n int) (found []string, err error) {
	var s Side
	var unused []byte
	need, skip := 0, 0
	for len(stream) > 0 {
		piece := stream[:min(n, len(stream))]
		stream = stream[len(piece):]
		drop := min(skip, len(piece))
		skip -= drop
		unused = append(unused, piece[drop:]...)
		for len(unused) > 0 && len(unused) >= need {
			step, err := s.Next(unused)
			switch step.Found {
			case ABanner:
				found = append(found, fmt.Sprintf("%d %s", s.Lines, s.Banner))
			case AKeyExchange:
				found = append(found, string(step.Payload))
			}
			need = step.Need
			if err != nil {
				return found, err
			}
			if step.Used == 0 {
				break
			}
			skip = max(0, step.Used-len(unused))
			unused = unused[step.Used-skip:]
		}
	}
	return found, nil
}

func TestSide(t *testing.T) {
	long := "SSH-2.0-" + strings.Repeat("x", 245)
	kex := packetWith(msgKexInit, exchange())
	for _, c := range []struct {
		name, stream string
		want         []string
		reason       Reason
		fails        bool
	}{
		{"both", "SSH-2.0-a b\r\n" + kex + "more", []string{"0 SSH-2.0-a b", exchange()}, 0, false},
		{"bare line feed", "SSH-1.99-a\n" + kex, []string{"0 SSH-1.99-a", exchange()}, 0, false},
		{"a greeting", "hello\r\n\r\nSSH -\nSSH-2.0-a\r\n" + kex, []string{"3 SSH-2.0-a", exchange()}, 0, false},
		{"other packets first", "SSH-2.0-a\r\n" + packetWith(2, "ignored") + packetWith(4, "debug") + kex, []string{"0 SSH-2.0-a", exchange()}, 0, false},
		{"the longest banner", long + "\r\n", []string{"0 " + long}, 0, false},
		{"a longer banner", long + "x\r\n", []string{"0 " + long + "x\r"}, LongBanner, true},
		{"a banner without end", "SSH-2.0-" + strings.Repeat("x", 500), []string{"0 SSH-2.0-" + strings.Repeat("x", 247)}, LongBanner, true},
		{"a line without end", strings.Repeat("x", 9000), nil, LongLine, true},
		{"the longest line", strings.Repeat("x", maxLine-1) + "\nSSH-2.0-a\n", []string{"1 SSH-2.0-a"}, 0, false},
		{"lines without end", strings.Repeat("x\n", maxLines+1), nil, NoBanner, true},
		{"a packet of four GiB", "SSH-2.0-a\n\xff\xff\xff\xff\x04\x14", []string{"0 SSH-2.0-a"}, Length, true},
		{"a packet of padding", "SSH-2.0-a\n\x00\x00\x00\x08\x08\x14", []string{"0 SSH-2.0-a"}, Length, true},
		{"a packet that comes later", "SSH-2.0-a\n" + packetWith(21, ""), []string{"0 SSH-2.0-a"}, Order, true},
		{"packets without end", "SSH-2.0-a\n" + strings.Repeat(packetWith(2, ""), maxPackets+1), []string{"0 SSH-2.0-a"}, Order, true},
	} {
		for _, n := range []int{1, 2, 3, 5, 7, 16, 100, 1 << 20} {
			found, err := readAll(c.stream, n)
			var e *Error
			if errors.As(err, &e) != c.fails || c.fails && e.Reason != c.reason {
				t.Errorf("%s in pieces of %d: %v", c.name, n, err)
			}
			if fmt.Sprintf("%q", found) != fmt.Sprintf("%q", c.want) {
				t.Errorf("%s in pieces of %d:\n got %q\nwant %q", c.name, n, found, c.want)
			}
		}
	}
}

func TestBegins(t *testing.T) {
	const most = 64
	greeting := strings.Repeat("hello ", 20)[:most]
	for _, c := range []struct {
		head string
		src  uint16
		want begin.Answer
	}{
		{"S", 22, begin.Perhaps},
		{"S", 9, begin.Perhaps},
		{"SSH-", 9, begin.Perhaps},
		{"SSH-2", 9, begin.Yes},
		{"SSH-x", 9, begin.No},
		{"SSL", 9, begin.No},
		{"", 9, begin.No},
		{"hello\r\nSSH-2.0-", 9, begin.Yes},
		{"hello\nSS", 9, begin.Perhaps},
		{"hello\n", 9, begin.No},
		{"hello\n", 22, begin.Perhaps},
		{greeting, 22, begin.Yes},
		{greeting, 9, begin.No},
		{"\x00\x00\x01", 22, begin.No},
		{greeting[:10] + "\x00" + greeting[11:], 22, begin.No},
	} {
		if got := Begins([]byte(c.head), c.src, most); got != c.want {
			t.Errorf("%q from %d: %d, want %d", c.head, c.src, got, c.want)
		}
	}
}

func TestClient(t *testing.T) {
	for _, c := range []struct {
		src, dst uint16
		forward  bool
		want     bool
	}{
		{40000, 22, false, true}, {22, 40000, true, false}, {40000, 2222, true, true}, {2222, 40000, false, false}, {22, 22, true, true},
	} {
		if got := Client(c.src, c.dst, c.forward); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

// FuzzSide reads anything in pieces of any length: these change nothing of what is found.
func FuzzSide(f *testing.F) {
	kex := packetWith(msgKexInit, exchange())
	f.Add([]byte("SSH-2.0-a b\r\n"+kex), uint8(3))
	f.Add([]byte("hello\r\nSSH-1.99-a\n"+packetWith(2, "x")+kex), uint8(1))
	f.Add([]byte("SSH-2.0-a\n"+kex[:40]+"\xff\xff\xff\xff"+kex[44:]), uint8(9))
	f.Add([]byte("SSH-"+strings.Repeat("x", 300)+"\n"), uint8(200))
	f.Fuzz(func(t *testing.T, b []byte, n uint8) {
		whole, failed := readAll(string(b), len(b)+1)
		pieces, err := readAll(string(b), int(n)+1)
		if fmt.Sprint(whole) != fmt.Sprint(pieces) || fmt.Sprint(failed) != fmt.Sprint(err) {
			t.Fatalf("whole %q, %v\nin pieces %q, %v", whole, failed, pieces, err)
		}
		var k KeyExchange
		_ = k.Parse(b)
		for _, l := range k.Lists {
			if !bytes.Contains(b, l) {
				t.Fatalf("%q is not of the message", l)
			}
		}
		Begins(b[:min(len(b), 64)], 22, 64)
	})
}
