package http

// Bounds of a decoder's dynamic table, in the bytes that RFC 7541 §4.1 counts.
const (
	defaultTable = 4096
	largestTable = 1 << 16 // whatever SETTINGS allow
	entryBytes   = 32      // that an entry counts beside its texts
)

// dynamicTable is the dynamic table of one direction. Entries and texts are in the order
// in which they came; what is evicted is cut off when it is most of the memory.
type dynamicTable struct {
	limit, size int
	entries     []tableEntry
	texts       []byte
	evicted     int // entries at the front
}

type tableEntry struct{ start, name, value int32 } // start and lengths of the texts

func (t *dynamicTable) bytes() int { return cap(t.texts) + 12*cap(t.entries) }

// field returns an entry by its index of RFC 7541 §2.3.3. The table owns the texts, until
// the next add.
func (t *dynamicTable) field(index int) (name, value []byte, ok bool) {
	at := len(t.entries) - (index - len(staticFields))
	if index <= len(staticFields) || at < t.evicted {
		return nil, nil, false
	}
	e := t.entries[at]
	middle := e.start + e.name
	return t.texts[e.start:middle], t.texts[middle : middle+e.value], true
}

// add adds an entry, of texts that are not its own.
func (t *dynamicTable) add(name, value []byte) {
	size := len(name) + len(value) + entryBytes
	if size > t.limit {
		t.shrink(0)
		return
	}
	e := tableEntry{start: int32(len(t.texts)), name: int32(len(name)), value: int32(len(value))}
	t.texts = append(append(t.texts, name...), value...)
	t.entries = append(t.entries, e)
	t.size += size
	t.shrink(t.limit)
}

// shrink evicts the oldest until the table has a size.
func (t *dynamicTable) shrink(size int) {
	for t.size > size {
		e := t.entries[t.evicted]
		t.size -= int(e.name+e.value) + entryBytes
		t.evicted++
	}
	if t.evicted > len(t.entries)/2 {
		t.compact()
	}
}

func (t *dynamicTable) compact() {
	start := int32(len(t.texts))
	if t.evicted < len(t.entries) {
		start = t.entries[t.evicted].start
	}
	t.texts = t.texts[:copy(t.texts, t.texts[start:])]
	t.entries = t.entries[:copy(t.entries, t.entries[t.evicted:])]
	t.evicted = 0
	for i := range t.entries {
		t.entries[i].start -= start
	}
}

// hpackDecoder decodes one header block into fields, whose texts are its own.
type hpackDecoder struct {
	table  *dynamicTable
	fields []span
	texts  []byte
}

// span is a field as stretches of texts.
type span struct{ start, middle, end int }

// decode reads a header block. On an error, the fields before it are there, and the
// table is of no use any more.
func (d *hpackDecoder) decode(b []byte) error {
	d.fields, d.texts = d.fields[:0], d.texts[:0]
	for len(b) > 0 {
		var err error
		if b, err = d.entry(b); err != nil {
			return err
		}
		if len(d.texts) > MaxHead || len(d.fields) > maxFields {
			return ErrTooLarge
		}
	}
	return nil
}

// entry reads one entry of a block (RFC 7541 §6).
func (d *hpackDecoder) entry(b []byte) ([]byte, error) {
	switch first := b[0]; {
	case first&0x80 != 0:
		index, rest, ok := takeInt(b, 7)
		if !ok || !d.indexed(index) {
			return b, errHPACK
		}
		return rest, nil
	case first&0xc0 == 0x40:
		return d.literal(b, 6, true)
	case first&0xe0 == 0x20:
		limit, rest, ok := takeInt(b, 5)
		if !ok || limit > largestTable {
			return b, errHPACK
		}
		d.table.limit = limit
		d.table.shrink(limit)
		return rest, nil
	default:
		return d.literal(b, 4, false)
	}
}

// indexed appends a field of the tables.
func (d *hpackDecoder) indexed(index int) bool {
	f := span{start: len(d.texts)}
	if index > 0 && index <= len(staticFields) {
		s := &staticFields[index-1]
		d.texts = append(d.texts, s[0]...)
		f.middle = len(d.texts)
		d.texts = append(d.texts, s[1]...)
	} else {
		name, value, ok := d.table.field(index)
		if !ok {
			return false
		}
		d.texts = append(d.texts, name...)
		f.middle = len(d.texts)
		d.texts = append(d.texts, value...)
	}
	f.end = len(d.texts)
	d.fields = append(d.fields, f)
	return true
}

// literal reads a field whose value, and name where its index is 0, are in the block.
func (d *hpackDecoder) literal(b []byte, prefix uint8, add bool) ([]byte, error) {
	index, b, ok := takeInt(b, prefix)
	if !ok {
		return b, errHPACK
	}
	f := span{start: len(d.texts)}
	if b, ok = d.name(index, b); !ok {
		return b, errHPACK
	}
	f.middle = len(d.texts)
	if b, ok = d.text(b); !ok {
		return b, errHPACK
	}
	f.end = len(d.texts)
	d.fields = append(d.fields, f)
	if add {
		d.table.add(d.texts[f.start:f.middle], d.texts[f.middle:f.end])
	}
	return b, nil
}

func (d *hpackDecoder) name(index int, b []byte) ([]byte, bool) {
	if index == 0 {
		return d.text(b)
	}
	if index <= len(staticFields) {
		d.texts = append(d.texts, staticFields[index-1][0]...)
		return b, true
	}
	name, _, ok := d.table.field(index)
	d.texts = append(d.texts, name...)
	return b, ok
}

// text reads a string (RFC 7541 §5.2).
func (d *hpackDecoder) text(b []byte) ([]byte, bool) {
	if len(b) == 0 {
		return b, false
	}
	coded := b[0]&0x80 != 0
	length, rest, ok := takeInt(b, 7)
	if !ok || length > len(rest) {
		return b, false
	}
	if !coded {
		d.texts = append(d.texts, rest[:length]...)
		return rest[length:], true
	}
	d.texts, ok = appendHuffman(d.texts, rest[:length])
	return rest[length:], ok
}

// takeInt reads an integer with a prefix of some bits (RFC 7541 §5.1).
func takeInt(b []byte, prefix uint8) (value int, rest []byte, ok bool) {
	const most = 28 // bits: larger values are none that a block can mean
	mask := byte(1)<<prefix - 1
	value = int(b[0] & mask)
	if value < int(mask) {
		return value, b[1:], true
	}
	for i, c := range b[1:] {
		if 7*i >= most {
			break
		}
		value += int(c&0x7f) << (7 * i)
		if c < 0x80 {
			return value, b[2+i:], true
		}
	}
	return 0, b, false
}
