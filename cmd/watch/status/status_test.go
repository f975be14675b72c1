package status_test

import (
	"bytes"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"pcapmill/cmd/watch/status"
)

func TestReadIgnoresWhatIsNone(t *testing.T) {
	good, err := json.Marshal(status.Status{Role: status.Capture, Packets: 7})
	if err != nil {
		t.Fatal(err)
	}
	in := strings.Join([]string{
		string(good), "", "no JSON", `{"role":"capture","packets":-1}`, `{"role":"someone"}`, `{"role":"capture","packets":1e99}`,
		strings.Repeat("x", 5000), strings.Repeat("y", 1<<20), string(good), string(good) + " torn",
	}, "\n")
	var got []status.Status
	strange, err := status.Read(strings.NewReader(in), func(s status.Status) { got = append(got, s) })
	if err != nil || len(got) != 2 || got[1].Packets != 7 || strange != 7 {
		t.Errorf("%d strange, %v: %v", strange, err, got)
	}
}

// TestWriterNeverWaits: a pipe that nobody reads takes what it can, and the rest is dropped.
func TestWriterNeverWaits(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	out := status.NewWriter(w)
	for range 500 { // some 80 KB, and a pipe holds 64
		out.Write(status.Status{Role: status.Analysis, Packets: 1, Doing: "nothing that anybody reads"})
	}
	r.Close()
	out.Write(status.Status{Role: status.Analysis})
	out.Write(status.Status{Role: status.Analysis})
	w.Close()
	status.Inherited(0).Write(status.Status{})
}

// screen is a terminal of a width, or none where it is 0.
func screen(out *bytes.Buffer, width int) status.Screen {
	return status.Screen{Out: out, Width: func() (int, bool) { return width, width > 0 }}
}

var began = time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)

func TestTerminal(t *testing.T) {
	var out bytes.Buffer
	b := status.NewBoard(screen(&out, 200), began)
	b.Take(status.Status{Role: status.Capture, Packets: 1000, Bytes: 125000})
	b.Show(began.Add(time.Second))
	b.Take(status.Status{Role: status.Capture, Packets: 4000, Bytes: 1375000, Drops: 5, Segments: 3})
	b.Take(status.Status{Role: status.Analysis, Packets: 900, Flows: 12345, Segments: 2, Waiting: 1, Alerts: 1, Doing: "catching \x1b[2Jup"})
	b.Show(began.Add(3 * time.Second))
	b.Say("a line")
	want := "1s  1,000 packets/s  0 dropped  1.0 Mbit/s  0 open flows  0 alerts  segments 0 done 0 waiting" +
		"\r\x1b[K3s  1,500 packets/s  5 dropped  5.0 Mbit/s  12,345 open flows  1 alert  segments 2 done 1 waiting  catching \\x1b[2Jup" +
		"\r\x1b[Ka line\n"
	if got := out.String(); got != want {
		t.Errorf("%q\nwant %q", got, want)
	}
}

func TestNarrowTerminal(t *testing.T) {
	var out bytes.Buffer
	b := status.NewBoard(screen(&out, 20), began)
	b.Take(status.Status{Role: status.Capture, Packets: 1000})
	b.Show(began.Add(time.Second))
	if n := len([]rune(out.String())); n > 19 || n < 10 {
		t.Errorf("%d cells: %q", n, out.String())
	}
}

// TestLog: a line for each segment, and one a minute.
func TestLog(t *testing.T) {
	var out bytes.Buffer
	b := status.NewBoard(screen(&out, 0), began)
	for second := range 150 {
		b.Take(status.Status{Role: status.Analysis, Segments: int64(second / 70), Packets: int64(second) * 10})
		b.Show(began.Add(time.Duration(second) * time.Second))
	}
	var ends []string
	for line := range strings.Lines(out.String()) {
		ends = append(ends, strings.Fields(line)[0])
	}
	if got := strings.Join(ends, " "); got != "1m0s 1m10s 2m10s 2m20s" {
		t.Errorf("%s", got)
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Errorf("%q", out.String())
	}
}

// TestRestart: a process that begins anew counts from 0.
func TestRestart(t *testing.T) {
	var out bytes.Buffer
	b := status.NewBoard(screen(&out, 0), began)
	b.Take(status.Status{Role: status.Capture, Packets: 1_000_000, Segments: 1})
	b.Show(began.Add(time.Second))
	b.Take(status.Status{Role: status.Capture, Packets: 500, Segments: 2})
	b.Show(began.Add(2 * time.Second))
	if got := out.String(); !strings.Contains(got, "  500 packets/s") {
		t.Errorf("%s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"role":"capture","packets":1}` + "\n"))
	f.Add([]byte("\n\n{}\n"))
	f.Add(bytes.Repeat([]byte("z"), 9000))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := int64(0)
		strange, err := status.Read(bytes.NewReader(data), func(s status.Status) {
			n++
			if s.Packets < 0 || s.Role == "" {
				t.Errorf("%+v", s)
			}
		})
		if err != nil || n+strange > int64(bytes.Count(data, []byte("\n"))) {
			t.Errorf("%d and %d strange, %v", n, strange, err)
		}
	})
}

// TestInherited: a descriptor that blocks, as a child is given it, does not block a Writer.
func TestInherited(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	out := status.Inherited(int(w.Fd())) // Fd makes it block
	for range 500 {
		out.Write(status.Status{Role: status.Analysis, Doing: "nothing that anybody reads, and so there is no room soon"})
	}
}
