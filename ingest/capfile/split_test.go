package capfile_test

import (
	"bytes"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"pcapmill/ingest/capfile"
	"pcapmill/ingest/packet"
)

// splits are ways in which the same bytes can arrive.
var splits = map[string]func(io.Reader) io.Reader{
	"whole":          func(r io.Reader) io.Reader { return r },
	"byte by byte":   iotest.OneByteReader,
	"halves":         iotest.HalfReader,
	"data with EOF":  iotest.DataErrReader,
	"uneven pieces":  func(r io.Reader) io.Reader { return &uneven{r: r} },
	"empty in front": func(r io.Reader) io.Reader { return &uneven{r: r, empties: 3} },
}

// uneven returns pieces of 1 to 97 bytes, and now and then none.
type uneven struct {
	r       io.Reader
	n       int
	empties int
}

func (u *uneven) Read(p []byte) (int, error) {
	u.n = (u.n*31 + 7) % 97
	if u.empties > 0 && u.n%2 == 0 {
		u.empties--
		return 0, nil
	}
	return u.r.Read(p[:min(len(p), u.n+1)])
}

// TestSplits reads every sample in every split and buffer size to the same
// result.
func TestSplits(t *testing.T) {
	for name, file := range samples(t) {
		want := read(t, file)
		if want.err != nil || len(want.packets) == 0 {
			t.Fatalf("%s: %v", name, want.err)
		}
		for split, reader := range splits {
			for _, buffer := range []int{0, 1, 4096, 100_000} {
				got := readAll(t, reader(bytes.NewReader(file)), capfile.Config{}, buffer)
				if err := same(want, got); err != nil {
					t.Errorf("%s, %s, buffer %d: %v", name, split, buffer, err)
				}
			}
		}
	}
}

// TestPrefixes reads every prefix of the samples: the whole packets in it are
// delivered and the rest is reported where it starts, or nothing is missing.
func TestPrefixes(t *testing.T) {
	for name, file := range samples(t) {
		whole := read(t, file)
		ends := 0
		for cut := range file {
			got := read(t, file[:cut])
			checkPrefix(t, name, cut, got, whole)
			if got.err == nil {
				ends++
			}
		}
		// A prefix is complete only at the boundary of a record or block.
		boundaries := map[string]int{"pcap": 3, "pcapng": 17}[whole.info.Format]
		if name == "pcapng live" {
			boundaries = 19
		}
		if ends != boundaries {
			t.Errorf("%s: %d complete prefixes, want %d", name, ends, boundaries)
		}
	}
}

func checkPrefix(t *testing.T, name string, cut int, got, whole result) {
	t.Helper()
	if len(got.packets) > len(whole.packets) {
		t.Fatalf("%s cut at %d: %d packets of %d", name, cut, len(got.packets), len(whole.packets))
	}
	for i := range got.packets {
		if got.packets[i] != whole.packets[i] {
			t.Fatalf("%s cut at %d: packet %d differs", name, cut, i)
		}
	}
	var damage *capfile.DamageError
	var format *capfile.FormatError
	switch {
	case got.err == nil && got.offset == int64(cut):
	case errors.As(got.err, &format) && cut < 24 && len(got.packets) == 0:
	case errors.As(got.err, &damage) && damage.Reason == capfile.ReasonTruncated && damage.Offset < int64(cut):
	default:
		t.Errorf("%s cut at %d: %v, offset %d", name, cut, got.err, got.offset)
	}
}

// TestFillDoesNotWait gives the packets that have arrived, although the source
// has not ended and the buffer is not full.
func TestFillDoesNotWait(t *testing.T) {
	for name, file := range samples(t) {
		whole := read(t, file)
		r, w := io.Pipe()
		done := make(chan error, 1)
		go func() {
			_, err := w.Write(file)
			done <- err
		}()
		got, err := capfile.NewReader(r, capfile.Config{})
		must(t, err)
		b := packet.Block{Data: make([]byte, 0, capfile.DefaultBuffer)}
		for n := 0; n < len(whole.packets); n += len(b.Records) {
			b.Reset()
			must(t, got.Fill(&b))
		}
		must(t, w.Close())
		must(t, <-done)
		if err := got.Fill(&b); err != io.EOF {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFillAppends keeps what the Block already holds.
func TestFillAppends(t *testing.T) {
	file := join(pcapHeader(little, micros, 65535, 1), record(little, 1, 0, 3, "abc"))
	r, err := capfile.NewReader(bytes.NewReader(file), capfile.Config{})
	must(t, err)
	b := packet.Block{Data: []byte("before"), Records: []packet.Record{{Offset: 0, CapLen: 6}}}
	if err := r.Fill(&b); err != nil && err != io.EOF {
		t.Fatal(err)
	}
	if len(b.Records) != 2 || string(b.Data[:6]) != "before" {
		t.Fatalf("%+v %q", b.Records, b.Data)
	}
	rec := b.Records[1]
	if s := string(b.Data[rec.Offset : rec.Offset+rec.CapLen]); s != "abc" {
		t.Errorf("packet %q", s)
	}
}
