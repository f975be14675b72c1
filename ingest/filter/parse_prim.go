package filter

// primitive reads a primitive that begins with a word.
func (p *parser) primitive() (operand, error) {
	t := *p.peek()
	switch {
	case t.is("less"), t.is("greater"):
		return p.length()
	case t.is("vlan"):
		return p.tagged(primVLAN, 4095, "a VLAN identifier is at most 4095")
	case t.is("mpls"):
		return p.tagged(primMPLS, 0xfffff, "an MPLS label is at most 1048575")
	case t.is("pppoes"):
		return p.tagged(primPPPoES, 0xffff, "a PPPoE session is at most 65535")
	case t.is("pppoed"):
		p.take()
		return operand{node: &node{prim: &primitive{kind: primPPPoED, at: t}}}, nil
	}
	q := qualifiers{set: true, at: t}
	if q.proto = protocolOf(&t); q.proto != nil {
		p.take()
	}
	switch {
	case p.peek().is("broadcast"), p.peek().is("multicast"):
		return p.cast(q)
	case p.qualifiers(&q):
		n, err := p.identifier(q)
		return operand{node: n, quals: q}, err
	case q.proto == nil:
		return operand{}, p.unexpected(&t)
	case refusedWords[p.peek().name] != "" && p.peek().kind == tokWord:
		return operand{}, p.unexpected(p.peek())
	case q.proto.layer == layerLink:
		return operand{}, errorAt(*p.peek(), "%q needs host, src, dst, proto, broadcast, multicast or [...] behind it", t.text)
	}
	return operand{node: &node{prim: &primitive{kind: primProto, at: t, proto: q.proto, num: q.proto.number}}}, nil
}

// qualifiers reads direction and kind into q and reports whether there were any.
func (p *parser) qualifiers(q *qualifiers) bool {
	start := p.next
	switch {
	case p.accept("src"):
		q.dir = p.otherDirection("dst", dirSrc)
	case p.accept("dst"):
		q.dir = p.otherDirection("src", dirDst)
	}
	kinds := []struct {
		word string
		kind idKind
	}{{"host", idHost}, {"net", idNet}, {"port", idPort}, {"portrange", idPortRange}, {"proto", idProto}}
	for _, k := range kinds {
		if k.kind == idProto && q.dir != dirAny {
			break
		}
		if p.accept(k.word) {
			q.kind = k.kind
			break
		}
	}
	return p.next > start
}

// otherDirection reads "or dst" or "and dst" behind src, and the reverse.
func (p *parser) otherDirection(other string, alone direction) direction {
	if !p.second().is(other) {
		return alone
	}
	switch {
	case p.accept("or"):
		p.take()
		return dirAny
	case p.accept("and"):
		p.take()
		return dirBoth
	}
	return alone
}

func (p *parser) length() (operand, error) {
	at := p.take()
	t := p.take()
	if t.kind != tokNumber {
		return operand{}, errorAt(t, "a length in bytes is expected behind %q", at.text)
	}
	kind := primLess
	if at.name == "greater" {
		kind = primGreater
	}
	return operand{node: &node{prim: &primitive{kind: kind, at: at, num: t.num}}}, nil
}

// tagged reads a word with an optional number, which may be in brackets.
func (p *parser) tagged(kind primKind, most uint32, tooLarge string) (operand, error) {
	prim := &primitive{kind: kind, at: p.take()}
	open := 0
	for p.peek().is("(") && open < maxDepth {
		p.take()
		open++
	}
	if t := *p.peek(); t.kind == tokNumber {
		p.take()
		if t.num > most {
			return operand{}, errorAt(t, "%s", tooLarge)
		}
		prim.num, prim.hasNum = t.num, true
	} else if open > 0 {
		return operand{}, errorAt(t, "a number is expected here")
	}
	for range open {
		if err := p.expect(")"); err != nil {
			return operand{}, err
		}
	}
	return operand{node: &node{prim: prim}}, nil
}

// cast reads broadcast and multicast.
func (p *parser) cast(q qualifiers) (operand, error) {
	t := p.take()
	link := q.proto == nil || q.proto.layer == layerLink
	kind := primMulticast
	if t.name == "broadcast" {
		kind = primBroadcast
	}
	switch {
	case kind == primBroadcast && !link && q.proto.name == "ip":
		return operand{}, errorAt(t, "ip broadcast depends on the netmask of the capturing interface, which captures do not tell; use dst host with the address")
	case !link && (kind == primBroadcast || q.proto.name != "ip" && q.proto.name != "ip6"):
		return operand{}, errorAt(t, "does not go with %q", q.at.text)
	}
	return operand{node: &node{prim: &primitive{kind: kind, at: t, proto: q.proto}}}, nil
}
