package manifest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
)

// HashFile returns the hex SHA-256 of a file's bytes and how many there are, as Source and Part
// have them. Errors are the file's as they are, and the context's; of pipes and devices, which could
// be waited for and read without an end, there is no hash.
func HashFile(ctx context.Context, path string) (sum string, bytes int64, err error) {
	return HashCounted(ctx, path, nil)
}

// HashCounted is HashFile, and adds the bytes to a counter as they are hashed, for who asks whether it goes on; nil:
// nobody does.
func HashCounted(ctx context.Context, path string, read *atomic.Int64) (sum string, bytes int64, err error) {
	switch info, err := os.Stat(path); {
	case err != nil:
		return "", 0, err
	case !info.Mode().IsRegular():
		return "", 0, &fs.PathError{Op: "read", Path: path, Err: errors.New("not a regular file")}
	}
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close() //nolint:errcheck // only read
	h, buf := sha256.New(), make([]byte, 1<<20)
	for {
		if err := ctx.Err(); err != nil {
			return "", 0, err
		}
		n, err := f.Read(buf)
		h.Write(buf[:n])
		bytes += int64(n)
		if read != nil {
			read.Add(int64(n))
		}
		if errors.Is(err, io.EOF) {
			return hex.EncodeToString(h.Sum(nil)), bytes, nil
		}
		if err != nil {
			return "", 0, err
		}
	}
}

// HashFiles returns the hex SHA-256 of the list of files that sha256sum writes, with the last elements of
// their paths and in the order of these, as sources that are folders have it, and the bytes of all files.
// Errors are those of HashFile.
func HashFiles(ctx context.Context, paths []string) (sum string, bytes int64, err error) {
	list := sha256.New()
	for _, path := range slices.Sorted(slices.Values(paths)) {
		one, n, err := HashFile(ctx, path)
		if err != nil {
			return "", 0, err
		}
		bytes += n
		fmt.Fprintf(list, "%s  %s\n", one, filepath.Base(path))
	}
	return hex.EncodeToString(list.Sum(nil)), bytes, nil
}
