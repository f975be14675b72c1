package show_test

import (
	"testing"

	"pcapmill/cmd/show"
)

func TestOrder(t *testing.T) {
	dir, twice := table(t, 1), table(t, 2)
	for i, test := range []struct {
		path  string
		order []string
		o     show.Options
		want  string
	}{
		{dir, []string{"age"}, show.Options{}, "634152"},      // equal ones stay, null is last
		{dir, []string{"age:desc"}, show.Options{}, "513462"}, // in both directions
		{dir, []string{"age:DESC", "at desc"}, show.Options{}, "514362"},
		{dir, []string{" name ", "at:desc"}, show.Options{}, "612345"},
		{dir, []string{"score"}, show.Options{}, "451263"},
		{dir, []string{"at:desc"}, show.Options{}, "654321"},
		{dir, []string{"tags"}, show.Options{}, "251364"}, // an empty list before any, a shorter one before a longer
		{dir, []string{"nums:desc", "took_ns:asc"}, show.Options{}, "531426"},
		{dir, []string{"age"}, show.Options{Head: new(int64(2))}, "63"},
		{dir, []string{"age"}, show.Options{Head: new(int64(0))}, ""},
		{dir, []string{"age"}, show.Options{Tail: new(int64(2))}, "52"},
		{dir, []string{"age"}, show.Options{Tail: new(int64(0))}, ""},
		{dir, []string{"age"}, show.Options{Where: "score != null"}, "64152"},
		{twice, []string{"age"}, show.Options{}, "663434115522"},
		{twice, []string{"age"}, show.Options{Head: new(int64(5))}, "66343"},
		{addresses(t), []string{"src_ip"}, show.Options{}, "231546"}, // by address, mapped ones before IPv6's others
		{addresses(t), []string{"src_ip_binary"}, show.Options{}, "623154"},
	} {
		test.o.Path, test.o.Order = test.path, test.order
		if got := days(t, test.o); got != test.want {
			t.Errorf("%d: by %q rows %q, want %q", i, test.order, got, test.want)
		}
	}
}

// TestOrderSaysMore: as without an order, and only the selected columns are shown.
func TestOrderSaysMore(t *testing.T) {
	o := show.Options{Path: table(t, 1), Order: []string{"age"}, Select: []string{"name"}, Format: show.FormatCSV, Head: new(int64(2))}
	text, sum := shown(t, o)
	if want := "name\nada\ncid\n"; text != want || sum.Rows != 2 || !sum.More {
		t.Errorf("%q, %+v; want %q and more", text, sum, want)
	}
	o.Head = new(int64(6))
	if _, sum := shown(t, o); sum.Rows != 6 || sum.More {
		t.Errorf("%+v, want all rows and no more", sum)
	}
}
