package job

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"

	"pcapmill/outputs/sinktest"
)

// TestWindowShowsTheSameRows cuts batches of every type and compares the rows.
func TestWindowShowsTheSameRows(t *testing.T) {
	schema := sinktest.Schema()
	rows := sinktest.RandomRows(100, 1)
	whole := sinktest.Batches(schema, rows, 100)[0]
	for _, cut := range [][2]int{{0, 1}, {0, 100}, {37, 38}, {37, 90}, {99, 100}, {50, 50}} {
		o := &Options{Format: FormatJSONL}
		render := func(write func(w tableWriter) error) string {
			var b bytes.Buffer
			w, err := newWriter(&b, schema, o, nil)
			if err == nil {
				err = errors.Join(write(w), w.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		got := render(func(w tableWriter) error { return w.Write(section(whole, cut[0], cut[1])) })
		want := render(func(w tableWriter) error {
			for _, b := range sinktest.Batches(schema, rows[cut[0]:cut[1]], 100) {
				if err := w.Write(b); err != nil {
					return err
				}
			}
			return nil
		})
		if got != want {
			t.Errorf("rows %v differ", cut)
		}
	}
}

func TestPumpDeliversEveryByteAndTheError(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789abcdef"), 100_000)
	for name, r := range map[string]io.Reader{
		"whole":    bytes.NewReader(want),
		"one byte": iotest.OneByteReader(bytes.NewReader(want[:5000])),
		"data+EOF": iotest.DataErrReader(bytes.NewReader(want)),
	} {
		got, err := io.ReadAll(newPump(context.Background(), r))
		if err != nil || !bytes.Equal(got, want[:len(got)]) || len(got) < 5000 {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
	broken := errors.New("broken")
	got, err := io.ReadAll(newPump(context.Background(), io.MultiReader(bytes.NewReader(want[:10]), iotest.ErrReader(broken))))
	if !errors.Is(err, broken) || len(got) != 10 {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
