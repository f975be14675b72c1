package parquetfile

import (
	"errors"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"

	"pcapmill/features/batch"
)

// TestPagesAreHeldTogether: pages that claim as many values as one may have are refused before there
// is room made for them, where there are too many columns of them. What a column has it may fill again.
func TestPagesAreHeldTogether(t *testing.T) {
	h := &format.PageHeader{Type: format.DataPage, DataPageHeader: thrift.New(format.DataPageHeader{NumValues: maxPageValues, Encoding: format.DeltaBinaryPacked})}
	left, columns := int64(maxHeld), 0
	for ; columns < 100; columns++ {
		p := newPageReader(nil, new(format.ColumnChunk), leaf{}, nil, &left)
		_, err := p.decode(h)
		if errors.Is(err, ErrLimit) {
			break
		}
		if _, again := p.decode(h); !errors.Is(err, ErrFormat) || !errors.Is(again, ErrFormat) {
			t.Fatalf("%v, %v", err, again)
		}
	}
	if want := maxHeld / (valueBytes * maxPageValues); columns != want {
		t.Errorf("%d columns, want %d", columns, want)
	}
}

// TestWordsOfListsAreBounded as those of other columns are, over all pages of a batch.
func TestWordsOfListsAreBounded(t *testing.T) {
	left := int64(maxHeld)
	pages := newPageReader(nil, new(format.ColumnChunk), leaf{}, nil, &left)
	pages.kind, pages.list = format.ByteArray, true
	pages.page = page{slots: 3, repetition: make([]byte, 3), definition: []byte{1, 1, 1}, spans: []span{{0, 3}, {0, 3}, {1, 4}}, text: []byte("abcd")}
	for text, want := range map[int64]error{maxBatchText - 6: nil, maxBatchText - 5: ErrLimit} {
		c := newCursor(pages)
		c.words, c.text = map[string]int32{"x": 0}, text
		v := batch.Vector{Codes: []int32{0}, Dict: []string{"x"}} // of pages before
		if err := c.fillLists(&v, 2); err != nil {
			t.Fatalf("a word that is known: %v", err)
		}
		if err := c.fillLists(&v, 1); !errors.Is(err, want) {
			t.Errorf("%d bytes: %v, want %v", text, err, want)
		}
	}
}
