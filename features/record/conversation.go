package record

import "pcapmill/features/flow"

// Conversation is what parsers know of one flow between its packets.
type Conversation struct {
	// State is of the parser that has recognised the flow; nil at first. Memory in it that
	// grows with what the flow says is Reserved.
	State any
	// App is what the flow's row will say; nil where nothing was said yet.
	App *flow.App
	// Spares are where State and App come from, of those that all flows of a shard share;
	// nil: they are made.
	Spares *Spares
	// Numbered is the last number given to a message, which those that answer it have too.
	// It outlives State, so that no number comes twice in a flow.
	Numbered int64

	bytes int64 // reserved by State
	texts int64 // of App
	read  int64 // bytes that packets brought
	wrote int64 // bytes of rows; refused: one was
}

// What the rows of a flow may come to, as nothingCost has it: so much, and so much for
// each byte that its packets brought. Messages can make a row say again what others
// said (the server's name in the rows of its certificates, the request in that of each
// answer to it, the fields of HTTP/2), which ordinary ones do up to about 40 times.
const (
	rowsByNothing = 16 << 10
	rowsPerByte   = 64
	packetBytes   = 64 // that a packet without a payload counts
)

// Read notes that a packet has brought n bytes.
func (c *Conversation) Read(n int) { c.read += int64(n) + packetBytes }

// Spent reports whether a row was refused, as the flow's rows came to more than its
// bytes can be meant to say. There will be no other.
func (c *Conversation) Spent() bool { return c.wrote == refused }

const refused = -1

// pay takes what a row costs, false where it is refused.
func (c *Conversation) pay(n int) bool {
	if c.wrote += int64(n); c.wrote > rowsByNothing+rowsPerByte*c.read {
		c.wrote = refused
	}
	return !c.Spent()
}

// stateOf returns the State of a flow's parser: where there is none a new one, of about so
// many bytes.
func stateOf[S any](c *Conversation, bytes int) *S {
	s, ok := c.State.(*S)
	if !ok {
		s = spare[S](c.Spares)
		c.State = s
		c.Reserve(bytes)
	}
	return s
}

// Reserve notes that State has grown by n bytes; they count until the flow ends.
// Where the flows of a run hold too many, those that hold most lose their State.
func (c *Conversation) Reserve(n int) { c.bytes += int64(n) }

// Bytes returns what was reserved, and the texts of the row.
func (c *Conversation) Bytes() int64 { return c.bytes + c.texts }

// Forget drops State, as memory is short or nobody reads on.
func (c *Conversation) Forget() {
	if c.State != nil {
		c.Spares.put(c.State)
	}
	c.State, c.bytes = nil, 0
}

// Next makes app, which says what App does, that of the flow's next piece. What was asked
// for stays with the piece that has ended, and is held no more.
func (c *Conversation) Next(app *flow.App) { c.App, c.texts = app, app.TextBytes() }

// Row returns what the flow's row will say.
func (c *Conversation) Row() *flow.App {
	if c.App == nil {
		c.App = c.Spares.app()
	}
	return c.App
}

// Say sets a text of the flow's row, unless an earlier message has. Empty ones say
// nothing. It must be printable; what is longer than the column allows is cut.
func (c *Conversation) Say(text flow.AppText, value []byte) {
	if len(value) > 0 {
		c.texts += int64(c.Row().Set(text, value))
	}
}

// Correct sets a text of the flow's row, whatever an earlier message has said.
func (c *Conversation) Correct(text flow.AppText, value []byte) {
	if len(value) > 0 {
		c.texts -= int64(c.Row().Clear(text))
		c.Say(text, value)
	}
}

// Says returns a text of the flow's row; empty where there is none.
func (c *Conversation) Says(text flow.AppText) string {
	return c.App.Text(text)
}

// SayStatus sets the first HTTP status of the flow's row.
func (c *Conversation) SayStatus(code int32) { c.Row().SetStatus(code) }
