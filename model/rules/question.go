package rules

import (
	"fmt"

	"pcapmill/features/batch"
	"pcapmill/features/column"
	"pcapmill/model/windows"
	"pcapmill/outputs/text"
	"pcapmill/outputs/where"
)

// keyFits reports columns that cannot make a key of as many: the last two are numbers of
// protocol and port, what is before them an address.
func keyFits(cells []cellAt) error {
	if len(cells) == 1 {
		if where.IsList(cells[0].col.Type) {
			return fmt.Errorf("key: %s is a list", text.Escape(cells[0].col.Name))
		}
		return nil
	}
	for _, c := range cells[len(cells)-2:] {
		if c.col.Type != column.Int32 && c.col.Type != column.Int64 {
			return fmt.Errorf("key: %s has no numbers of protocols or ports", text.Escape(c.col.Name))
		}
	}
	if t := cells[0].col.Type; len(cells) == 3 && !where.IsText(t) && t != column.Binary {
		return fmt.Errorf("key: %s has no addresses", text.Escape(cells[0].col.Name))
	}
	return nil
}

// keyAt returns the key of a category that values of a row make, as windows writes it; false
// where one is missing that keys have.
func keyAt(cells []cellAt, b *batch.Batch, row int) ([]byte, bool) {
	if len(cells) == 1 {
		return wordKey(cells[0], b, row)
	}
	protocol, known := numberAt(cells[len(cells)-2], b, row, 255)
	port, ported := numberAt(cells[len(cells)-1], b, row, 65535)
	if !known {
		return nil, false
	}
	if len(cells) == 2 {
		return []byte(windows.ServiceKey(uint8(protocol), uint16(port), ported)), true
	}
	address, ok := addressAt(cells[0].col, &b.Vectors[cells[0].at], row)
	if !ok {
		return nil, false
	}
	return []byte(windows.EndpointKey(address, uint8(protocol), uint16(port), ported)), true
}

// wordKey returns a value as text: an address in its usual form.
func wordKey(c cellAt, b *batch.Batch, row int) ([]byte, bool) {
	v := &b.Vectors[c.at]
	if v.Null(row) {
		return nil, false
	}
	if where.IsText(c.col.Type) || c.col.Type == column.Binary {
		if address, ok := addressAt(c.col, v, row); ok {
			return []byte(address.String()), true
		}
	}
	return []byte(fieldAt(c.col, v, row).Value), true
}

func numberAt(c cellAt, b *batch.Batch, row int, most int64) (int64, bool) {
	v := &b.Vectors[c.at]
	if v.Null(row) {
		return 0, false
	}
	n := where.IntegerAt(c.col.Type, v, row)
	return n, n >= 0 && n <= most
}
