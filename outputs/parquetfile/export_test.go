package parquetfile

// Tail is the page index and footer of the file that was closed last.
func (f *File) Tail() []byte { return f.tail }
