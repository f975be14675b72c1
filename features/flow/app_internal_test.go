package flow

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestAppIsAListOfTexts holds an App that is used again and again against a list of
// strings.
func TestAppIsAListOfTexts(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 4))
	spare := Apps{Most: 4}
	for range 200 {
		a, want := spare.Get(), [appTexts]string{}
		for range 40 {
			text := AppText(rng.IntN(int(appTexts)))
			if rng.IntN(3) == 0 {
				if n := a.Clear(text); n != len(want[text]) {
					t.Fatalf("%d bytes are taken away of %q", n, want[text])
				}
				want[text] = ""
				continue
			}
			value := strings.Repeat(string(rune('a'+rng.IntN(26))), rng.IntN(600))
			n := a.Set(text, []byte(value))
			if took := value[:min(len(value), appColumns[text].most)]; want[text] != "" {
				took = ""
				if n != 0 {
					t.Fatalf("%d bytes are set of a text that is there", n)
				}
			} else if want[text] = took; n != len(took) {
				t.Fatalf("%d bytes are set, want %d", n, len(took))
			}
		}
		b := spare.Copy(a)
		spare.Put(a)
		for text := range appTexts {
			if got := b.Text(text); got != want[text] || b.Says(text) != (got != "") {
				t.Fatalf("text %d is %q, want %q", text, got, want[text])
			}
		}
		spare.Put(b)
	}
	for range 2 * spare.Most {
		spare.Put(new(App))
	}
	if len(spare.unused) != spare.Most {
		t.Errorf("%d are kept, want %d", len(spare.unused), spare.Most)
	}
	if got := spare.Copy(nil); got != nil || spare.Get().Says(ServerName) {
		t.Errorf("the copy of none is %v, or one that was used says something", got)
	}
}

// TestAppCutsNoCharacter: what is longer than a column allows is cut between characters.
func TestAppCutsNoCharacter(t *testing.T) {
	for name, value := range map[string]string{
		"two bytes": "a" + strings.Repeat("é", 300), "four bytes": "abc" + strings.Repeat("😀", 200), "as long as may be": strings.Repeat("é", 256),
	} {
		var a, b App
		n, most := a.Set(UserAgent, []byte(value)), appColumns[UserAgent].most
		b.SetString(UserAgent, value)
		got := a.Text(UserAgent)
		if !utf8.ValidString(got) || !strings.HasPrefix(value, got) || n != len(got) || n > most || n <= most-utf8.UTFMax && n < len(value) || b.Text(UserAgent) != got {
			t.Errorf("%s: %d bytes are %q", name, n, got)
		}
	}
}

// TestAppHasRoomForAllTexts: as long as they may be, they lie within a stretch's reach.
func TestAppHasRoomForAllTexts(t *testing.T) {
	all := 0
	for _, c := range appColumns {
		all += c.most
	}
	if all >= 1<<16 {
		t.Errorf("all texts come to %d bytes", all)
	}
}
