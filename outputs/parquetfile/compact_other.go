//go:build !amd64 || nounsafe

package parquetfile

// Without vectors nothing is done in them.

func packInts([]int64, []int64, []byte) (done, kept int)     { return 0, 0 }
func packDoubles([]byte, []float64, []byte) (done, kept int) { return 0, 0 }
func copyDoubles([]byte, []float64) (done int)               { return 0 }

func scanVectors([]byte) (e extent[float64], finite bool, done int) { return e, true, 0 }
