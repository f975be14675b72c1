package labels

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"pcapmill/datasets/folder"
	"pcapmill/datasets/label/compare"
	"pcapmill/datasets/label/labels"
	"pcapmill/datasets/label/source"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/text"
	"pcapmill/outputs/usage"
)

// Compare says which labellings are compared.
type Compare struct {
	A, B             string // folders of labels, tables with labels, or captures with pcapML's comments
	KeyA, KeyB       string // columns; empty: flow_id, or packet_index where packets have labels
	ColumnA, ColumnB string // of labels; empty: label
	Capture          int32  // whose packets are compared, where tables have those of several
}

// Run compares them.
func (c *Compare) Run(ctx context.Context) (*compare.Report, error) {
	packets := isCapture(c.A) || isCapture(c.B)
	a, err := c.labelling(ctx, c.A, c.KeyA, c.ColumnA, packets)
	if err != nil {
		return nil, err
	}
	b, err := c.labelling(ctx, c.B, c.KeyB, c.ColumnB, packets)
	if err != nil {
		return nil, err
	}
	if c.KeyA != "" || c.KeyB != "" { // who names keys knows that they are the same
		b.Key = a.Key
	}
	return compare.Of(a, b)
}

// isCapture reports whether a path is a file that is no table.
func isCapture(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && filepath.Ext(path) != ".parquet"
}

func (c *Compare) labelling(ctx context.Context, path, key, column string, packets bool) (*compare.Labels, error) {
	if isCapture(path) {
		return commented(ctx, path)
	}
	t := compare.Table{Path: path, Key: key, Column: column, Capture: c.Capture}
	if exists(filepath.Join(path, manifest.Name)) {
		t.Path = filepath.Join(path, labels.FlowTable)
		if packets || key == packetKey {
			t.Path = filepath.Join(path, labels.PacketTable)
			if !exists(t.Path) {
				return nil, fmt.Errorf("%w: %s has no labels of packets: label with --packets makes them", folder.ErrFolder, text.Escape(path))
			}
		}
	}
	if t.Key == "" {
		t.Key = "flow_id"
		if packets {
			t.Key = packetKey
		}
	}
	if t.Column == "" {
		t.Column = "label"
	}
	return compare.Read(ctx, path, t)
}

// packetKey is what packets are known by.
const packetKey = "packet_index"

// commented reads the labels of packets in a capture's comments.
func commented(ctx context.Context, path string) (*compare.Labels, error) {
	set, err := source.Read(ctx, []string{path}, source.Options{})
	if err != nil {
		return nil, err
	}
	l := compare.New(path, packetKey)
	for i := range set.Events {
		if e := &set.Events[i]; e.Packet > 0 {
			if err := l.Add(e.Packet, e.Label); err != nil {
				return nil, err
			}
		}
	}
	if l.Rows() == 0 {
		return nil, usage.Errorf("%s says nothing of packets by their numbers", text.Escape(path))
	}
	return l, nil
}
