// Package exchange writes baselines in formats that other programs read, and reads them
// back to the same bytes.
//
//	JSON     one object, a block a line
//	SQLite   about (settings, table, sources as JSON), blocks, and of each block hours,
//	         moments, histograms, categories and keys
//
// Each block is there twice: as it is packed in the file, which is all of it, and in
// numbers, for who wants to use them. What is read is the first; the second must be what
// follows from it, so that no number is another than it says.
//
// Texts come from captures and from files of strangers, and need not be UTF-8. They are
// escaped as package text does it, which can be taken back for any bytes.
package exchange
