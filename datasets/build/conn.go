package build

import (
	"context"
	"fmt"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/features/sketch"
)

// pieces tell the connections of messages: of flows that are later pieces of one its conn_id.
// All others are connections by themselves, and are not kept.
type pieces map[int64]int64

const bytesPerPiece = 40

// loadPieces reads a run's flows table.
func (j *joiner) loadPieces(ctx context.Context) (pieces, error) {
	if _, ok := j.pair.Tables.Table(flowsTable); !ok {
		return nil, nil
	}
	later := pieces{}
	pick := func(s *column.Schema) ([]string, error) {
		p := picks{schema: s}
		_, err := p.need([]want{{flowID, column.Int64, false}, {connID, column.Int64, false}})
		return p.names, err
	}
	err := j.pair.Tables.Read(ctx, flowsTable, pick, func(b *batch.Batch) error {
		for i, flow := range b.Vectors[0].Int64 {
			if conn := b.Vectors[1].Int64[i]; conn != flow {
				later[flow] = conn
			}
		}
		if bytesPerPiece*int64(len(later)) > j.cfg.Memory {
			return fmt.Errorf("%w pieces of connections: they take more than %d bytes of memory", ErrLimit, j.cfg.Memory)
		}
		return nil
	})
	return later, err
}

// connOf returns the connection of a row that is a flow or a message.
func (j *joiner) connOf(b *batch.Batch, row int) int64 {
	if j.cfg.Table == flowsTable {
		return b.Vectors[j.need[2]].Int64[row]
	}
	flow := b.Vectors[j.need[0]].Int64[row]
	if conn, later := j.pieces[flow]; later {
		return conn
	}
	return flow
}

// together returns what rows that a sample takes together have in common: of a window host and
// begin.
func (j *joiner) together(b *batch.Batch, row int) uint64 {
	if !j.shape.lookup {
		return uint64(j.connOf(b, row))
	}
	k := keyOf(b, j.need, j.shape.key, row)
	return sketch.Hash([]byte(k.host)) ^ sketch.HashInt(uint64(k.a))
}
