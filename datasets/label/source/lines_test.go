package source

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"pcapmill/datasets/label"
)

// newReading reads text with options as a format's read gets it.
func newReading(content string, o Options) *reading {
	o = o.withDefaults()
	return &reading{
		ctx: context.Background(), opts: &o, set: &label.Set{}, texts: newTexts(),
		path: "file", in: bufio.NewReader(strings.NewReader(content)),
	}
}

func TestLines(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	for _, c := range []struct {
		name, text string
		want       []string // line@offset text
		refused    int64
	}{
		{"empty", "", nil, 0},
		{"ends", "a\nb\r\n\n  \nc", []string{"1@0 a", "2@2 b", "5@9 c"}, 0},
		{"mark", "\ufeffa\n\ufeffb\n", []string{"1@0 a", "2@5 \ufeffb"}, 0},
		{"long", "a\n" + long + "\nb\n", []string{"1@0 a", fmt.Sprintf("3@%d b", 3+maxLine)}, 1},
		{"long at the end", "a\n" + long + "x", []string{"1@0 a"}, 1},
		{"as long as may be", long[:maxLine-1] + "\nb", []string{"1@0 " + long[:maxLine-1], fmt.Sprintf("2@%d b", maxLine)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newReading(c.text, Options{})
			var got []string
			err := r.eachLine(func(l line) error {
				got = append(got, fmt.Sprintf("%d@%d %s", l.line, l.offset, l.text))
				return nil
			})
			if err != nil || strings.Join(got, "|") != strings.Join(c.want, "|") || r.source.Refused != c.refused {
				t.Errorf("%d lines, %d refused, %v", len(got), r.source.Refused, err)
			}
		})
	}
}

func TestTextsAreKeptOnceAndBounded(t *testing.T) {
	kept := newTexts()
	kept.limit = 10
	a, b, broken := "abcd", "abcd", "x\xff"
	if err := kept.keep(&a, &b, &broken); err != nil || broken != "x\ufffd" || kept.bytes != 6 {
		t.Errorf("%v %q %d", err, broken, kept.bytes)
	}
	more, long := "fghij", strings.Repeat("x", maxText+1)
	if err := kept.keep(&more); !errors.Is(err, ErrLimit) {
		t.Errorf("above the limit: %v", err)
	}
	if err := kept.keep(&long); err == nil || errors.Is(err, ErrLimit) {
		t.Errorf("a text too long: %v", err)
	}
}

func TestTimesInZones(t *testing.T) {
	halifax, err := time.LoadLocation("America/Halifax")
	if err != nil {
		t.Skip(err)
	}
	for _, c := range []struct {
		wall, want string
		twice      int64
	}{
		{"2018-02-14T10:32:00Z", "2018-02-14T14:32:00Z", 0}, // AST, UTC-4
		{"2018-07-01T10:32:00Z", "2018-07-01T13:32:00Z", 0}, // ADT, UTC-3
		{"2018-11-04T01:30:00Z", "2018-11-04T04:30:00Z", 1}, // clocks were put back at 02:00 ADT
		{"2018-11-04T02:00:00Z", "2018-11-04T06:00:00Z", 0},
		{"2018-11-04T00:59:59Z", "2018-11-04T03:59:59Z", 0},
		{"2018-03-11T02:30:00Z", "", 1}, // clocks went from 02:00 AST to 03:00 ADT
	} {
		r := newReading("", Options{Zone: halifax})
		wall, _ := time.Parse(time.RFC3339, c.wall)
		got, err := r.inZone(wall)
		shown := time.Unix(0, got).UTC().Format(time.RFC3339)
		if err != nil || c.want != "" && shown != c.want || r.twice != c.twice || r.source.Zone != "America/Halifax" {
			t.Errorf("%s: %s, twice %d, %v", c.wall, shown, r.twice, err)
		}
	}
	if _, err := newReading("", Options{}).inZone(time.Time{}); !errors.Is(err, ErrZone) {
		t.Errorf("without a zone: %v", err)
	}
	if _, err := newReading("", Options{Zone: time.UTC}).inZone(time.Time{}); err == nil {
		t.Error("the year 1 fits nanoseconds")
	}
}
