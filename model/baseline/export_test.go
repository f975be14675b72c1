package baseline

import "bytes"

// OpenBytes is Open of what a file has, with a group of blocks for each so many bytes.
func OpenBytes(data []byte, together int64) (*File, error) {
	f, err := openReader(bytes.NewReader(data), int64(len(data)), together)
	if err == nil {
		f.name = "bytes"
	}
	return f, err
}

// UnpackAll unpacks all blocks, and returns how many.
func (b *Baseline) UnpackAll() (n int, err error) {
	u := b.newUnpacker()
	for _, h := range b.inOrder() {
		for _, s := range h.blocks {
			if _, err := u.unpack(s.packed); err != nil {
				return 0, err
			}
			n++
		}
	}
	return n, nil
}
