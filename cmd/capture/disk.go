package capture

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"syscall"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/segment"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// segmentFile is the file of a segment on its way. The disk goroutine has it, then the
// publisher.
type segmentFile struct {
	number int64
	zstd   bool
	handle publish.Handle // nil until it is created
	sum    hash.Hash
	size   int64
}

func (f *segmentFile) temp() string { return event.TemporaryName(f.number, f.zstd) }
func (f *segmentFile) name() string { return event.SegmentName(f.number, f.zstd) }

// ended is a segment whose bytes are all written.
type ended struct {
	*segmentFile
	*ending
}

// disk writes what comes out of the pipe. It is one goroutine.
type disk struct {
	cfg   *Config
	fsys  publish.FS
	pipe  *pipe
	ills  *trouble
	room  chan<- struct{} // asks the publisher to make room
	ended chan<- ended
	zip   *segment.Compressor // nil: not compressed
	out   []byte              // a compressed buffer
}

// run writes until the pipe's jobs end, or are given up.
func (d *disk) run() error {
	defer close(d.ended)
	for j := range d.pipe.jobs {
		if err := d.do(j); err != nil {
			return err
		}
	}
	return nil
}

func (d *disk) do(j job) error {
	if len(j.buf) > 0 {
		if err := d.write(j.file, j.buf); err != nil {
			return err
		}
	}
	d.give(j.buf)
	if j.end == nil {
		return nil
	}
	select {
	case d.ended <- ended{j.file, j.end}:
		return nil
	case <-d.pipe.dead:
		return errGivenUp
	}
}

// give puts a buffer back. One that grew over a large packet is not kept, and what was no
// buffer of the pipe does not become one.
func (d *disk) give(buf []byte) {
	if cap(buf) < d.cfg.BufferBytes {
		return
	}
	if cap(buf) > 2*d.cfg.BufferBytes {
		buf = make([]byte, 0, d.cfg.BufferBytes)
	}
	d.pipe.free.put(buf)
}

// write appends a buffer to a file, however often the disk must be asked.
func (d *disk) write(f *segmentFile, buf []byte) error {
	if d.zip != nil {
		d.out = d.zip.Append(d.out[:0], buf)
		buf = d.out
	}
	return d.insist(func() error {
		if err := d.create(f); err != nil {
			return err
		}
		n, err := f.handle.Write(buf) // what was written before an error stays
		f.sum.Write(buf[:n])
		f.size += int64(n)
		buf = buf[n:]
		return err
	})
}

// create makes the file where it is not made yet. One that is there under its name is of a
// session before and was left alone by recovery, so it cannot be ours.
func (d *disk) create(f *segmentFile) error {
	if f.handle != nil {
		return nil
	}
	h, err := d.fsys.Create(f.temp())
	if err != nil {
		return err
	}
	f.handle, f.sum = h, sha256.New()
	return nil
}

// insist does something until it works, or nobody waits any more.
func (d *disk) insist(do func() error) error {
	return insist(d.cfg, d.ills, d.pipe.patience, do, func() {
		select {
		case d.room <- struct{}{}:
		default: // it has been asked already
		}
	})
}

// insist tries until it works. On a full disk it calls free before it tries again. At the end
// of a session it tries twice more. What was removed is not waited for.
func insist(cfg *Config, ills *trouble, until patience, do func() error, free func()) error {
	for ending := 0; ; {
		err := do()
		if err == nil {
			if ills.works() {
				cfg.Log.Warn(fmt.Sprintf("%s: the disk takes data again", text.Escape(cfg.Segments)))
			}
			return nil
		}
		if errors.Is(err, fs.ErrNotExist) { // folder or file was removed, and does not come back
			return fmt.Errorf("%w: %w", errGivenUp, err)
		}
		if ills.refused(err) {
			cfg.Log.Warn(fmt.Sprintf("%s: %v: trying again each %v; meanwhile buffers fill, then packets are dropped and counted",
				text.Escape(cfg.Segments), err, cfg.RetryEvery))
		}
		if errors.Is(err, syscall.ENOSPC) {
			free()
		}
		if until.hurried() {
			ending++
		}
		if ending > 2 || !until.wait(cfg.RetryEvery) {
			return fmt.Errorf("%w: %w", errGivenUp, err)
		}
	}
}
