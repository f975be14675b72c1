package record

import (
	"pcapmill/features/flow"
	"pcapmill/features/record/begin"
	"pcapmill/features/record/fingerprint"
	"pcapmill/features/record/ssh"
	"reflect"
)

var sshProtocol = Protocol{
	Name:  "ssh",
	Doc:   "banners and key exchanges of SSH, one row a message, with HASSH",
	new:   newSSHParser,
	state: reflect.TypeFor[*sshTalk](),
}

// sshMessage is a banner or a key exchange of one side.
type sshMessage struct {
	exchange  bool // it is a key exchange; before it came the banner
	client    bool
	line      []byte // the banner
	banner    ssh.Banner
	lines     int // before the banner
	lists     ssh.KeyExchange
	text      []byte // what HASSH is the MD5 of
	hash      []byte // HASSH
	bytes     int
	malformed bool
}

// sshTalk is what is known of a connection.
type sshTalk struct {
	sides [2]ssh.Side
	old   bool // a side speaks version 1, whose packets are others
}

// sshTalkBytes is about what an sshTalk takes, its banners apart.
const sshTalkBytes = 128

type sshParser struct {
	*table[sshMessage]
	message sshMessage
}

func newSSHParser(ts *Tables) (Parser, error) {
	p := &sshParser{}
	t, err := newTable(ts, "ssh", sshColumns())
	p.table = t
	return p, err
}

// Hinted implements Parser.
func (p *sshParser) Hinted(src, dst uint16) bool { return ssh.Hint(src, dst) }

// Begins implements StreamParser.
func (p *sshParser) Begins(head []byte, src, _ uint16) begin.Answer {
	return ssh.Begins(head, src, MaxHead)
}

// Stream implements StreamParser.
func (p *sshParser) Stream(c *Conversation, pkt *Packet, data []byte, out *Rows) (used, need int, err error) {
	talk := stateOf[sshTalk](c, sshTalkBytes)
	side := &talk.sides[pkt.Side]
	for used < len(data) {
		if talk.old && side.Banner != nil {
			return used, 0, ErrDone
		}
		step, err := side.Next(data[used:])
		if step.Found != ssh.Nothing {
			err = p.found(c, pkt, side, step, err, out)
		}
		if err != nil || step.Used == 0 {
			return used, step.Need, err
		}
		used += step.Used
		if step.Found == ssh.ABanner {
			c.Reserve(len(side.Banner))
			talk.old = talk.old || p.message.banner.Old()
		}
	}
	return used, 0, nil
}

// found makes a record of a message; failed is what was wrong with it so far.
func (p *sshParser) found(c *Conversation, pkt *Packet, side *ssh.Side, step ssh.Step, failed error, out *Rows) error {
	m := &p.message
	*m = sshMessage{
		exchange: step.Found == ssh.AKeyExchange, client: ssh.Client(pkt.SrcPort, pkt.DstPort, pkt.Forward),
		line: side.Banner, banner: ssh.ParseBanner(side.Banner), lines: side.Lines, bytes: step.Used,
		text: m.text[:0], hash: m.hash[:0],
	}
	if m.exchange {
		failed = m.lists.Parse(step.Payload)
	}
	m.malformed = failed != nil
	if m.exchange && failed == nil {
		m.text = m.lists.AppendHASSH(m.text, m.client)
		m.hash = fingerprint.AppendMD5(m.hash, m.text)
		c.Say(m.column(), m.hash)
		failed = ErrDone
	}
	p.add(out, pkt, m)
	return failed
}

// column returns the flow's column for the side's fingerprint.
func (m *sshMessage) column() flow.AppText {
	if m.client {
		return flow.HASSH
	}
	return flow.HASSHServer
}

// Gap implements StreamParser: behind a gap, packets begin anywhere.
func (p *sshParser) Gap(*Conversation, *Packet, int64) bool { return false }
