//go:build !nounsafe

package snapshot_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pcapmill/stages/snapshot"
)

// leaf is plain but for its name.
type leaf struct {
	a    uint8
	b    int64
	name string
	c    [3]uint16
}

type flat struct {
	x int32
	y float64
	_ [4]byte
	z bool
}

type shape interface{ area() int }

type square struct{ side int }

func (s *square) area() int { return s.side * s.side }

type fault struct{ text string }

func (f *fault) Error() string { return f.text }

type disc struct{ r int }

func (d disc) area() int { return 3 * d.r * d.r }

// node is in lists and circles.
type node struct {
	value      int
	prev, next *node
	kids       []node
}

// tree has one of each kind.
type tree struct {
	Mu     sync.Mutex
	count  atomic.Int64
	flats  []flat
	leaves []leaf
	none   []leaf
	void   []flat
	bytes  []byte
	text   string
	first  *leaf
	again  *leaf
	third  *leaf // into leaves
	bit    *flat // into flats
	list   *node
	byName map[string]*leaf
	byKey  map[[2]int32]leaf
	byLeaf map[leaf]bool
	same   map[string]*leaf
	any    any
	shape  shape
	other  shape
	box    [2][]*leaf
	err    error // *fault
	spare  []flat
	slots  []leaf         `snapshot:"cap"`
	wired  func() int     `snapshot:"-"`
	pipe   chan int       `snapshot:"-"`
	Conf   map[string]any `snapshot:"-"`
	self   *tree
}

