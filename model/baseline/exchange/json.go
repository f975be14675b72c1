package exchange

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"pcapmill/model/baseline"
)

// The keys of a document, in their order.
const (
	formatKey  = "format"
	versionKey = "format_version"
	headKey    = "baseline"
	blocksKey  = "blocks"
)

// Source is what is exported: a Baseline or a File.
type Source interface {
	Header() baseline.Header
	Blocks(yield func(*baseline.Block) error) error
}

// WriteJSON writes a baseline as one JSON object, a block a line.
func WriteJSON(w io.Writer, b Source) error {
	out := bufio.NewWriter(w)
	h := b.Header()
	head, err := json.MarshalIndent(headOf(&h), "", "  ")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "{\n%q: %q,\n%q: %d,\n%q: %s,\n%q: [", formatKey, formatName, versionKey, version, headKey, head, blocksKey)
	separator := "\n"
	err = b.Blocks(func(x *baseline.Block) error {
		line, err := json.Marshal(blockOf(x, &h))
		if err != nil {
			return err
		}
		out.WriteString(separator)
		separator = ",\n"
		_, err = out.Write(line)
		return err
	})
	if err != nil {
		return err
	}
	out.WriteString("\n]\n}\n")
	return out.Flush()
}

// ReadJSON reads what WriteJSON wrote, however it is indented. Errors are ErrFormat,
// ErrVersion, ErrChanged, baseline.ErrCorrupt, and r's.
func ReadJSON(r io.Reader) (*baseline.Baseline, error) {
	d := &document{in: json.NewDecoder(r)}
	d.in.DisallowUnknownFields()
	b, err := d.read()
	if err == nil {
		return b, nil
	}
	return nil, asFormat(err)
}

// asFormat makes ErrFormat of what encoding/json says of bytes.
func asFormat(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return err
}

// document reads a document as it comes.
type document struct{ in *json.Decoder }

func (d *document) read() (*baseline.Baseline, error) {
	name, number, head := "", 0, headForm{}
	if err := d.delim('{'); err != nil {
		return nil, err
	}
	if err := d.value(formatKey, &name); err != nil {
		return nil, err
	}
	if name != formatName {
		return nil, fmt.Errorf("%w: it is a %q", ErrFormat, name)
	}
	if err := d.value(versionKey, &number); err != nil {
		return nil, err
	}
	if number != version {
		return nil, fmt.Errorf("%w: version %d, this one reads %d", ErrVersion, number, version)
	}
	if err := d.value(headKey, &head); err != nil {
		return nil, err
	}
	h, to, err := head.restorer()
	if err != nil {
		return nil, err
	}
	if err := d.blocks(h, to); err != nil {
		return nil, err
	}
	return to.Close()
}

func (d *document) delim(want json.Delim) error {
	t, err := d.in.Token()
	if err == nil && t != want {
		err = fmt.Errorf("%w: %v, and %v is expected", ErrFormat, t, want)
	}
	return err
}

// value reads a key and what it has.
func (d *document) value(key string, to any) error {
	if err := d.key(key); err != nil {
		return err
	}
	return strict(d.in.Decode(to))
}

func (d *document) key(key string) error {
	t, err := d.in.Token()
	if err == nil && t != key {
		err = fmt.Errorf("%w: %v, and %q is expected", ErrFormat, t, key)
	}
	return err
}

// strict makes ErrFormat of an unknown field, for which encoding/json has no type.
func strict(err error) error {
	if err == nil || errors.Is(err, ErrFormat) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrFormat, err)
}

// blocks reads all blocks and what closes the document.
func (d *document) blocks(h *baseline.Header, to *baseline.Restorer) error {
	if err := d.key(blocksKey); err != nil {
		return err
	}
	if err := d.delim('['); err != nil {
		return err
	}
	for n := 0; d.in.More(); n++ {
		f := blockForm{}
		if err := strict(d.in.Decode(&f)); err != nil {
			return err
		}
		if err := restore(&f, h, to); err != nil {
			return fmt.Errorf("block %d: %w", n, err)
		}
	}
	if err := errors.Join(d.delim(']'), d.delim('}')); err != nil {
		return err
	}
	if _, err := d.in.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more follows its end", ErrFormat)
	}
	return nil
}

// restore adds a block, whose numbers must follow from what is packed.
func restore(f *blockForm, h *baseline.Header, to *baseline.Restorer) error {
	p := parser{}
	host, tags := p.address(f.Host), p.tags(f.Tags)
	if p.err != nil {
		return p.err
	}
	x, err := to.Add(host, baseline.Day(f.Day), tags, f.Packed)
	if err != nil {
		return err
	}
	return equal(*f, blockOf(x, h))
}

// equal compares forms by what they are written as.
func equal(is, should any) error {
	a, err := json.Marshal(is)
	if err != nil {
		return err
	}
	b, err := json.Marshal(should)
	if err != nil {
		return err
	}
	if !bytes.Equal(a, b) {
		return ErrChanged
	}
	return nil
}
