//go:build !nounsafe

package snapshot

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
)

const (
	magic      = "pcapmill state 1\n"
	mostHeader = 1 << 16 // of build and label
)

// Codec saves and loads values of one type. It may be used by several goroutines.
type Codec struct {
	root     *plan
	plans    []*plan
	concrete map[reflect.Type]*plan
	layout   [sha256.Size]byte
	build    string
}

// New returns what saves values of a type. concrete are the types that interfaces in them hold.
// An error names the paths of all fields that can be neither saved nor left out.
func New(root reflect.Type, concrete ...reflect.Type) (*Codec, error) {
	c := newCompiler(concrete)
	p := c.of(root, root.String())
	if c.finish(); len(c.errs) > 0 {
		return nil, errors.Join(c.errs...)
	}
	codec := &Codec{root: p, plans: c.list, concrete: map[reflect.Type]*plan{}, layout: layoutOf(c.list), build: build()}
	for _, t := range concrete {
		if p := c.plans[t]; p != nil {
			codec.concrete[t] = p
		}
	}
	return codec, nil
}

// layoutOf returns the mark of what values lie like in memory.
func layoutOf(plans []*plan) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, p := range plans {
		fmt.Fprintf(h, "%s.%v %v %d %d\n", p.t.PkgPath(), p.t, p.t.Kind(), p.size, p.kind)
		if p.t.Kind() == reflect.Struct {
			layoutOfFields(h, p.t)
		}
	}
	return [sha256.Size]byte(h.Sum(nil))
}

func layoutOfFields(h hash.Hash, t reflect.Type) {
	for i := range t.NumField() {
		f := t.Field(i)
		fmt.Fprintf(h, "  %s %v %d %q\n", f.Name, f.Type, f.Offset, f.Tag.Get(tagName))
	}
}

// build names the program.
func build() string {
	s := fmt.Sprintf("%s %s/%s %s", runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.Compiler)
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return s
	}
	s += " " + info.Main.Path + " " + info.Main.Version
	for _, set := range info.Settings {
		switch set.Key {
		case "vcs.revision", "vcs.modified", "-tags", "GOAMD64":
			s += " " + set.Key + "=" + set.Value
		}
	}
	return s
}

// Save writes a value, which nobody may change meanwhile. root points to one of the type
// of the Codec. The label must be Load's: it says with which settings the value is of
// use. Where w is a Cutter it is told where new stretches begin.
func (c *Codec) Save(w io.Writer, label string, root any) error {
	v := reflect.ValueOf(root)
	if v.Type() != reflect.PointerTo(c.root.t) {
		return fmt.Errorf("a %T is no *%v", root, c.root.t)
	}
	e := &encoder{c: c, to: w, buf: make([]byte, 0, 2*bufferBytes)}
	e.cutter, _ = w.(Cutter)
	e.bytes([]byte(magic))
	for _, text := range []string{c.build, string(c.layout[:]), label} {
		e.text(text)
	}
	e.object(c.root, v.UnsafePointer())
	e.putOff()
	e.flush()
	e.bytes(binary.LittleEndian.AppendUint32(nil, e.sum))
	e.flush()
	return e.err
}

// Load reads what Save wrote into a value that is as the program makes it without a past.
// On an error, the value is of no use.
func (c *Codec) Load(r io.Reader, label string, root any) error {
	v := reflect.ValueOf(root)
	if v.Type() != reflect.PointerTo(c.root.t) {
		return fmt.Errorf("a %T is no *%v", root, c.root.t)
	}
	d := &decoder{c: c, from: r, buf: make([]byte, 0, 2*bufferBytes), claimed: map[place]bool{}}
	if err := c.header(d, label); err != nil {
		return err
	}
	at := v.UnsafePointer()
	d.object(c.root, placeOf(&at))
	d.putOff()
	d.end()
	if d.err != nil {
		return d.err
	}
	d.finish()
	return nil
}

// header reads what is before the value.
func (c *Codec) header(d *decoder, label string) error {
	head := make([]byte, len(magic))
	if d.bytes(head); d.err != nil || string(head) != magic {
		return ErrFormat
	}
	var texts [3]string
	for i := range texts {
		n := d.number()
		if n > mostHeader {
			return ErrFormat
		}
		texts[i] = string(d.text(int(n)))
	}
	switch {
	case d.err != nil:
		return d.err
	case texts[0] != c.build:
		return fmt.Errorf("%w: %q, and this is %q", ErrBuild, texts[0], c.build)
	case texts[1] != string(c.layout[:]):
		return fmt.Errorf("%w: its types lie otherwise in memory", ErrBuild)
	case texts[2] != label:
		return fmt.Errorf("%w: %s", ErrLabel, difference(texts[2], label))
	}
	return nil
}

// difference says where two labels differ first, as they can be long: the first words that do.
func difference(was, now string) string {
	const most = 60
	a, b := strings.Fields(was), strings.Fields(now)
	i := 0
	for i < min(len(a), len(b)) && a[i] == b[i] {
		i++
	}
	word := func(words []string) string {
		if i == len(words) {
			return ""
		}
		return words[i][:min(len(words[i]), most)]
	}
	return fmt.Sprintf("%q, and now %q", word(a), word(b))
}
