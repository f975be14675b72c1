package live

import (
	"errors"
	"io"

	"pcapmill/ingest/input"
	"pcapmill/ingest/packet"
)

// Frames gives each packet of a capture to visit, with its link type, until visit returns
// an error or the capture ends. A capture that is damaged gives what is before.
func Frames(path string, visit func(frame []byte, link packet.LinkType) error) error {
	in, err := input.Open(path, nil, input.DefaultConfig())
	if err != nil {
		_, closing := in.Close()
		return errors.Join(err, closing)
	}
	defer in.Close() //nolint:errcheck // only read
	var block packet.Block
	for err == nil {
		block.Reset()
		err = in.Fill(&block)
		faces := in.Interfaces()
		for i := range block.Records {
			r := &block.Records[i]
			if err := visit(block.Data[r.Offset:][:r.CapLen], faces[r.Interface].Link); err != nil {
				return err
			}
		}
	}
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// TallyOf counts the numbered frames of captures.
func TallyOf(paths ...string) (t Tally, others int, err error) {
	for _, path := range paths {
		err := Frames(path, func(frame []byte, _ packet.LinkType) error {
			if n, ok := NumberOf(frame); ok {
				t.See(n)
			} else {
				others++
			}
			return nil
		})
		if err != nil {
			return t, others, err
		}
	}
	return t, others, nil
}
