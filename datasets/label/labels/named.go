package labels

import (
	"cmp"
	"context"
	"slices"

	"pcapmill/features/batch"
	"pcapmill/outputs/tables"
)

// Place is a packet of a capture.
type Place struct {
	Capture int32
	Packet  int64 // number in the capture, from 1
}

// Places are the packets that sources name, and whether the messages in them are what is meant:
// those of alerts on transactions are not.
type Places map[Place]bool

// Add notes a packet.
func (p Places) Add(at Place, messages bool) { p[at] = p[at] || messages }

// has reports whether a packet is among them.
func (p Places) has(capture int32, packet int64) bool {
	_, is := p[Place{capture, packet}]
	return is
}

// Message is what an alert on a transaction is about: the last message of one direction of a flow
// that was complete at the packet which the alert names, or before it. Suricata looks at a
// message once the other side has acknowledged it, and names the packet that it has at hand then.
type Message struct {
	FlowID      int64
	Capture     int32
	Reverse     bool  // it goes from the flow's responder to its initiator
	Transaction int64 // its number in the flow, from 1
	Packet      int64 // number in the capture, from 1
}

func compareMessages(a, b Message) int {
	return cmp.Or(cmp.Compare(a.FlowID, b.FlowID), cmp.Compare(a.Capture, b.Capture), cmp.Compare(bit(a.Reverse), bit(b.Reverse)),
		cmp.Compare(a.Transaction, b.Transaction), cmp.Compare(a.Packet, b.Packet))
}

// Named is what sources name.
type Named struct {
	Packets  Places
	Messages []Message // of alerts on transactions, in any order
}

// numbered is the table whose exchanges are numbered as Suricata numbers transactions. Its numbers
// of DNS count queries and responses, those of others begin anew by other rules.
const numbered = "http"

// resolve returns the messages of a table, read by a View, that are named, with the packets with which they were complete.
func (n *Named) resolve(ctx context.Context, view *tables.View, name, path string) (map[Message]struct{}, error) {
	if len(n.Messages) == 0 {
		return nil, nil
	}
	wanted := slices.Clone(n.Messages)
	if name != numbered {
		for i := range wanted {
			wanted[i].Transaction = 0
		}
	}
	slices.SortFunc(wanted, compareMessages)
	wanted = slices.Compact(wanted)
	latest := make([]int64, len(wanted)) // of the rows behind the one before it; 0: none
	err := eachMessage(ctx, view, name, path, func(m Message) {
		i, _ := slices.BinarySearchFunc(wanted, m, compareMessages)
		if i < len(wanted) && sameStream(wanted[i], m) {
			latest[i] = max(latest[i], m.Packet)
		}
	})
	found := map[Message]struct{}{}
	for i, m := range wanted {
		if i > 0 && sameStream(wanted[i-1], m) {
			latest[i] = max(latest[i], latest[i-1])
		}
		if m.Packet = latest[i]; m.Packet > 0 {
			found[m] = struct{}{}
		}
	}
	return found, err
}

// sameStream reports whether two are the same but for their packets.
func sameStream(a, b Message) bool {
	a.Packet = b.Packet
	return a == b
}

// messageColumns are those that eachMessage reads of a table.
func messageColumns(name string) []string {
	all := []string{"flow_id", "capture_id", "packet_index", "direction"}
	if name == numbered {
		all = append(all, "exchange")
	}
	return all
}

// messageAt is the message of a row, of the columns of messageColumns.
func messageAt(b *batch.Batch, row int) Message {
	v := b.Vectors
	m := Message{FlowID: v[0].Int64[row], Capture: v[1].Int32[row], Packet: v[2].Int64[row], Reverse: v[3].String(row) == "rev"}
	if len(v) > 4 {
		m.Transaction = v[4].Int64[row]
	}
	return m
}

func eachMessage(ctx context.Context, view *tables.View, name, path string, take func(Message)) error {
	return view.Read(ctx, path, columnsOf(name, messageColumns(name)...), func(b *batch.Batch) error {
		for i := range b.Rows {
			take(messageAt(b, i))
		}
		return nil
	})
}