func newCodec(t testing.TB, root reflect.Type) *snapshot.Codec {
	t.Helper()
	c, err := snapshot.New(root, reflect.TypeFor[*square](), reflect.TypeFor[*fault](), reflect.TypeFor[disc](), reflect.TypeFor[*leaf]())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// over saves a value and loads it into another one.
func over[T any](t testing.TB, c *snapshot.Codec, from, to *T) []byte {
	t.Helper()
	var w bytes.Buffer
	if err := c.Save(&w, "test", from); err != nil {
		t.Fatal(err)
	}
	if err := c.Load(bytes.NewReader(w.Bytes()), "test", to); err != nil {
		t.Fatal(err)
	}
	return w.Bytes()
}

// grow makes a tree of some size.
func grow(n int) *tree {
	r := rand.New(rand.NewPCG(1, uint64(n)))
	t := &tree{void: []flat{}, text: strings.Repeat("é", n), byName: map[string]*leaf{}, byKey: map[[2]int32]leaf{}, byLeaf: map[leaf]bool{}, spare: make([]flat, 2, 7)}
	t.slots = []leaf{{name: "used"}, {name: "free"}}[:1]
	t.count.Store(42)
	for i := range n {
		t.flats = append(t.flats, flat{x: int32(i), y: r.Float64(), z: i%3 == 0})
		t.leaves = append(t.leaves, leaf{a: uint8(i), b: r.Int64(), name: strings.Repeat("x", i%5), c: [3]uint16{1, 2, uint16(i)}})
		t.byKey[[2]int32{int32(r.IntN(9)), int32(i)}] = leaf{b: int64(i)}
		t.list = &node{value: i, next: t.list, kids: make([]node, i%3)}
		if t.list.next != nil {
			t.list.next.prev = t.list
		}
		t.bytes = append(t.bytes, byte(r.Uint32()))
	}
	t.byLeaf[t.leaves[1]] = true
	t.first = &leaf{name: "first"}
	t.again, t.third, t.bit = t.first, &t.leaves[n/2], &t.flats[n-1]
	t.byName["in leaves"], t.byName["first"] = &t.leaves[0], t.first
	t.same = t.byName
	t.any, t.shape, t.other = t.first, &square{n}, disc{n}
	t.box = [2][]*leaf{{t.first, nil, &t.leaves[1]}, nil}
	t.err = &fault{"an error"}
	t.self = t
	return t
}

func TestRoundTrip(t *testing.T) {
	c := newCodec(t, reflect.TypeFor[tree]())
	for _, n := range []int{2, 3, 100, 5000, 40_000} {
		from := grow(n)
		called := false
		to := &tree{wired: func() int { called = true; return 1 }, pipe: make(chan int)}
		first := over(t, c, from, to)
		if to.wired(); !called || to.pipe == nil {
			t.Fatal("what is not saved has gone")
		}
		to.wired, to.pipe = nil, nil
		if !reflect.DeepEqual(from, to) {
			t.Fatalf("%d: it is not the same", n)
		}
		if to.first != to.again || to.third != &to.leaves[n/2] || to.bit != &to.flats[n-1] || to.self != to || to.any != any(to.first) {
			t.Errorf("%d: pointers to one value point to several", n)
		}
		if to.byName["in leaves"] != &to.leaves[0] || to.box[0][2] != &to.leaves[1] {
			t.Errorf("%d: pointers in a map or list point to copies", n)
		}
		to.same["new"] = nil
		if len(to.byName) != 3 {
			t.Errorf("%d: one map became two", n)
		}
		delete(to.same, "new")
		if cap(to.slots) != 2 || to.slots[:2][1].name != "free" {
			t.Errorf("%d: what is behind the length has gone: %v", n, to.slots)
		}
		if cap(to.spare) != 7 || cap(to.flats) != cap(from.flats) || cap(to.leaves) != cap(from.leaves) || to.void == nil || to.none != nil {
			t.Errorf("%d: capacity %d; empty %v, nil %v", n, cap(to.spare), to.void, to.none)
		}
		if again := over(t, c, to, new(tree)); !bytes.Equal(first, again) {
			t.Errorf("%d: saved again it is not the same bytes", n)
		}
	}
}

// TestIntoWhatIsThere: values that are there are read into, so that what they do not save
// stays.
func TestIntoWhatIsThere(t *testing.T) {
	type part struct {
		n    int
		wire chan int `snapshot:"-"`
	}
	type whole struct {
		one   *part
		twin  *part
		list  []*part
		parts []part
		more  []part
	}
	c := newCodec(t, reflect.TypeFor[whole]())
	from := &whole{one: &part{n: 1}, twin: &part{n: 2}, list: []*part{{n: 3}, {n: 4}}, parts: []part{{n: 5}}, more: []part{{n: 6}}}
	wire := make(chan int)
	shared := &part{wire: wire}
	to := &whole{one: shared, twin: shared, list: []*part{{wire: wire}, {wire: wire}}, parts: []part{{wire: wire}}, more: []part{{wire: wire}, {wire: wire}}}
	over(t, c, from, to)
	want := &whole{one: &part{1, wire}, twin: &part{n: 2}, list: []*part{{3, wire}, {4, wire}}, parts: []part{{5, wire}}, more: []part{{n: 6}}}
	if !reflect.DeepEqual(to, want) {
		t.Errorf("got %+v", to)
	}
	if to.one != shared || to.twin == shared {
		t.Error("one value was read into twice, or not at all")
	}
}

// TestWhatCannotBeSaved: the error names the field.
func TestWhatCannotBeSaved(t *testing.T) {
	type Inner struct{ Done chan struct{} }
	type outer struct{ List []map[string]*Inner }
	type loose struct{ V any }
	type keyed struct{ M map[*int]int }
	type tagged struct {
		N int `snapshot:"cap"`
	}
	for _, c := range []struct {
		t    reflect.Type
		path string
	}{
		{reflect.TypeFor[outer](), "snapshot_test.outer.List[][].Done: a chan struct {}"},
		{reflect.TypeFor[struct{ f func() }](), ".f: a func()"},
		{reflect.TypeFor[struct{ p sync.Pool }](), ".p: a sync.Pool"},
		{reflect.TypeFor[loose](), "snapshot_test.loose.V: no type is known"},
		{reflect.TypeFor[keyed](), "snapshot_test.keyed.M: keys of a"},
		{reflect.TypeFor[tagged](), "snapshot_test.tagged.N: the tag"},
		{reflect.TypeFor[struct {
			p []struct {
				c chan int `snapshot:"-"`
			}
		}](), "nothing of it is saved"},
	} {
		if _, err := snapshot.New(c.t); err == nil || !strings.Contains(err.Error(), c.path) {
			t.Errorf("%v: %v", c.t, err)
		}
	}
}

// TestUnknownType: what an interface holds must be known.
func TestUnknownType(t *testing.T) {
	type holder struct{ v any }
	err := newCodec(t, reflect.TypeFor[holder]()).Save(new(bytes.Buffer), "", &holder{v: 7})
	if err == nil || !strings.Contains(err.Error(), "holds a int") {
		t.Error(err)
	}
}

// TestRefused: streams of other programs and settings are.
func TestRefused(t *testing.T) {
	type one struct{ A, B int }
	type two struct{ A, C int }
	c := newCodec(t, reflect.TypeFor[one]())
	var w bytes.Buffer
	if err := c.Save(&w, "settings", new(one)); err != nil {
		t.Fatal(err)
	}
	if err := c.Load(bytes.NewReader(w.Bytes()), "others", new(one)); !errors.Is(err, snapshot.ErrLabel) || !strings.HasSuffix(err.Error(), `, and now "others"`) || len(err.Error()) > 200 {
		t.Error(err)
	}
	if err := newCodec(t, reflect.TypeFor[two]()).Load(bytes.NewReader(w.Bytes()), "settings", new(two)); !errors.Is(err, snapshot.ErrBuild) {
		t.Error(err)
	}
	other := bytes.Replace(w.Bytes(), []byte("go1."), []byte("go9."), 1)
	if err := c.Load(bytes.NewReader(other), "settings", new(one)); !errors.Is(err, snapshot.ErrBuild) {
		t.Error(err)
	}
	if err := c.Load(strings.NewReader("something else, and long enough"), "settings", new(one)); !errors.Is(err, snapshot.ErrFormat) {
		t.Error(err)
	}
}

// TestDamage: each byte that is missing or changed is found.
func TestDamage(t *testing.T) {
	c := newCodec(t, reflect.TypeFor[tree]())
	var w bytes.Buffer
	if err := c.Save(&w, "test", grow(6)); err != nil {
		t.Fatal(err)
	}
	for i := range w.Bytes() {
		if err := c.Load(bytes.NewReader(w.Bytes()[:i]), "test", new(tree)); err == nil {
			t.Fatalf("the first %d bytes are enough", i)
		}
		for _, flip := range []byte{1, 0x80} {
			bad := bytes.Clone(w.Bytes())
			bad[i] ^= flip
			if err := c.Load(bytes.NewReader(bad), "test", new(tree)); err == nil {
				t.Fatalf("byte %d may be another one", i)
			}
		}
	}
}

// FuzzLoad: no bytes make it panic or take memory that they do not come to.
func FuzzLoad(f *testing.F) {
	c := newCodec(f, reflect.TypeFor[tree]())
	for _, n := range []int{2, 7, 60} {
		var w bytes.Buffer
		if err := c.Save(&w, "test", grow(n)); err != nil {
			f.Fatal(err)
		}
		f.Add(w.Bytes())
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		_ = c.Load(bytes.NewReader(data), "test", new(tree))
	})
}

