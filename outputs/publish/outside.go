package publish

import (
	"fmt"
	"io"
)

// Outside is a file in the making that another library writes through its path, such as a
// database, which is not written from front to back. It is there from the start, empty and
// with a temporary name; the library must not make another in its place. Its content is hashed
// when it is whole. It belongs to one goroutine and ends with Commit or Abort, as File does.
type Outside struct {
	file *File
}

// CreateOutside starts such a file, which is no part of a table.
func (d *Dir) CreateOutside(name string) (*Outside, error) {
	f, err := d.Create(name)
	if err != nil {
		return nil, err
	}
	f.others = true
	return &Outside{f}, nil
}

// Scratch starts a file that is never published: what another library keeps beside what it
// writes. It ends with Abort.
func (d *Dir) Scratch() (*Outside, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.active {
		return nil, d.misuse("create a temporary file")
	}
	f, err := createFile(d.fsys, d.path, "", nil)
	if err != nil {
		return nil, err
	}
	return &Outside{f}, nil
}

// Path is where the file is until it ends, as the system finds it.
func (o *Outside) Path() string { return o.file.full(o.file.temp) }

// Name is where it will be, as the system finds it.
func (o *Outside) Name() string { return o.file.full(o.file.name) }

// Commit puts the file in place once the library has closed it; see File.Commit.
func (o *Outside) Commit(check Check) (Published, error) {
	if o.file.name == "" {
		return Published{}, fmt.Errorf("%s: commit: %w", o.Path(), ErrState)
	}
	return o.file.Commit(check)
}

// Abort removes the file. After Commit it does nothing.
func (o *Outside) Abort() { o.file.Abort() }

// gather hashes and counts what another library wrote.
func (f *File) gather() error {
	h, err := f.fsys.Open(f.temp)
	if err != nil {
		return err
	}
	defer h.Close()
	info, err := h.Stat()
	if err != nil {
		return err
	}
	f.tee.size, err = io.Copy(f.tee.sum, io.NewSectionReader(h, 0, info.Size()))
	return err
}
