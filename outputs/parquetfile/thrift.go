package parquetfile

import (
	"encoding/binary"
	"fmt"
)

// Thrift compact protocol types, as they appear in field and list headers.
const (
	thriftStop   = 0
	thriftTrue   = 1
	thriftFalse  = 2
	thriftByte   = 3
	thriftI16    = 4
	thriftI32    = 5
	thriftI64    = 6
	thriftDouble = 7
	thriftBinary = 8
	thriftList   = 9
	thriftSet    = 10
	thriftStruct = 12
)

// thriftDepth is twice the nesting of Parquet's footer.
const thriftDepth = 16

// thriftScan walks a Thrift structure without building it. The decoder makes
// room for as many list elements as a header claims; so nothing is handed to it
// before a scan has seen that the elements exist and are few enough.
type thriftScan struct {
	data    []byte
	at      int
	structs int // structures that may still come
}

// scanStruct returns the length of the structure that data starts with.
func scanStruct(data []byte, structs int) (int, error) {
	s := thriftScan{data: data, structs: structs}
	err := s.structure(0)
	return s.at, err
}

func (s *thriftScan) structure(depth int) error {
	if s.structs--; s.structs < 0 || depth > thriftDepth {
		return fmt.Errorf("%w: too many or too deep structures in the metadata", ErrLimit)
	}
	for {
		header, err := s.byte()
		if err != nil {
			return err
		}
		kind := header & 0x0f
		if kind == thriftStop {
			return nil
		}
		if header>>4 == 0 { // the field number follows
			if _, err := s.varint(); err != nil {
				return err
			}
		}
		if kind == thriftTrue || kind == thriftFalse {
			continue // the value is in the type
		}
		if err := s.value(kind, depth); err != nil {
			return err
		}
	}
}

func (s *thriftScan) value(kind byte, depth int) error {
	switch kind {
	case thriftTrue, thriftFalse, thriftByte:
		return s.skip(1)
	case thriftI16, thriftI32, thriftI64:
		_, err := s.varint()
		return err
	case thriftDouble:
		return s.skip(8)
	case thriftBinary:
		n, err := s.varint()
		if err != nil {
			return err
		}
		return s.skip(n)
	case thriftList, thriftSet:
		return s.list(depth)
	case thriftStruct:
		return s.structure(depth + 1)
	}
	return fmt.Errorf("%w: metadata type %d", ErrFormat, kind)
}

func (s *thriftScan) list(depth int) error {
	header, err := s.byte()
	if err != nil {
		return err
	}
	n := uint64(header >> 4)
	if n == 15 {
		if n, err = s.varint(); err != nil {
			return err
		}
	}
	if n > uint64(len(s.data)-s.at) { // an element takes a byte at least
		return fmt.Errorf("%w: metadata list of %d elements in %d bytes", ErrFormat, n, len(s.data)-s.at)
	}
	for range n {
		if err := s.value(header&0x0f, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (s *thriftScan) byte() (byte, error) {
	if err := s.skip(1); err != nil {
		return 0, err
	}
	return s.data[s.at-1], nil
}

func (s *thriftScan) varint() (uint64, error) {
	v, n := binary.Uvarint(s.data[s.at:])
	if n <= 0 {
		return 0, fmt.Errorf("%w: metadata is cut off or has an overlong number", ErrFormat)
	}
	s.at += n
	return v, nil
}

// skip moves on by n bytes.
func (s *thriftScan) skip(n uint64) error {
	if n > uint64(len(s.data)-s.at) {
		return fmt.Errorf("%w: metadata is cut off", ErrFormat)
	}
	s.at += int(n)
	return nil
}
