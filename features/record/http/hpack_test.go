package http

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"golang.org/x/net/http2/hpack"
)

func unhex(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err)
	}
	return b
}

// listed shows the fields of a decoded block.
func listed(d *hpackDecoder) string {
	var list []string
	for _, f := range d.fields {
		list = append(list, fmt.Sprintf("%s: %s", d.texts[f.start:f.middle], d.texts[f.middle:f.end]))
	}
	return strings.Join(list, "\n")
}

// TestHPACKVectors decodes the requests of RFC 7541 C.3 and C.4 and the responses of C.5 and C.6,
// whose table is of 256 bytes.
func TestHPACKVectors(t *testing.T) {
	requests := []string{
		":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com",
		":method: GET\n:scheme: http\n:path: /\n:authority: www.example.com\ncache-control: no-cache",
		":method: GET\n:scheme: https\n:path: /index.html\n:authority: www.example.com\ncustom-key: custom-value",
	}
	rest := "cache-control: private\ndate: Mon, 21 Oct 2013 20:13:2"
	responses := []string{
		":status: 302\n" + rest + "1 GMT\nlocation: https://www.example.com",
		":status: 307\n" + rest + "1 GMT\nlocation: https://www.example.com",
		":status: 200\n" + rest + "2 GMT\nlocation: https://www.example.com\ncontent-encoding: gzip\nset-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
	}
	for _, c := range []struct {
		name   string
		limit  int
		blocks []string
		sizes  []int
		want   []string
	}{
		{"C.3", defaultTable, []string{
			"8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
			"8286 84be 5808 6e6f 2d63 6163 6865",
			"8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
		}, []int{57, 110, 164}, requests},
		{"C.4", defaultTable, []string{
			"8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
			"8286 84be 5886 a8eb 1064 9cbf",
			"8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
		}, []int{57, 110, 164}, requests},
		{"C.6", 256, []string{
			"4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
			"4883 640e ffc1 c0bf",
			"88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07",
		}, []int{222, 222, 215}, responses},
	} {
		d := hpackDecoder{table: &dynamicTable{limit: c.limit}}
		for i, block := range c.blocks {
			if err := d.decode(unhex(block)); err != nil || listed(&d) != c.want[i] || d.table.size != c.sizes[i] {
				t.Errorf("%s, block %d: %v, table of %d, want %d; fields\n%s\nwant\n%s", c.name, i, err, d.table.size, c.sizes[i], listed(&d), c.want[i])
			}
		}
	}
}

// TestHPACKLikeAnother encodes random fields with another implementation, whose table
// changes its size, and decodes them.
func TestHPACKLikeAnother(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	word := func(most int) string {
		b := make([]byte, rng.IntN(most))
		for i := range b {
			b[i] = byte(rng.IntN(256))
			if rng.IntN(4) > 0 {
				b[i] = 'a' + b[i]%8
			}
		}
		return string(b)
	}
	var out strings.Builder
	e := hpack.NewEncoder(&out)
	e.SetMaxDynamicTableSizeLimit(largestTable)
	d := hpackDecoder{table: &dynamicTable{limit: defaultTable}}
	for range 2000 {
		out.Reset()
		if rng.IntN(20) == 0 {
			e.SetMaxDynamicTableSize([]uint32{0, 64, 300, 4096, 65536}[rng.IntN(5)])
		}
		var want []string
		for range rng.IntN(10) {
			f := hpack.HeaderField{Name: word(4), Value: word(1 + rng.IntN(200)), Sensitive: rng.IntN(5) == 0}
			if rng.IntN(3) == 0 {
				s := staticFields[rng.IntN(len(staticFields))]
				f.Name, f.Value = s[0], s[1]
			}
			if err := e.WriteField(f); err != nil {
				t.Fatal(err)
			}
			want = append(want, f.Name+": "+f.Value)
		}
		if err := d.decode([]byte(out.String())); err != nil || listed(&d) != strings.Join(want, "\n") {
			t.Fatalf("%v: %q, want %q", err, listed(&d), want)
		}
		if d.table.size > d.table.limit || d.table.limit > largestTable {
			t.Fatalf("table of %d, limit %d", d.table.size, d.table.limit)
		}
	}
}

// TestHPACKErrors feeds what no encoder may send.
func TestHPACKErrors(t *testing.T) {
	for name, block := range map[string]string{
		"index 0": "80", "index of nothing": "be", "index that overflows": "ff ffff ffff ff0f", "end inside an integer": "ff80",
		"table larger than allowed": "3fe2ff03", "string longer than the block": "0005 6162", "name without a value": "0001 61",
		"padding of zeros": "0001 6181 18", "padding of a byte": "0001 6182 1fff", "end of string in it": "0001 6184 ffff ffff", "nothing behind the index": "0f",
	} {
		d := hpackDecoder{table: &dynamicTable{limit: defaultTable}}
		if err := d.decode(unhex(block)); !errors.Is(err, errHPACK) {
			t.Errorf("%s: %v, fields %q", name, err, listed(&d))
		}
	}
}

// TestHPACKBomb holds that references to a large entry end at the bound of a head.
func TestHPACKBomb(t *testing.T) {
	value := strings.Repeat("x", 4000)
	block := append([]byte{0x40, 1, 'a', 0x7f, 0xa1, 0x1e}, value...) // 127 + 0x1e<<7 + 0x21 = 4000
	d := hpackDecoder{table: &dynamicTable{limit: defaultTable}}
	if err := d.decode(append(block, strings.Repeat("\xbe", 60000)...)); !errors.Is(err, ErrTooLarge) {
		t.Error(err)
	}
	if len(d.texts) > MaxHead+4001 || d.table.bytes() > 1<<14 {
		t.Errorf("%d bytes of texts, a table of %d", len(d.texts), d.table.bytes())
	}
	// Entries that replace one another leave the memory as it is.
	if err := d.decode([]byte(strings.Repeat("\x40\x01b\x01c", 900))); err != nil || d.table.bytes() > 1<<14 {
		t.Errorf("%v: a table of %d bytes", err, d.table.bytes())
	}
}
