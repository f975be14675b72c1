package nightly

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"pcapmill/features/window/host"
	"pcapmill/ingest/packet"
	"pcapmill/outputs/ledger"
	"pcapmill/outputs/livefolder"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// partition is before the day in the name of a folder of parts.
const partition = "date="

// liveTables takes the tables that live's analysis says are whole: a file for each segment,
// under the path of its part of the table hosts.
func (f *finding) liveTables(folder string) error {
	path := filepath.Join(folder, livefolder.LedgerName)
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("inputs: tables: %w; it is not a folder that pcapmill live writes tables to", err)
	}
	ended := false
	_, err := livefolder.Visit(path, ledger.Position{}, &livefolder.Visitor{
		Session: func(*livefolder.Session, *ledger.Record) error {
			ended = false
			return nil
		},
		Commit: func(c *livefolder.Commit, _ *ledger.Record) error { return f.commit(folder, c) },
		End: func(*livefolder.End) error {
			ended = true
			return nil
		},
	})
	if err != nil {
		return fmt.Errorf("inputs: tables: %w", err)
	}
	if ended {
		f.captured = f.now
	}
	return nil
}

// commit takes the parts of a segment that are there.
func (f *finding) commit(folder string, c *livefolder.Commit) error {
	x := &file{first: packet.Nanos(c.Number), segment: c, folder: folder}
	for i := range c.Tables {
		t := &c.Tables[i]
		if t.Name == host.HostsTable {
			x.path, x.bytes, x.sha256 = filepath.Join(folder, filepath.FromSlash(t.Path)), t.Bytes, t.SHA256
			x.night, _ = strings.CutPrefix(filepath.Base(filepath.Dir(x.path)), partition)
		}
	}
	if x.path == "" {
		return nil // the segment ended no window
	}
	start, _, ok := spanOf(x.night)
	if !ok || f.c.Nights.nameOf(start) != x.night {
		return fmt.Errorf("%s is in the folder of no day", text.Escape(x.path))
	}
	if start.After(f.captured) {
		f.captured = start
	}
	info, err := os.Lstat(x.path)
	if errors.Is(err, fs.ErrNotExist) {
		f.gone[x.night]++
		return nil
	}
	if err != nil {
		return err
	}
	x.modNs = info.ModTime().UnixNano()
	f.files[x.path] = x
	return nil
}

// gather puts the parts of a night into its folder, as links where the system has them, so
// that they stay when live's are deleted, and begins its record.
func (x *execution) gather(ctx context.Context, t *task) (*Night, error) {
	making := filepath.Join("runs", goneMark+"not-yet-"+partition+t.name)
	if err := os.RemoveAll(x.c.at(making)); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(x.c.at(making), 0o700); err != nil {
		return nil, err
	}
	start, end, _ := spanOf(t.name)
	n := &Night{Name: t.name, StartNs: start.UnixNano(), EndNs: end.UnixNano(), Again: t.again, NowNs: x.o.Now.UnixNano(), Config: x.c.Hash, Number: int64(len(t.files))}
	for _, f := range t.files {
		for i := range f.segment.Tables {
			part := &f.segment.Tables[i]
			if err := x.gatherPart(ctx, f.folder, making, part); err != nil {
				return nil, err
			}
			if part.Name == "flows" {
				n.Flows += part.Rows
			}
		}
		n.Packets += f.segment.Accounting.PacketsRead
		n.Bytes += f.segment.Accounting.WireBytes
		n.Inputs = append(n.Inputs, newInput(f, Input{
			Bytes: f.bytes, SHA256: f.sha256, Outcome: manifest.Complete, Packets: f.segment.Accounting.PacketsRead,
		}))
	}
	if err := x.removeTables(t.name); err != nil { // only now: what cannot be gathered replaces nothing
		return nil, err
	}
	return n, os.Rename(x.c.at(making), x.c.folderOf(t.name))
}

// gatherPart links a part, or copies it, and checks that it is what analysis wrote.
func (x *execution) gatherPart(ctx context.Context, folder, making string, part *livefolder.Part) error {
	from := filepath.Join(folder, filepath.FromSlash(part.Path))
	table := filepath.Base(filepath.Dir(from)) // or the folder above, where there are days
	if strings.HasPrefix(table, partition) {
		table = filepath.Base(filepath.Dir(filepath.Dir(from)))
	}
	to := x.c.at(making, table, filepath.Base(from))
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if info, err := os.Lstat(from); err != nil || !info.Mode().IsRegular() {
		return errors.Join(err, irregular(from, err))
	}
	if err := publish.LinkOrCopy(from, to); err != nil {
		return err
	}
	sum, _, err := manifest.HashFile(ctx, to)
	if err == nil && sum != part.SHA256 {
		err = fmt.Errorf("%w: %s is not what analysis wrote: its hash is another", errPart, text.Escape(from))
	}
	return err
}

// errPart: a part of live's tables that cannot be believed.
var errPart = errors.New("damaged table")

func irregular(path string, err error) error {
	if err != nil {
		return nil
	}
	return fmt.Errorf("%w: %s is no regular file", errPart, text.Escape(path))
}

// ofTables reports whether a task is of tables that live made.
func (t *task) ofTables() bool {
	return slices.ContainsFunc(t.files, func(f *file) bool { return f.segment != nil })
}
