package record

import "testing"

// TestSparesGiveStatesBack: a State comes back empty, to the parser that it is of.
func TestSparesGiveStatesBack(t *testing.T) {
	all := NewSpares(1)
	c, d := Conversation{Spares: &all}, Conversation{Spares: &all}
	first := stateOf[dnsTalk](&c, 10)
	first.ask(&c, query{id: 7})
	c.Forget()
	if other := stateOf[httpTalk](&d, 10); other.begun {
		t.Error("a State is of another flow")
	}
	d.Forget()
	again := stateOf[dnsTalk](&d, 10)
	if again != first || again.pending != nil || again.few != [fewQueries]query{} {
		t.Errorf("the State of a flow that has ended is %v", again)
	}
	if allocs := testing.AllocsPerRun(100, func() {
		d.Forget()
		stateOf[dnsTalk](&d, 10)
	}); allocs > 0 {
		t.Errorf("a State costs %.1f allocations", allocs)
	}
}

// TestSparesAreBounded: what all shards together keep does not grow with them, however
// many flows end at once.
func TestSparesAreBounded(t *testing.T) {
	for _, shards := range []int{1, 3, 256} {
		kept := 0
		for range shards {
			all, list := NewSpares(shards), make([]Conversation, 2*sparesKept/shards)
			for i := range list {
				list[i].Spares = &all
				stateOf[httpTalk](&list[i], 10)
			}
			for i := range list {
				list[i].Forget()
			}
			kept += len(all.states[0].(*statesOf[httpTalk]).unused)
		}
		if kept > sparesKept || kept < sparesKept/2 {
			t.Errorf("%d shards keep %d States, want at most %d", shards, kept, sparesKept)
		}
	}
}
