package survive_test

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"pcapmill/bench/hostile"
	"pcapmill/bench/sharedtest"
	"pcapmill/bench/survive"
	"pcapmill/ingest/capfile"
	"pcapmill/ingest/decompress"
	"pcapmill/ingest/packet"
)

// Bounds of what it may cost to read a file of up to 64 KiB and to walk through
// the headers of its packets. Compressed files may have a window besides: bzip2
// takes 3.6 MiB from its first byte on, zstd 9 MiB.
const (
	shortFile      = 64 << 10
	readPerByte    = 64
	readByNothing  = 1 << 20
	readByWindow   = 16 << 20
	readAtMost     = 100 * time.Millisecond
	deepestTunnels = 8
)

// decoder reads files into one block, as the pipeline does.
type decoder struct {
	block        packet.Block
	walker       packet.Walker
	outer, inner packet.View
}

// decode reads a file and walks through the headers of its packets. It returns
// whether the file is compressed.
func (d *decoder) decode(file []byte) (compressed bool) {
	plain, err := decompress.Open(bytes.NewReader(file), decompress.DefaultConfig())
	if err != nil {
		return true
	}
	defer plain.Close()
	r, err := capfile.NewReader(plain, capfile.DefaultConfig())
	for err == nil {
		d.block.Reset()
		err = r.Fill(&d.block)
		for _, rec := range d.block.Records {
			d.walk(rec, r.Interfaces()[rec.Interface].Link)
		}
	}
	return plain.Format() != decompress.None
}

// walk walks through the headers of one packet and of those inside.
func (d *decoder) walk(rec packet.Record, link packet.LinkType) {
	data := d.block.Data
	d.outer = packet.View{Offset: rec.Offset}
	out := d.walker.Walk(data[rec.Offset:rec.Offset+rec.CapLen], rec.WireLen, link, &d.outer)
	for depth := 0; depth < deepestTunnels && out == packet.InFlow; depth++ {
		d.inner = packet.View{}
		carries := false
		if carries, out = d.walker.Inner(data, &d.outer, &d.inner); !carries {
			return
		}
		d.outer = d.inner
	}
}

// check holds one file to the bounds.
func (d *decoder) check(t *testing.T, name string, file []byte) {
	before := survive.Allocated()
	compressed := d.decode(file)
	allocated := survive.Allocated() - before
	most := readByNothing + readPerByte*uint64(len(file))
	if compressed {
		most += readByWindow
	}
	if allocated > most {
		t.Errorf("%s: %d bytes allocated for %d", name, allocated, len(file))
	}
	least := time.Hour
	for try := 0; try < 3 && least > readAtMost; try++ { // another process may have had the processor
		began := time.Now()
		d.decode(file)
		least = min(least, time.Since(began))
	}
	if least > readAtMost {
		t.Errorf("%s: %v for %d bytes", name, least, len(file))
	}
}

// TestShortFilesAreCheap reads every hostile case and every reference capture of
// up to 64 KiB.
func TestShortFilesAreCheap(t *testing.T) {
	d := &decoder{block: packet.Block{Data: make([]byte, 0, capfile.DefaultBuffer)}}
	files := 0
	for _, class := range hostile.Classes() {
		for _, c := range class.Cases {
			if c.Heavy {
				continue
			}
			if file, _ := c.Make(); len(file) <= shortFile {
				d.check(t, c.Name, file)
				files++
			}
		}
	}
	err := filepath.WalkDir(filepath.Join(sharedtest.Dir(t), "captures"), func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		if info, err := e.Info(); err != nil || info.Size() > shortFile {
			return err
		}
		file, err := os.ReadFile(path)
		d.check(t, path, file)
		files++
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d files", files)
}
