package show_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pcapmill/cmd/show"
	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// TestRead hands over all parts' rows of the picked columns, and errors as they are.
func TestRead(t *testing.T) {
	dir := table(t, 3)
	pick := func(s *column.Schema) ([]string, error) { return []string{"took_ns", "name"}, nil }
	var names []string
	err := show.Read(context.Background(), dir, pick, func(b *batch.Batch) error {
		for i := range b.Rows {
			names = append(names, b.Vectors[1].String(i))
		}
		return nil
	})
	if got := strings.Join(names, ","); err != nil || len(names) != 18 || !strings.HasPrefix(got, "ada,bob,cid,dan,eve ,ada,ada") {
		t.Errorf("%s, %v", got, err)
	}
	own := errors.New("own")
	nothing := func(*batch.Batch) error { return nil }
	if err := show.Read(context.Background(), dir, pick, func(*batch.Batch) error { return own }); err != own {
		t.Errorf("take's error becomes %v", err)
	}
	if err := show.Read(context.Background(), dir, func(*column.Schema) ([]string, error) { return nil, own }, nothing); err != own {
		t.Errorf("pick's error becomes %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := show.Read(ctx, dir, pick, nothing); !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "part-99999.parquet"), []byte("PAR1"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := show.Read(context.Background(), dir, pick, nothing); !errors.Is(err, show.ErrTable) {
		t.Errorf("a damaged part: %v", err)
	}
}
