package segment

import (
	"bytes"
	"encoding/binary"

	"pcapmill/ingest/packet"
)

// Tail returns a statistics block that ends a salvaged segment: a watermark at the latest
// time that it is known to have come to, or nothing where there is no such time.
func (c *Contents) Tail() []byte {
	t := max(c.Tally.Last, c.Watermark)
	if t == packet.NoTime {
		return nil
	}
	comment := []byte("salvaged")
	body := binary.LittleEndian.AppendUint32(nil, 0)
	body = binary.LittleEndian.AppendUint32(body, uint32(uint64(t)>>32))
	body = binary.LittleEndian.AppendUint32(body, uint32(t))
	body = binary.LittleEndian.AppendUint16(body, 1)
	body = binary.LittleEndian.AppendUint16(body, uint16(len(comment)))
	body = append(body, comment...)
	body = append(body, 0, 0, 0, 0)
	length := uint32(minBlock + len(body))
	var b bytes.Buffer
	b.Write(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, typeStatistics), length))
	b.Write(body)
	b.Write(binary.LittleEndian.AppendUint32(nil, length))
	return b.Bytes()
}
