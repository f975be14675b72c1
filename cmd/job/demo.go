package job

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"pcapmill/bench/traffic"
)

// DemoName is what the generated capture is called, in the manifest too.
const DemoName = "demo.pcapng"

// makeDemo writes the generated capture into a temporary folder of its own. The
// same build makes the same bytes.
func makeDemo(ctx context.Context) (sources []source, err error) {
	dir, err := os.MkdirTemp("", "pcapmill-demo-")
	if err != nil {
		return nil, fail(ExitOutput, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}()
	path := filepath.Join(dir, DemoName)
	if err := WriteDemo(ctx, path); err != nil {
		return nil, fail(ExitOutput, fmt.Errorf("generating %s: %w", DemoName, err))
	}
	s := newSource(path)
	s.name = DemoName
	return []source{s}, nil
}

// WriteDemo writes the generated capture to a new file.
func WriteDemo(ctx context.Context, path string) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	_, err = traffic.Demo(ctxWriter{ctx, f})
	return err
}

// ctxWriter stops writing when the context ends.
type ctxWriter struct {
	ctx context.Context
	w   io.Writer
}

// Write implements io.Writer.
func (c ctxWriter) Write(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.w.Write(p)
}

// removeDemo removes what makeDemo made. A temporary folder that stays is no
// reason to fail.
func removeDemo(sources []source) {
	for _, s := range sources {
		_ = os.RemoveAll(filepath.Dir(s.path))
	}
}
