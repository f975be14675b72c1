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

// TestAppCutsBetweenCharacters: a text that is longer than it may be stays one of UTF-8, or
// the table could not be written.
func TestAppCutsBetweenCharacters(t *testing.T) {
	most := appColumns[UserAgent].most
	for _, character := range []string{"é", "€", "𝄞"} {
		for front := range len(character) {
			a, value := new(App), strings.Repeat("a", front)+strings.Repeat(character, most)
			n := a.Set(UserAgent, []byte(value))
			if got := a.Text(UserAgent); !strings.HasPrefix(value, got) || !utf8.ValidString(got) || n != len(got) || n <= most-len(character) || n > most {
				t.Errorf("%d bytes in front of %s: %d bytes are set, ending in %q", front, character, n, got[len(got)-4:])
			}
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
