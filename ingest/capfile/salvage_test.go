package capfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"testing/iotest"

	"pcapmill/bench/sharedtest"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
)

var salvaging = capfile.Config{Salvage: true}

func salvage(t testing.TB, file []byte) result {
	t.Helper()
	got := readAll(t, bytes.NewReader(file), salvaging, capfile.DefaultBuffer)
	checkSalvage(t, got, file)
	return got
}

// checkSalvage checks what holds for every salvaged file: lost ranges lie apart
// and in order, and with them every byte of the file is accounted for.
func checkSalvage(t testing.TB, got result, file []byte) {
	t.Helper()
	var format *capfile.FormatError
	var limit *capfile.LimitError
	if errors.As(got.err, &format) || errors.As(got.err, &limit) {
		return
	}
	s := got.info.Salvage
	at, lost := int64(0), int64(0)
	for _, r := range s.Lost {
		if r.Length <= 0 || r.Offset < at || r.Reason == "" {
			t.Fatalf("lost ranges %v", s.Lost)
		}
		at, lost = r.Offset+r.Length, lost+r.Length
	}
	if int64(len(s.Lost)) == s.Ranges && lost != s.Bytes || got.info.Bytes[capfile.LostBytes] != s.Bytes {
		t.Fatalf("%d bytes in ranges, %d in all, %d in the books", lost, s.Bytes, got.info.Bytes[capfile.LostBytes])
	}
	if sum := got.info.Bytes.Sum(); sum != int64(len(file)) || got.offset != sum || at > sum {
		t.Fatalf("%d bytes accounted for, offset %d, of %d: %v, %v", sum, got.offset, len(file), got.info.Bytes, got.err)
	}
	if s.Ranges > 0 && got.err == nil {
		t.Fatal("lost bytes but no error")
	}
}

// numbered is a capture of packets that say which they are.
func numbered(count, size int) (head []byte, units [][]byte, packets []string) {
	head = pcapHeader(little, micros, 65535, 1)
	for i := range count {
		data := fmt.Sprintf("%06d", i)
		for len(data) < size+i%7 {
			data += string(rune('a' + i%26))
		}
		packets = append(packets, data)
		units = append(units, record(little, uint32(1_700_000_000+i), uint32(i), uint32(len(data)), data))
	}
	return head, units, packets
}

func numberedNg(count, size int) (head []byte, units [][]byte, packets []string) {
	_, _, packets = numbered(count, size)
	for i, p := range packets {
		units = append(units, enhanced(big, 0, uint64(1_700_000_000_000_000+i), uint32(len(p)), p, opt(big, 1, "note")))
	}
	return join(sectionHeader(big), interfaceBlock(big, 1, 0)), units, packets
}

func dataOf(packets []pkt) []string {
	var out []string
	for _, p := range packets {
		out = append(out, p.data)
	}
	return out
}

type maker func(count, size int) (head []byte, units [][]byte, packets []string)

var makers = map[string]maker{"pcap": numbered, "pcapng": numberedNg}

