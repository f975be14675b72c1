package stages

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"pcapmill/features/record"
	"pcapmill/ingest/packet"
)

// ErrorCount is how many rows of the errors table are alike.
type ErrorCount struct {
	Layer   string
	Outcome packet.Outcome
	Reason  string
	Inner   bool // of layers in tunnels
	Rows    int64
}

// errorTally counts what is wrong with packets, layers in tunnels and messages.
type errorTally struct {
	layers   [2][packet.NumOutcomes][packet.NumFaults]int64 // of depth 0, and in tunnels
	messages map[messageFault]int64
}

type messageFault struct{ protocol, reason string }

func (t *errorTally) outsider(o *packet.Outsider) {
	t.layers[min(o.Depth, 1)][o.Outcome][o.Fault]++
}

func (t *errorTally) message(protocol, reason string) {
	if t.messages == nil {
		t.messages = map[messageFault]int64{}
	}
	t.messages[messageFault{protocol, reason}]++
}

func (t *errorTally) plus(u *errorTally) {
	for depth := range u.layers {
		for out := range u.layers[depth] {
			for fault, n := range u.layers[depth][out] {
				t.layers[depth][out][fault] += n
			}
		}
	}
	for f, n := range u.messages {
		if t.messages == nil {
			t.messages = map[messageFault]int64{}
		}
		t.messages[f] += n
	}
}

// counts lists what is not 0: packets, layers in tunnels, messages.
func (t *errorTally) counts() []ErrorCount {
	var list []ErrorCount
	for depth := range t.layers {
		for out := range packet.NumOutcomes {
			for fault := range packet.NumFaults {
				if n := t.layers[depth][out][fault]; n > 0 {
					list = append(list, ErrorCount{layerOf(out, fault, depth > 0), out, fault.String(), depth > 0, n})
				}
			}
		}
	}
	first := len(list)
	for f, n := range t.messages {
		list = append(list, ErrorCount{f.protocol, packet.InFlow, f.reason, false, n})
	}
	slices.SortFunc(list[first:], func(a, b ErrorCount) int {
		return cmp.Or(strings.Compare(a.Layer, b.Layer), strings.Compare(a.Reason, b.Reason))
	})
	return list
}

// layerOf names the layer that a fault is in.
func layerOf(out packet.Outcome, fault packet.Fault, inner bool) string {
	switch {
	case fault >= packet.FaultLength || out == packet.FragmentUnresolved:
		return record.LayerFragment
	case fault == packet.FaultTunnel || fault == packet.FaultDepth || inner && out == packet.UnsupportedLink:
		return record.LayerTunnel
	case out == packet.MalformedL3:
		return record.LayerNetwork
	case out == packet.MalformedL4:
		return record.LayerTransport
	}
	return record.LayerLink
}

// checkErrors compares the errors noted with the accounting: one for each packet and
// for each layer in a tunnel that has such an outcome, one for each message.
func (r *Result) checkErrors(t *errorTally, inner [packet.NumOutcomes]int64, messages int64) {
	for out := range packet.NumOutcomes {
		if !isError(out) {
			continue
		}
		var noted [2]int64
		for depth := range noted {
			for _, n := range t.layers[depth][out] {
				noted[depth] += n
			}
		}
		packets := r.Accounting.By[out].Packets
		r.check(fmt.Sprintf("every packet that is %s is an error, every layer in a tunnel too", out),
			noted == [2]int64{packets, inner[out]}, fmt.Sprintf("%d and %d, noted %d and %d", packets, inner[out], noted[0], noted[1]))
	}
	var noted, rows int64
	for _, n := range t.messages {
		noted += n
	}
	r.check("every malformed message is an error", noted == messages, fmt.Sprintf("%d, noted %d", messages, noted))
	for _, c := range r.Errors {
		rows += c.Rows
	}
	if last := len(r.Records) - 1; last >= 0 && r.Records[last].Schema.Table == record.ErrorsTable {
		r.check("every error is a row", rows == r.Records[last].Rows, fmt.Sprintf("%d errors, %d rows", rows, r.Records[last].Rows))
	}
}
