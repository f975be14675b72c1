package main

import (
	"bufio"
	"encoding/binary"
	"io"
)

type capture struct {
	*bufio.Writer
	head [16]byte
}

func newCapture(w io.Writer) *capture {
	c := &capture{Writer: bufio.NewWriterSize(w, 1<<20)}
	h := binary.LittleEndian.AppendUint32(nil, 0xa1b23c4d)
	h = append(h, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	h = binary.LittleEndian.AppendUint32(h, 262144)
	h = binary.LittleEndian.AppendUint32(h, 1)
	c.Write(h)
	return c
}

func (c *capture) WritePacket(ts int64, wire uint32, data []byte) error {
	binary.LittleEndian.PutUint32(c.head[0:], uint32(ts/1e9))
	binary.LittleEndian.PutUint32(c.head[4:], uint32(ts%1e9))
	binary.LittleEndian.PutUint32(c.head[8:], uint32(len(data)))
	binary.LittleEndian.PutUint32(c.head[12:], wire)
	if _, err := c.Write(c.head[:]); err != nil {
		return err
	}
	_, err := c.Write(data)
	return err
}
