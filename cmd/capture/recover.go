package capture

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"pcapmill/cmd/capture/event"
	"pcapmill/ingest/packet"
	"pcapmill/ingest/segment"
	"pcapmill/outputs/text"
)

// recovery brings the folder of a session that was killed into order: what its ledger says is
// there, and what is there is in its ledger.
type recovery struct {
	*Folder
	root   *os.Root
	nowNs  int64
	report *Report
	told   bool // that nothing is known of the time up to now
}

// found is a file in the folder that the ledger does not know yet.
type found struct {
	number    int64
	name      string
	zstd      bool
	temporary bool
}

// recover goes through the folder. Errors are of the disk.
func (f *Folder) recover(nowNs int64, report *Report) error {
	root, err := f.openRoot()
	if err != nil {
		return err
	}
	defer root.Close()
	r := recovery{Folder: f, root: root, nowNs: nowNs, report: report}
	if err := r.missing(); err != nil {
		return err
	}
	files, err := r.unknown()
	if err != nil {
		return err
	}
	for i, file := range files {
		if err := r.take(file, i == len(files)-1); err != nil {
			return err
		}
	}
	return r.pause()
}

// missing finds segments of the ledger that are not there any more.
func (r *recovery) missing() error {
	for _, k := range slices.Clone(r.history.kept) {
		info, err := r.fsys.Lstat(k.name)
		switch {
		case err == nil && info.Mode().IsRegular() && info.Size() == k.bytes:
		case err == nil:
			r.warn(k.name, fmt.Sprintf("it is not as the ledger says (%d bytes instead of %d)", info.Size(), k.bytes))
		case os.IsNotExist(err):
			r.warn(k.name, "its file is gone")
			if err := r.log.Append(event.LostEvent, event.Lost{Number: k.number, Why: "its file is gone"}); err != nil {
				return err
			}
			r.history.drop(k.number)
		default:
			return err
		}
	}
	return nil
}

// unknown lists files that the ledger does not know, by number. Those whose deletion was
// recorded but not done, and temporary ones whose number is settled, are removed.
func (r *recovery) unknown() ([]found, error) {
	entries, err := r.fsys.ReadDir(".")
	if err != nil {
		return nil, err
	}
	var files []found
	for _, e := range entries {
		number, zstd, temporary, ok := event.ParseName(e.Name())
		if !ok || !e.Type().IsRegular() || number > maxNumber {
			continue
		}
		file := found{number, e.Name(), zstd, temporary}
		switch {
		case number >= r.history.next:
			files = append(files, file)
		case temporary || number == r.history.removing:
			if err := r.fsys.Remove(e.Name()); err != nil { // it is in nobody's way
				r.warn(file.name, fmt.Sprintf("it cannot be removed: %v", err))
			}
		case !slices.ContainsFunc(r.history.kept, func(k kept) bool { return k.name == file.name }):
			r.warn(file.name, "the ledger says that it is not there any more; it is left alone")
		}
	}
	slices.SortFunc(files, func(a, b found) int { return int(min(1, max(-1, a.number-b.number))) })
	return files, nil
}

// take settles one file and all numbers before it that have none.
func (r *recovery) take(file found, last bool) error {
	for r.history.next < file.number {
		if err := r.lose(r.history.next, "nothing of it is there"); err != nil {
			return err
		}
	}
	if file.number < r.history.next { // a second file of one number: the first was taken
		r.warn(file.name, "there is another of its number; it is left alone")
		return nil
	}
	contents, err := r.walk(file)
	switch {
	case err != nil:
		return err
	case !file.temporary && (!contents.Ended || contents.Rest != ""):
		return r.lose(file.number, "the file of its name was not written by a capture, and is left alone")
	case contents.Tally.Packets == 0 && contents.Watermark == packet.NoTime:
		if err := r.fsys.Remove(file.name); err != nil {
			return err
		}
		return r.lose(file.number, "the process was killed before anything of it was on the disk")
	}
	if err := r.keep(file, &contents); err != nil || contents.Ended {
		return err
	}
	gap := event.Gap{StartNs: int64(max(contents.Tally.Last, contents.Watermark)), Why: event.Killed, Detail: unknownAfter}
	if last {
		gap.EndNs, r.told = &r.nowNs, true
	}
	return r.log.Append(event.GapEvent, gap)
}

const unknownAfter = "what came after is not known"

