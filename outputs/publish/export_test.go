package publish

import "io"

// ProcessName is what a lock file says of its holder.
var ProcessName = processName

func ReplaceIn(fsys FS, dir, base string, write func(io.Writer) error, check Check) (Published, error) {
	return replaceIn(fsys, dir, base, func(f *File) error { return write(f) }, check)
}
