package job

import (
	"bytes"
	"context"
	"errors"
	"io"
	"testing"
	"testing/iotest"
)

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
