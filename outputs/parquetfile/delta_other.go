//go:build !amd64 || nounsafe

package parquetfile

// packBlock stores what each delta of the block is above the least one.
func packBlock[T int32 | int64](deltas *[blockValues]int64, b *[1 + blockValues]T) packed[T] {
	return packBlockPortable(deltas, b)
}

func isUniform[T int32 | int64](b *[1 + blockValues]T) bool { return isUniformPortable(b) }
