package publish_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"pcapmill/outputs/publish"
)

// TestFolderMadeTogether holds that of several who make one folder at the same time one made it,
// and all have it.
func TestFolderMadeTogether(t *testing.T) {
	dir := t.TempDir()
	for i := range 200 {
		path := filepath.Join(dir, fmt.Sprint(i))
		var makers atomic.Int32
		var wait sync.WaitGroup
		begin := make(chan struct{})
		for range 4 {
			wait.Go(func() {
				<-begin
				_, created, err := publish.OpenOS(path)
				if err != nil {
					t.Error(err)
				}
				if created {
					makers.Add(1)
				}
			})
		}
		close(begin)
		wait.Wait()
		if n := makers.Load(); n != 1 {
			t.Fatalf("%d of them made the folder", n)
		}
	}
}
