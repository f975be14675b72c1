package publish

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"

	"pcapmill/outputs/text"
)

// Replace writes a file that belongs to no run, as File does, in place of one that may be
// there: whoever opens name sees all of the old one or all of the new. Its folder is made
// where it is absent. What is there and no regular file is refused with ErrForeign.
func Replace(name string, write func(io.Writer) error, check Check) (Published, error) {
	return replace(name, func(f *File) error { return write(f) }, check)
}

// ReplaceOutside is Replace for what another library writes, through the path of a file that
// is there and empty; see Outside.
func ReplaceOutside(name string, write func(path string) error, check Check) (Published, error) {
	return replace(name, func(f *File) error {
		f.others = true
		return write(f.full(f.temp))
	}, check)
}

func replace(name string, write func(*File) error, check Check) (Published, error) {
	dir, base := filepath.Split(filepath.Clean(name))
	fsys, err := OpenParent(filepath.Clean(dir)) // "" becomes "."
	if err != nil {
		return Published{}, err
	}
	defer fsys.Close()
	return replaceIn(fsys, filepath.Clean(dir), base, write, check)
}

func replaceIn(fsys FS, dir, base string, write func(*File) error, check Check) (Published, error) {
	info, err := fsys.Lstat(base)
	switch {
	case err == nil && !info.Mode().IsRegular():
		return Published{}, fmt.Errorf("%s %w", text.Escape(filepath.Join(dir, base)), irregular(info.Mode()))
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return Published{}, SystemError("examine", filepath.Join(dir, base), err)
	}
	f, err := createFile(fsys, dir, base, nil)
	if err != nil {
		return Published{}, err
	}
	defer f.Abort()
	f.over = true
	if err := write(f); err != nil {
		return Published{}, err
	}
	return f.Commit(check)
}

// irregular says why what is there is not replaced. It is ErrForeign, whose text is of folders.
func irregular(m fs.FileMode) error {
	switch {
	case m.IsDir():
		return irregularError("is a folder")
	case m&fs.ModeSymlink != 0:
		return irregularError("is a symbolic link; name the file that it leads to")
	}
	return irregularError("is no regular file")
}

type irregularError string

func (e irregularError) Error() string { return string(e) }

func (irregularError) Is(target error) bool { return target == ErrForeign }
