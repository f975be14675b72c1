package hostile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"pcapmill/ingest/packet"
)

// Shape is a capture of any size, of one kind of packet that asks for as much
// work or memory as an attacker can make it.
type Shape struct {
	Name    string
	Threats string // rows of the threat model
	Doc     string
	write   func(w *shapeWriter, n int) error
}

// Write writes a capture of n packets. It streams: its own memory does not grow
// with n beyond a few megabytes.
func (s *Shape) Write(w io.Writer, n int) error {
	out := &shapeWriter{out: bufio.NewWriterSize(w, 1<<20)}
	err := s.write(out, n)
	if err == nil && out.written != n {
		err = fmt.Errorf("shape %s: %d packets written, not %d", s.Name, out.written, n)
	}
	return errors.Join(err, out.out.Flush())
}

// Shapes returns all shapes.
func Shapes() []Shape {
	return slices.Concat(floodShapes(), collisionShapes(), workShapes(), messageShapes(), streamShapes())
}

// ShapeNamed returns the shape of a name.
func ShapeNamed(name string) (Shape, error) {
	for _, s := range Shapes() {
		if s.Name == name {
			return s, nil
		}
	}
	return Shape{}, fmt.Errorf("no shape %q", name)
}

// shapeWriter writes records and counts packets.
type shapeWriter struct {
	out     *bufio.Writer
	frame   []byte // reused
	written int
}

// pcap writes the file header of a usual capture.
func (w *shapeWriter) pcap() error {
	_, err := w.out.Write(newPcap().data)
	return err
}

// record writes one packet.
func (w *shapeWriter) record(seconds, micros uint32, frame []byte) error {
	var h [16]byte
	binary.LittleEndian.PutUint32(h[0:], seconds)
	binary.LittleEndian.PutUint32(h[4:], micros)
	binary.LittleEndian.PutUint32(h[8:], uint32(len(frame)))
	binary.LittleEndian.PutUint32(h[12:], uint32(len(frame)))
	if _, err := w.out.Write(h[:]); err != nil {
		return err
	}
	w.written++
	_, err := w.out.Write(frame)
	return err
}

// frames is a shape of packets 1 µs apart; frame appends packet i to b.
func frames(frame func(i int, b []byte) []byte) func(*shapeWriter, int) error {
	return framesAt(func(i int) (uint32, uint32) { return uint32(firstSecond + i/1e6), uint32(i % 1e6) }, frame)
}

// framesAt is frames with times of its own.
func framesAt(at func(i int) (seconds, micros uint32), frame func(i int, b []byte) []byte) func(*shapeWriter, int) error {
	return func(w *shapeWriter, n int) error {
		if err := w.pcap(); err != nil {
			return err
		}
		for i := range n {
			w.frame = frame(i, w.frame[:0])
			seconds, micros := at(i)
			if err := w.record(seconds, micros, w.frame); err != nil {
				return err
			}
		}
		return nil
	}
}

// same is the same frame for every packet.
func same(frame []byte) func(int, []byte) []byte {
	return func(_ int, b []byte) []byte { return append(b, frame...) }
}

// partitionOf returns the partition of a frame's flow.
func partitionOf(frame []byte) uint8 {
	var v packet.View
	w := packet.Walker{SkipChecksums: true}
	w.Walk(frame, uint32(len(frame)), packet.LinkEthernet, &v)
	return v.Partition()
}
