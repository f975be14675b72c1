package record

import "testing"

// TestSparesGiveStatesBack: a State comes back empty, to the parser that it is of.
func TestSparesGiveStatesBack(t *testing.T) {
	var all Spares
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