func (r *recovery) lose(number int64, why string) error {
	r.report.Lost++
	r.history.next = number + 1
	r.warn(event.SegmentName(number, false), "it is lost: "+why)
	return r.log.Append(event.LostEvent, event.Lost{Number: number, Why: why})
}

// walk says what is whole of a file.
func (r *recovery) walk(file found) (segment.Contents, error) {
	open := func() (io.ReadCloser, error) { return r.root.Open(file.name) }
	if file.zstd {
		return segment.WalkZstd(open)
	}
	in, err := open()
	if err != nil {
		return segment.Contents{}, err
	}
	defer in.Close()
	return segment.Walk(in)
}

// keep cuts a file behind what is whole of it, publishes it and records it.
func (r *recovery) keep(file found, contents *segment.Contents) error {
	size, sum, err := r.cut(file, contents)
	if err != nil {
		return fmt.Errorf("salvage %s: %w", text.Escape(file.name), err)
	}
	name := event.SegmentName(file.number, file.zstd)
	if file.temporary {
		if err := r.fsys.Rename(file.name, name); err != nil {
			return err
		}
	}
	if err := r.fsys.SyncDir("."); err != nil {
		return err
	}
	e := recovered(contents, r.history)
	e.Number, e.Name, e.Bytes, e.SHA256 = file.number, name, size, sum
	if err := r.log.Append(event.SegmentEvent, e); err != nil {
		return err
	}
	r.history.segment(&e)
	r.report.Recovered++
	r.cfg.Log.Info(fmt.Sprintf("%s recovered: %d packets", filepath.Join(text.Escape(r.cfg.Segments), name), e.Packets))
	return nil
}

// recovered is the record of what a walk found.
func recovered(c *segment.Contents, h *history) event.Segment {
	e := event.Segment{
		Session: h.session, Packets: c.Tally.Packets, CapturedBytes: c.Tally.CapturedBytes, WireBytes: c.Tally.WireBytes,
		OpenedNs: c.OpenedNs, Reason: event.Recovered, PrevSHA256: h.lastSHA,
	}
	if c.Session != "" {
		e.Session = text.Escape(c.Session)
	}
	until := int64(max(c.Tally.Last, c.Watermark))
	e.WatermarkNs, e.ClosedNs = &until, until
	if c.Tally.Packets > 0 {
		first, last := int64(c.Tally.First), int64(c.Tally.Last)
		e.FirstNs, e.LastNs = &first, &last
		if e.OpenedNs == 0 {
			e.OpenedNs = first
		}
	}
	if c.Ended {
		counts := c.Counts
		e.KernelPackets, e.KernelDrops, e.Freezes, e.InterfaceDrops = &counts.Accepted, &counts.Drops, &counts.Freezes, &counts.IfDrops
	}
	return e
}

// cut leaves of a file what is whole, ends it with a watermark where it has no end, syncs it
// and returns its size and hash.
func (r *recovery) cut(file found, contents *segment.Contents) (int64, string, error) {
	h, err := r.root.OpenFile(file.name, os.O_RDWR, 0)
	if err != nil {
		return 0, "", err
	}
	defer h.Close()
	size := contents.Bytes
	if err := h.Truncate(size); err != nil {
		return 0, "", err
	}
	if !contents.Ended {
		tail := contents.Tail()
		if file.zstd {
			zip, err := segment.NewCompressor()
			if err != nil {
				return 0, "", err
			}
			tail = zip.Append(nil, tail)
		}
		if _, err := h.WriteAt(tail, size); err != nil {
			return 0, "", err
		}
		size += int64(len(tail))
	}
	if err := h.Sync(); err != nil {
		return 0, "", err
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(h, 0, size)); err != nil {
		return 0, "", err
	}
	return size, hex.EncodeToString(sum.Sum(nil)), nil
}

// pause records that nothing was captured since the session before, where salvage has not
// said so yet.
func (r *recovery) pause() error {
	if r.history.session == "" || r.told {
		return nil
	}
	gap := event.Gap{StartNs: r.history.untilNs, EndNs: &r.nowNs, Why: event.Stopped}
	if r.history.wasKilled {
		gap.Why, gap.Detail = event.Killed, unknownAfter
	}
	return r.log.Append(event.GapEvent, gap)
}

func (r *recovery) warn(name, what string) {
	r.cfg.Log.Warn(fmt.Sprintf("%s: %s", filepath.Join(text.Escape(r.cfg.Segments), text.Escape(name)), what))
}
