package labels

import (
	"context"
	"errors"
	"io"
	"slices"

	"pcapmill/datasets/label/coverage"
	"pcapmill/datasets/label/labels"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// wrote notes a table for the report.
func (w *work) wrote(table string, rows int64) {
	w.report.Written = append(w.report.Written, coverage.TableRows{Table: table, Rows: rows})
}

// carry carries the flows' labels to the tables of messages and windows.
func (w *work) carry(ctx context.Context) error {
	if slices.Contains(w.To, ToRecords) {
		if err := w.records(ctx); err != nil {
			return err
		}
	}
	if slices.Contains(w.To, ToWindows) {
		return w.windows(ctx)
	}
	return nil
}

func (w *work) records(ctx context.Context) error {
	names := w.tables.records()
	if len(names) == 0 {
		w.note("There are no tables of messages to label.")
		return nil
	}
	out, err := w.folder.Table(labels.RecordSchema(), "", "")
	if err != nil {
		return err
	}
	rows := labels.NewRecords(out.Write)
	want := int64(0)
	for _, name := range names {
		if err := w.book.Records(ctx, name, w.tables.dataset.Path(name, ""), &w.named, rows); err != nil {
			return err
		}
		t, _ := w.tables.dataset.Table(name)
		want += t.Rows
	}
	if err := errors.Join(rows.Flush(), out.Close()); err != nil {
		return err
	}
	w.folder.Check("messages are labelled once each", want, rows.Rows())
	w.wrote(labels.RecordTable, rows.Rows())
	return nil
}

func (w *work) windows(ctx context.Context) error {
	hosts := w.tables.hosts()
	if hosts == "" {
		w.note("There is no hosts table whose windows could be labelled.")
		return nil
	}
	out, err := w.folder.Table(labels.WindowSchema(), "", "")
	if err != nil {
		return err
	}
	rows := labels.NewWindows(w.book, out.Write)
	if err := w.book.Windows(ctx, w.tables.flows, hosts, rows); err != nil {
		return err
	}
	if err := errors.Join(rows.Flush(), out.Close()); err != nil {
		return err
	}
	w.wrote(labels.WindowTable, rows.Rows())
	return nil
}

// number finds which captures those of Packets are; where flows do not say, their place is it.
func (w *work) number() error {
	for i, path := range w.Packets {
		n, known := w.tables.capture(path)
		switch {
		case known:
		case len(w.tables.captures) > 0:
			return usage.Errorf("--packets %s is none of the captures that the flows are of, or one of several of that name", text.Escape(path))
		default:
			n = int32(i)
		}
		if slices.Contains(w.numbers, n) || slices.Contains(w.Packets[:i], path) {
			return usage.Errorf("--packets %s is a capture that was named before: its packets would be there twice", text.Escape(path))
		}
		w.numbers = append(w.numbers, n)
	}
	return nil
}

// packets labels the packets of captures.
func (w *work) packets(ctx context.Context) error {
	if len(w.Packets) == 0 {
		return nil
	}
	index, err := w.book.NewIndex(ctx, w.tables.flows, w.tables.alone)
	if err != nil {
		return err
	}
	out, err := w.folder.Table(labels.PacketSchema(), "", "")
	if err != nil {
		return err
	}
	rows := labels.NewPackets(out.Write)
	for i, path := range w.Packets {
		r := &labels.Reading{Index: index, Capture: w.numbers[i], Named: w.named.Packets, Rows: rows}
		if err := w.capture(ctx, r, path); err != nil {
			return err
		}
	}
	if err := errors.Join(rows.Flush(), out.Close()); err != nil {
		return err
	}
	w.wrote(labels.PacketTable, rows.Rows())
	return nil
}

// capture labels the packets of one capture, and writes them with comments where asked to.
func (w *work) capture(ctx context.Context, r *labels.Reading, path string) error {
	var done labels.Captured
	read := func(out io.Writer) (err error) {
		if out != nil {
			if r.PcapML, err = labels.NewPcapML(out); err != nil {
				return err
			}
		}
		if done, err = r.Read(ctx, path); err == nil && r.PcapML != nil {
			err = r.PcapML.Close()
		}
		return err
	}
	var err error
	if w.PcapML {
		err = w.folder.File(pcapmlName(r.Capture, path), read)
	} else {
		err = read(nil)
	}
	if err != nil {
		return err
	}
	if r.PcapML != nil && r.PcapML.Unfit > 0 {
		w.note("%d packets of %s have no time that pcapng can say, and are not among those with comments.", r.PcapML.Unfit, nameOf(path))
	}
	if r.PcapML != nil && r.PcapML.Signs > 0 {
		w.note("%d packets of %s have a label with a comma or =, which pcapML cannot say: a semicolon and a colon stand for them.", r.PcapML.Signs, nameOf(path))
	}
	done.Path = nameOf(path)
	w.report.Captures = append(w.report.Captures, done)
	return nil
}
