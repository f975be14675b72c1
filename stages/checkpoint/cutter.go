package checkpoint

// Sizes of what is written.
const (
	chunkBytes  = 16 << 10 // changed and written as one; smaller ones make a larger index
	frameBytes  = 1 << 20  // of new chunks that are compressed together
	mostFrame   = frameBytes + chunkBytes
	pieceBytes  = 1 << 20 // handed from whoever saves to who writes
	piecesAhead = 4
)

// piece is a stretch of the state, and where its chunks end.
type piece struct {
	data []byte
	ends []int
}

// cutter cuts what is written to it into chunks. It implements snapshot.Cutter.
type cutter struct {
	piece
	begun int // where the open chunk begins
	full  chan<- piece
	empty <-chan piece
	bytes int64
}

// Write takes the next bytes of the state.
func (c *cutter) Write(data []byte) (int, error) {
	n := len(data)
	c.bytes += int64(n)
	for len(data) > 0 {
		some := data[:min(len(data), chunkBytes-(len(c.data)-c.begun))]
		c.data = append(c.data, some...)
		if data = data[len(some):]; len(c.data)-c.begun == chunkBytes {
			c.Cut()
		}
	}
	return n, nil
}

// Cut ends the chunk that is open.
func (c *cutter) Cut() {
	if len(c.data) == c.begun {
		return
	}
	c.ends = append(c.ends, len(c.data))
	if c.begun = len(c.data); c.begun > pieceBytes-chunkBytes {
		c.hand()
	}
}

// hand hands a piece on.
func (c *cutter) hand() {
	c.full <- c.piece
	c.piece = <-c.empty
	c.data, c.ends, c.begun = c.data[:0], c.ends[:0], 0
}

// close hands on what is left.
func (c *cutter) close() {
	c.Cut()
	c.full <- c.piece
	close(c.full)
}
