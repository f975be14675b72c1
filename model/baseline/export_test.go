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