// TestSalvageOfSound reads undamaged captures as without salvage.
func TestSalvageOfSound(t *testing.T) {
	for name, file := range samples(t) {
		plain, got := read(t, file), salvage(t, file)
		if err := same(plain, got); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestSalvagePlaces damages one place in the middle in every way, and expects
// exactly the packets whose bytes are not touched.
func TestSalvagePlaces(t *testing.T) {
	for format, make := range makers {
		head, units, packets := make(40, 90)
		for name, test := range map[string]struct {
			damage func(unit []byte) []byte
			lost   int // packets, from number 20 on
		}{
			"overwritten":           {func(u []byte) []byte { return bytes.Repeat([]byte{0xa5}, len(u)) }, 1},
			"zeroed":                {func(u []byte) []byte { return bytes.Repeat([]byte{0}, len(u)) }, 1},
			"cut short":             {func(u []byte) []byte { return u[:len(u)/2] }, 1},
			"header gone":           {func(u []byte) []byte { return u[16:] }, 1},
			"a byte missing":        {func(u []byte) []byte { return u[1:] }, 1},
			"a byte too many":       {func(u []byte) []byte { return append([]byte{7}, u...) }, 0},
			"text in front":         {func(u []byte) []byte { return append([]byte("some log line\n"), u...) }, 0},
			"a megabyte in front":   {func(u []byte) []byte { return append(bytes.Repeat([]byte{0xee}, 1<<20), u...) }, 0},
			"zero megabyte instead": {func([]byte) []byte { return bytes.Repeat([]byte{0}, 1<<20) }, 1},
			"gone":                  {func([]byte) []byte { return nil }, 1},
			"longer by 60000":       {func(u []byte) []byte { return patch(format, u, 60_000) }, 1},
			"longer by 100":         {func(u []byte) []byte { return patch(format, u, 100) }, 1},
			"shorter by 20":         {func(u []byte) []byte { return patch(format, u, -20) }, 1},
			"length of 2 GiB":       {func(u []byte) []byte { return patch(format, u, 1<<31-200) }, 1},
		} {
			damaged := slices.Clone(units)
			damaged[20] = test.damage(bytes.Clone(units[20]))
			file := join(head, join(damaged...))
			got := salvage(t, file)
			want := slices.Delete(slices.Clone(packets), 20, 20+test.lost)
			if name == "shorter by 20" && format == "pcap" { // as if cut at a snapshot length
				want = slices.Clone(packets)
				want[20] = want[20][:len(want[20])-20]
			}
			if !slices.Equal(dataOf(got.packets), want) {
				t.Errorf("%s, %s: %d packets, want %d; %v", format, name, len(got.packets), len(want), got.info.Salvage)
				continue
			}
			if name != "gone" && got.info.Salvage.Ranges != 1 {
				t.Errorf("%s, %s: lost %v", format, name, got.info.Salvage)
			}
		}
	}
}

// patch changes the length that frames a unit.
func patch(format string, u []byte, by int) []byte {
	if format == "pcap" {
		little.PutUint32(u[8:], uint32(int(little.Uint32(u[8:]))+by))
		return u
	}
	big.PutUint32(u[4:], uint32(int(big.Uint32(u[4:]))+by)&^3)
	return u
}

// TestSalvageEnds has damage where there is little to hold on to.
func TestSalvageEnds(t *testing.T) {
	for format, make := range makers {
		head, units, packets := make(20, 90)
		all := join(units...)
		for name, test := range map[string]struct {
			file []byte
			want []string
		}{
			"cut in the last":      {join(head, all[:len(all)-10]), packets[:19]},
			"junk behind":          {join(head, all, bytes.Repeat([]byte{0xdd}, 5000)), packets},
			"zeros behind":         {join(head, all, bytes.Repeat([]byte{0}, 5000)), packets},
			"first damaged":        {join(head, units[0][20:], join(units[1:]...)), packets[1:]},
			"nothing but junk":     {join(head, bytes.Repeat([]byte{0xdd}, 300_000)), nil},
			"last alone":           {join(head, bytes.Repeat([]byte{0xdd}, 3000), units[19]), packets[19:]},
			"damage near the end":  {join(head, join(units[:18]...), units[18][5:], units[19]), append(slices.Clone(packets[:18]), packets[19])},
			"second half repeated": {join(head, all, units[3][30:], all), append(slices.Clone(packets), packets...)},
		} {
			got := salvage(t, test.file)
			if name == "last alone" && format == "pcap" { // nothing says that it is one
				test.want = nil
			}
			if !slices.Equal(dataOf(got.packets), test.want) || got.info.Salvage.Ranges != 1 {
				t.Errorf("%s, %s: %d packets, want %d; %v", format, name, len(got.packets), len(test.want), got.info.Salvage)
			}
		}
	}
}

// TestSalvageContent has a capture inside a packet that is damaged: what is
// found there is not taken for packets of the capture itself.
func TestSalvageContent(t *testing.T) {
	for format, make := range makers {
		head, units, packets := make(30, 200)
		_, inner, _ := make(8, 20) // 8 small units in one packet
		var carrier []byte
		long := string(bytes.Repeat([]byte("long"), 300))
		packets[5], units[5] = long, record(little, 1_700_000_005, 5, 1200, long)
		if format == "pcapng" {
			units[5] = enhanced(big, 0, 1_700_000_000_000_005, 1200, long)
		}
		if format == "pcap" {
			for _, u := range inner {
				little.PutUint32(u, little.Uint32(u)-3600) // taken an hour before
			}
			data := string(join(inner...))
			carrier = record(little, 1_700_000_010, 10, uint32(len(data)), data)
		} else {
			data := string(join(inner...))
			carrier = enhanced(big, 0, 1_700_000_000_000_010, uint32(len(data)), data)
		}
		units[10] = patch(format, carrier, 1<<30)
		got := salvage(t, join(head, join(units...)))
		if want := slices.Delete(slices.Clone(packets), 10, 11); !slices.Equal(dataOf(got.packets), want) {
			t.Errorf("%s: %q, %d untouched", format, dataOf(got.packets), len(want))
		}
	}
}

// TestSalvageNumbering loses interface descriptions: packets of interfaces whose
// number has become unknown are left out, never given to another.
func TestSalvageNumbering(t *testing.T) {
	eth, raw := interfaceBlock(little, 1, 0), interfaceBlock(little, 101, 0)
	of := func(id uint32) []byte { return enhanced(little, id, 5, 3, fmt.Sprintf("if%d", id)) }
	spoil := func(b []byte) []byte { b = bytes.Clone(b); b[len(b)-1] ^= 0x55; return b }
	for name, test := range map[string]struct {
		file []byte
		want []string
	}{
		"packet lost":                {join(sectionHeader(little), eth, spoil(of(0)), raw, of(1), of(0)), []string{"if1", "if0"}},
		"description lost":           {join(sectionHeader(little), spoil(eth), raw, of(0), of(1)), nil},
		"second description lost":    {join(sectionHeader(little), eth, spoil(raw), of(0), of(1)), []string{"if0"}},
		"unknown bytes, description": {join(sectionHeader(little), eth, []byte("xxxxxxxxxxxxxxxxx"), of(0), raw, of(1), of(0)), []string{"if0", "if0"}},
		"section lost":               {join(sectionHeader(little), eth, of(0), spoil(sectionHeader(little)), raw, of(0)), []string{"if0"}},
		"next section is sound":      {join(sectionHeader(little), spoil(eth), raw, of(0), sectionHeader(little), eth, of(0)), []string{"if0"}},
		"next section, other order":  {join(sectionHeader(little), eth, spoil(of(0)), sectionHeader(big), interfaceBlock(big, 1, 0), enhanced(big, 0, 1, 3, "big")), []string{"big"}},
	} {
		got := salvage(t, test.file)
		if !slices.Equal(dataOf(got.packets), test.want) {
			t.Errorf("%s: %q, want %q; %v", name, dataOf(got.packets), test.want, got.info.Salvage)
		}
	}
}

// TestSalvageArrival gives the same result however the bytes arrive.
func TestSalvageArrival(t *testing.T) {
	for format, make := range makers {
		head, units, _ := make(60, 300)
		file := join(head, join(units...))
		random := rand.New(rand.NewPCG(1, 2))
		for range 40 {
			file[len(head)+random.IntN(len(file)-len(head))] ^= 1 << random.IntN(8)
		}
		want := salvage(t, file)
		for split, reader := range splits {
			for _, buffer := range []int{1, 4096, 100_000} {
				got := readAll(t, reader(bytes.NewReader(file)), salvaging, buffer)
				if err := same(want, got); err != nil {
					t.Errorf("%s, %s, buffer %d: %v", format, split, buffer, err)
				}
			}
		}
	}
}

// TestSalvageReadFailure loses what a failing source leaves incomplete.
func TestSalvageReadFailure(t *testing.T) {
	broken := errors.New("disk on fire")
	for format, make := range makers {
		head, units, packets := make(20, 90)
		file := join(head, join(units...))
		cut := len(file) - 10
		got := readAll(t, iotest.DataErrReader(&failing{bytes.NewReader(file[:cut]), broken}), salvaging, 4096)
		var damage *capfile.DamageError
		if !errors.As(got.err, &damage) || !errors.Is(got.err, broken) || len(got.packets) != len(packets)-1 {
			t.Errorf("%s: %v, %d packets", format, got.err, len(got.packets))
		}
		if got.info.Bytes.Sum() != int64(cut) {
			t.Errorf("%s: %d of %d bytes accounted for", format, got.info.Bytes.Sum(), cut)
		}
	}
}

type failing struct {
	*bytes.Reader
	err error
}

func (f *failing) Read(p []byte) (int, error) {
	n, err := f.Reader.Read(p)
	if err != nil {
		err = f.err
	}
	return n, err
}

// TestSalvageLinear damages a capture everywhere: the work stays in proportion.
func TestSalvageLinear(t *testing.T) {
	for format, make := range makers {
		head, units, _ := make(10_000, 100)
		file := join(head, join(units...))
		random := rand.New(rand.NewPCG(3, 4))
		for i := len(head); i < len(file); i++ {
			if random.IntN(50) == 0 {
				file[i] = byte(random.Uint32())
			}
		}
		n := allocated(func() {
			got := salvage(t, file)
			t.Logf("%s: %d packets, %d ranges", format, len(got.packets), got.info.Salvage.Ranges)
			if got.info.Salvage.Ranges < 300 || len(got.packets) < 5000 {
				t.Errorf("%s: %d packets, %d ranges", format, len(got.packets), got.info.Salvage.Ranges)
			}
		})
		if n > 64<<20 {
			t.Errorf("%s: %d bytes allocated", format, n)
		}
	}
}

// TestSalvageMemory has damage behind the longest block: what is looked for in it takes no
// memory for each of its bytes.
func TestSalvageMemory(t *testing.T) {
	const size = 12 << 20
	file := join(sectionHeader(little), interfaceBlock(little, 1, 0), block(little, 0x0bad, make([]byte, size)), make([]byte, 100),
		enhanced(little, 0, 1, 1, "a"), enhanced(little, 0, 2, 1, "b"))
	var got result
	n := allocated(func() { got = salvage(t, file) })
	if len(got.packets) != 2 || got.info.Salvage.Bytes != 100 || n > 5*size {
		t.Errorf("%d packets, lost %+v, %d bytes allocated", len(got.packets), got.info.Salvage, n)
	}
}

// TestSalvageShared reads every sound capture of the shared set as without
// salvage, and of the others at least as many packets.
func TestSalvageShared(t *testing.T) {
	shared := sharedtest.Dir(t)
	for i, row := range loadTruth(t, shared) {
		if i%10 != 0 && os.Getenv("PCAPMILL_ACCEPT") == "" && !bytes.HasPrefix([]byte(row["capture"]), []byte("malformed/")) {
			continue
		}
		path := filepath.Join(shared, "captures", filepath.FromSlash(row["capture"]))
		file, err := os.ReadFile(path)
		must(t, err)
		d, err := decompress.Open(bytes.NewReader(file), decompress.Config{})
		if err != nil {
			continue
		}
		var plain bytes.Buffer
		_, readErr := plain.ReadFrom(d)
		if readErr != nil {
			continue
		}
		want, got := read(t, plain.Bytes()), salvage(t, plain.Bytes())
		if row["capture"] == "malformed/tcpdump__bgp_vpn_rt-oobr.pcap" {
			continue // ends with zeros, which are 37 empty packets without salvage
		}
		if want.err != nil {
			if len(got.packets) < len(want.packets) {
				t.Errorf("%s: salvage has %d packets, reading without %d", row["capture"], len(got.packets), len(want.packets))
			}
			t.Logf("%s: %d packets instead of %d, lost %v", row["capture"], len(got.packets), len(want.packets), got.info.Salvage)
		} else if err := same(want, got); err != nil {
			t.Errorf("%s: %v", row["capture"], err)
		}
	}
}
