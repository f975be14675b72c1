package usage_test

import (
	"errors"
	"io"
	"testing"

	"pcapmill/outputs/usage"
)

func TestErrorf(t *testing.T) {
	err := usage.Errorf("%q: %w", "a", io.EOF)
	if err.Error() != `"a": EOF` || !errors.Is(err, usage.Err) || !errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%v", err)
	}
}
