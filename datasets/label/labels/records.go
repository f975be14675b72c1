package labels

import (
	"context"
	"fmt"

	"pcapmill/datasets/label"
	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/outputs/tables"
	"pcapmill/outputs/text"
)

// RecordTable is the table with a row for each row of the tables of messages.
const RecordTable = "record_labels"

const recordVersion = 1

// Record is a row of RecordTable.
type Record struct {
	Table    string
	Row      int64 // in the table, from 0
	FlowID   int64
	Capture  int32
	Packet   int64 // number in its capture, from 1
	Outcome  label.Outcome
	Label    string
	Campaign string
	Named    bool // an event names it, or the packet
}

// RecordSchema returns the columns of RecordTable.
func RecordSchema() *column.Schema { return schemaOf(RecordTable, recordVersion, recordColumns()) }

// NewRecords returns a writer of RecordTable.
func NewRecords(sink func(*batch.Batch) error) *Writer[Record] {
	return newWriter(RecordSchema(), recordColumns(), sink)
}

func recordColumns() []def[Record] {
	return []def[Record]{
		word("record_table", "Table of the message: dns, http, tls, …", func(r *Record) string { return r.Table }).as(column.Identity),
		long("record_row", column.None, "Number of its row in that table, from 0: the first row is 0 and parts count on.", func(r *Record) int64 { return r.Row }).as(column.Identity),
		long("flow_id", column.None, "flow_id of the flow, or piece of a flow, that it is part of.", func(r *Record) int64 { return r.FlowID }).as(column.Identity),
		small("capture_id", "Number of the input in the manifest, from 0.", func(r *Record) int32 { return r.Capture }).as(column.Identity),
		long("packet_index", column.None, "Number of the packet with which the message was complete within its input, from 1.", func(r *Record) int64 { return r.Packet }).as(column.Identity),
		word("outcome", "That of the flow: labelled, unlabelled or ambiguous. A flow that the flows table lacks is unlabelled.", func(r *Record) string { return r.Outcome.String() }).as(column.Label),
		knownWord("label", "Label of the flow.", unlabelledNull, func(r *Record) string { return r.Label }).as(column.Label),
		knownWord("campaign", "Campaign of the flow, which no split may divide.", unlabelledNull, func(r *Record) string { return r.Campaign }).as(column.Identity),
		small("named", "1 where a source names this very message: its packet, as pcapML does, or by an alert on a transaction, which is about the last message of its direction up to the alert's packet.", func(r *Record) int32 { return bit(r.Named) }).as(column.Label),
	}
}

// Records writes a row for each row of a table of messages at a path. Errors are those of
// tables.Read and of the Writer.
func (b *Book) Records(ctx context.Context, name, path string, named *Named, w *Writer[Record]) error {
	messages, err := named.resolve(ctx, b.view, name, path)
	if err != nil {
		return err
	}
	r := Record{Table: name}
	return b.view.Read(ctx, path, columnsOf(name, messageColumns(name)...), func(rows *batch.Batch) error {
		for i := range rows.Rows {
			m := messageAt(rows, i)
			r.FlowID, r.Capture, r.Packet = m.FlowID, m.Capture, m.Packet
			e := b.find(r.FlowID)
			r.Outcome, r.Label = b.said(e.code)
			r.Campaign = b.parts[e.more.campaign()]
			_, r.Named = messages[m]
			r.Named = r.Named || named.Packets[Place{r.Capture, r.Packet}]
			if err := w.Add(&r); err != nil {
				return err
			}
			r.Row++
		}
		return nil
	})
}

// columnsOf picks columns that a table must have, which are not null and of the types that our
// own tables give them.
func columnsOf(table string, names ...string) func(*column.Schema) ([]string, error) {
	return func(s *column.Schema) ([]string, error) {
		for _, name := range names {
			i := s.Index(name)
			if i < 0 {
				return nil, fmt.Errorf("%w: %s has no column %s", tables.ErrTable, text.Escape(table), name)
			}
			if want, known := columnTypes[name]; known && s.Columns[i].Type != want {
				return nil, fmt.Errorf("%w: %s of %s is %s and not %s", tables.ErrTable, name, text.Escape(table), s.Columns[i].Type, want)
			}
			if s.Columns[i].Optional() && !mayBeNull[name] {
				return nil, fmt.Errorf("%w: %s of %s can be null", tables.ErrTable, name, text.Escape(table))
			}
		}
		return names, nil
	}
}

// columnTypes are the types of columns that are read here.
var columnTypes = map[string]column.Type{
	"flow_id": column.Int64, "capture_id": column.Int32, "packet_index": column.Int64, "direction": column.String, "exchange": column.Int64, "window_start_ns": column.Int64, "window_ns": column.Int64,
	"host": column.String, "part_no": column.Int32, "src_ip": column.String, "dst_ip": column.String, "start_ns": column.Int64, "end_ns": column.Int64,
	"tunnel_depth": column.Int32, "protocol": column.Int32, "src_port": column.Int32, "dst_port": column.Int32, "icmp_type": column.Int32, "icmp_code": column.Int32,
	"outcome": column.String, "label": column.String, "first_packet_index": column.Int64,
}

// mayBeNull are those of them that have nulls.
var mayBeNull = map[string]bool{"src_port": true, "dst_port": true, "icmp_type": true, "icmp_code": true, "label": true, "capture_id": true}
