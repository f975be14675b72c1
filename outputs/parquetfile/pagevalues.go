package parquetfile

import (
	"fmt"

	"github.com/parquet-go/parquet-go/format"
)

// plainDictionary is the old name of dictionary encoding, which some writers
// still use, for indexes and dictionary alike.
const plainDictionary format.Encoding = 2

// dataValues decodes the values behind the levels.
func (p *pageReader) dataValues(e format.Encoding, data []byte) error {
	n := p.page.slots
	if top := p.maxDefinition(); top > 0 {
		n = 0
		for _, level := range p.page.definition {
			if level == top {
				n++
			}
		}
	}
	if n == 0 {
		return p.values(&p.page, format.Plain, nil, 0)
	}
	if e == format.RLEDictionary || e == plainDictionary {
		return p.indexed(data, n)
	}
	return p.values(&p.page, e, data, n)
}

// values decodes n values into the slice of the column's type.
func (p *pageReader) values(to *page, e format.Encoding, data []byte, n int) error {
	var err error
	switch {
	case e == format.Plain && p.kind == format.Int64:
		to.int64s, err = decodeFixed(to.int64s, data, n, 8, loadInt64)
	case e == format.Plain && p.kind == format.Int32:
		to.int32s, err = decodeFixed(to.int32s, data, n, 4, loadInt32)
	case e == format.Plain && p.kind == format.Double:
		to.doubles, err = decodeFixed(to.doubles, data, n, 8, loadDouble)
	case e == format.Plain && p.kind == format.ByteArray:
		to.text = data
		to.spans, err = decodePlainStrings(to.spans, data, n)
	case e == format.DeltaBinaryPacked && p.kind == format.Int64:
		to.int64s, _, err = decodeDelta(to.int64s, data, n)
	case e == format.DeltaBinaryPacked && p.kind == format.Int32:
		to.int32s, _, err = decodeDelta(to.int32s, data, n)
	case e == format.DeltaLengthByteArray && p.kind == format.ByteArray:
		to.spans, p.lengths, to.text, err = decodeLengthStrings(to.spans, p.lengths, data, n)
	default:
		err = fmt.Errorf("%w: encoding %v of %v", ErrUnsupported, e, p.kind)
	}
	return err
}

// indexed decodes n dictionary indexes and looks them up.
func (p *pageReader) indexed(data []byte, n int) error {
	if !p.hasDict || len(data) == 0 {
		return fmt.Errorf("%w: indexes without a dictionary", ErrFormat)
	}
	var err error
	if p.indexes, err = decodeRuns(p.indexes, data[1:], n, uint(data[0])); err != nil {
		return err
	}
	switch p.kind {
	case format.Int64:
		p.page.int64s, err = lookUp(p.page.int64s, p.dict.int64s, p.indexes)
	case format.Int32:
		p.page.int32s, err = lookUp(p.page.int32s, p.dict.int32s, p.indexes)
	case format.Double:
		p.page.doubles, err = lookUp(p.page.doubles, p.dict.doubles, p.indexes)
	default:
		p.page.text = p.dict.text
		p.page.spans, err = lookUp(p.page.spans, p.dict.spans, p.indexes)
	}
	return err
}

func lookUp[T any](dst, words []T, indexes []int32) ([]T, error) {
	dst = sized(dst, len(indexes))
	for i, index := range indexes {
		if uint(index) >= uint(len(words)) {
			return dst, fmt.Errorf("%w: index %d of %d words", ErrFormat, index, len(words))
		}
		dst[i] = words[index]
	}
	return dst, nil
}
