package stages_test

import (
	"context"
	"errors"
	"io"
	"testing"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/ingest/packet"
	"pcapmill/stages"
)

// defective is an input, or a sink, that panics.
type defective struct{ write bool }

func (d defective) Open(context.Context) (stages.Source, error) { return d, nil }
func (d defective) Close(*stages.InputSummary) error            { return nil }
func (d defective) Interfaces() []packet.Interface {
	return []packet.Interface{{Link: packet.LinkIPv4}}
}

func (d defective) Fill(b *packet.Block) error {
	if !d.write {
		panic("defect")
	}
	udp := append([]byte{0x45, 0, 0, 28, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2}, 0, 1, 0, 2, 0, 8, 0, 0)
	b.Data = append(b.Data, udp...)
	b.Records = append(b.Records, packet.Record{Time: 1, CapLen: 28, WireLen: 28})
	return io.EOF
}

func (d defective) Write(*batch.Batch) error { panic("defect") }

// defects opens sinks that panic.
type defects struct{}

func (defects) Open(*column.Schema) (stages.Sink, error) { return defective{}, nil }

func (defects) Capture(string) (stages.PacketSink, error) { return nil, nil }

func TestPanicsEndTheRunInOrder(t *testing.T) {
	for _, write := range []bool{false, true} {
		d := defective{write}
		_, err := stages.Run(context.Background(), stages.DefaultConfig(), []stages.Input{d}, defects{}, new(stages.Progress))
		if !errors.Is(err, stages.ErrPanic) {
			t.Errorf("panic in Write: %v; error %v", write, err)
		}
	}
}
