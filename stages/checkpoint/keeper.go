package checkpoint

import (
	"bufio"
	"crypto/sha256"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"
)

// keeper writes the chunks that are new.
type keeper struct {
	to     *bufio.Writer
	at     int64
	zstd   *zstd.Encoder
	known  map[hash]location // chunks that some file has
	index  index
	frame  []byte // content of the open one
	packed []byte // memory
}

func newKeeper(number int64, to io.Writer, known map[hash]location) (*keeper, error) {
	e, err := newEncoder()
	if err != nil {
		return nil, err
	}
	k := &keeper{to: bufio.NewWriterSize(to, 256<<10), zstd: e, known: known, index: index{number: number}, frame: make([]byte, 0, mostFrame)}
	return k, k.write([]byte(magic))
}

// newEncoder returns what compresses frames: as fast as it can, as states are many.
func newEncoder() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(false))
}

func (k *keeper) write(data []byte) error {
	k.at += int64(len(data))
	_, err := k.to.Write(data)
	return err
}

// hashes are those of a piece's chunks.
type hashes struct {
	piece
	sums []hash
}

// hashed hashes pieces in a goroutine of its own.
func hashed(full <-chan piece, done *sync.WaitGroup) <-chan hashes {
	out := make(chan hashes, piecesAhead)
	done.Go(func() {
		defer close(out)
		for p := range full {
			h := hashes{piece: p, sums: make([]hash, len(p.ends))}
			from := 0
			for i, end := range p.ends {
				h.sums[i] = sha256.Sum256(p.data[from:end])
				from = end
			}
			out <- h
		}
	})
	return out
}

// take files the chunks of a piece.
func (k *keeper) take(p *hashes) error {
	from := 0
	for i, end := range p.ends {
		data := p.data[from:end]
		from = end
		at, known := k.known[p.sums[i]]
		if !known {
			at = location{k.index.number, int32(len(k.index.frames)), int32(len(k.frame)), int32(len(data))}
			k.known[p.sums[i]] = at
			k.frame = append(k.frame, data...)
		}
		k.index.chunks = append(k.index.chunks, chunk{at, p.sums[i]})
		if len(k.frame) < frameBytes {
			continue
		}
		if err := k.endFrame(); err != nil {
			return err
		}
	}
	return nil
}

// endFrame writes the open frame.
func (k *keeper) endFrame() error {
	if len(k.frame) == 0 {
		return nil
	}
	k.packed = k.zstd.EncodeAll(k.frame, k.packed[:0])
	k.index.frames = append(k.index.frames, frame{k.at, int64(len(k.packed)), int64(len(k.frame))})
	k.frame = k.frame[:0]
	return k.write(k.packed)
}

// finish writes what follows the chunks. held says how much each earlier file holds.
func (k *keeper) finish(held map[int64]int64) error {
	if err := k.endFrame(); err != nil {
		return err
	}
	files, _ := k.index.needs()
	for _, number := range files {
		if number != k.index.number {
			k.index.earlier = append(k.index.earlier, earlier{number, held[number]})
		}
	}
	at, packed := k.at, k.zstd.EncodeAll(k.index.encode(), nil)
	if err := k.write(packed); err != nil {
		return err
	}
	if err := k.write(footer(at, packed)); err != nil {
		return err
	}
	return k.to.Flush()
}
