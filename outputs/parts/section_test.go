package parts

import (
	"bytes"
	"errors"
	"testing"

	"pcapmill/outputs/sinktest"
)

// TestWindowShowsTheSameRows cuts batches of every type and compares the rows.
func TestWindowShowsTheSameRows(t *testing.T) {
	schema := sinktest.Schema()
	rows := sinktest.RandomRows(100, 1)
	whole := sinktest.Batches(schema, rows, 100)[0]
	for _, cut := range [][2]int{{0, 1}, {0, 100}, {37, 38}, {37, 90}, {99, 100}, {50, 50}} {
		c := &Config{Format: JSONL}
		render := func(write func(w encoder) error) string {
			var b bytes.Buffer
			w, err := newEncoder(&b, schema, c)
			if err == nil {
				err = errors.Join(write(w), w.Close())
			}
			if err != nil {
				t.Fatal(err)
			}
			return b.String()
		}
		got := render(func(w encoder) error { return w.Write(section(whole, cut[0], cut[1])) })
		want := render(func(w encoder) error {
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
