package live

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"

	"pcapmill/cmd/capture/event"
	"pcapmill/outputs/manifest"
)

// hashing hashes the segment that comes next while another is analysed, so that nothing waits for it.
// It has begun with none where it has nothing but read, as the zero value.
type hashing struct {
	read *atomic.Int64 // counts bytes; nil: nobody asks
	path string
	stop context.CancelFunc
	done chan struct{}
	info fs.FileInfo // of the file when its hash was begun, once done is closed; so are the others
	hash string
	err  error
}

// begin starts with the segment of a record, where there is one.
func (h *hashing) begin(ctx context.Context, folder string, s *event.Segment) {
	h.end()
	if s == nil {
		return
	}
	if _, _, _, ok := event.ParseName(s.Name); !ok {
		return
	}
	ctx, h.stop = context.WithCancel(ctx)
	h.path, h.done = filepath.Join(folder, s.Name), make(chan struct{})
	go func() {
		defer close(h.done)
		if h.info, h.err = os.Lstat(h.path); h.err == nil && h.info.Mode().IsRegular() && h.info.Size() == s.Bytes {
			h.hash, _, h.err = manifest.HashCounted(ctx, h.path, h.read)
		}
	}()
}

// sum returns the SHA-256 of a file that has been looked at: the one that is known, or a new one.
func (h *hashing) sum(ctx context.Context, path string, info fs.FileInfo) (string, error) {
	if h.done != nil && h.path == path {
		<-h.done // its context ends with ctx
		if h.err == nil && h.hash != "" && same(info, h.info) {
			return h.hash, nil
		}
	}
	sum, _, err := manifest.HashCounted(ctx, path, h.read)
	return sum, err
}

// end gives up what was begun; nothing goes on behind it.
func (h *hashing) end() {
	if h.done != nil {
		h.stop()
		<-h.done
	}
	*h = hashing{read: h.read}
}