// TestLongList: a list is not read by recursion, whatever its length.
func TestLongList(t *testing.T) {
	c := newCodec(t, reflect.TypeFor[node]())
	from := &node{}
	for i := range 300_000 {
		from = &node{value: i, next: from}
	}
	to := new(node)
	over(t, c, from, to)
	for n, m := from, to; n != nil || m != nil; n, m = n.next, m.next {
		if (n == nil) != (m == nil) || n.value != m.value {
			t.Fatal("the list is another one")
		}
	}
}

// cutting notes where it is cut.
type cutting struct {
	bytes.Buffer
	cuts []int
}

func (c *cutting) Cut() { c.cuts = append(c.cuts, c.Len()) }

// TestCuts: what comes before a large slice does not move its bytes among the cuts.
func TestCuts(t *testing.T) {
	type state struct {
		text  string
		plain []flat
		more  []*leaf
	}
	c := newCodec(t, reflect.TypeFor[state]())
	s := &state{plain: make([]flat, 5000)}
	for i := range 3000 {
		s.more = append(s.more, &leaf{b: int64(i), name: "some name"})
	}
	pieces := func() map[string]bool {
		var w cutting
		if err := c.Save(&w, "", s); err != nil {
			t.Fatal(err)
		}
		m, from := map[string]bool{}, 0
		for _, at := range append(w.cuts, w.Len()) {
			m[string(w.Bytes()[from:at])] = true
			from = at
		}
		return m
	}
	before := pieces()
	s.text, s.more[1000].name = "one that is longer", "of another length"
	fresh := 0
	after := pieces()
	for piece := range after {
		if !before[piece] {
			fresh++
		}
	}
	if len(after) < 8 || fresh > 3 { // the head, the one in the middle, the sum
		t.Errorf("%d of %d pieces are new", fresh, len(after))
	}
}

// TestAliases finds slices that share memory, and nothing else.
func TestAliases(t *testing.T) {
	type state struct {
		a, b, c []int64
		room    [4]int64
		inside  *leaf // in leaves: it comes back so
		leaves  []leaf
	}
	c := newCodec(t, reflect.TypeFor[state]())
	s := &state{a: make([]int64, 8), c: make([]int64, 8), leaves: make([]leaf, 2)}
	s.inside = &s.leaves[1]
	if got, err := c.Aliases(s); err != nil || got != nil {
		t.Errorf("%v, %v", got, err)
	}
	s.b, s.c = s.a[2:4], s.room[:2]
	want := []string{"[]int64 in []int64", "[]int64 in snapshot_test.state"}
	if got, err := c.Aliases(s); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}
