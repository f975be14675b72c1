package capfile

// unread are bytes of the source that lie behind a watermark. They are handed out in small
// pieces, of which what lies behind the next watermark is put back: however many there are,
// most bytes are copied once.
type unread struct {
	mem     []byte
	at      int  // mem[at:] is unread
	short   bool // the source had no more for now behind them
	sourced bool // the source itself has been read since the Fill began
}

// unreadPiece is how much is handed out at a time.
const unreadPiece = 4 << 10

func (u *unread) empty() bool { return u.at == len(u.mem) }

// keep takes what was read and not walked.
func (u *unread) keep(rest []byte, short bool) {
	if !u.sourced { // they are the last that were handed out
		u.at -= len(rest)
		return
	}
	u.mem, u.at, u.short = append(u.mem[:0], rest...), 0, short
}

// read hands out a piece. Where it is the last one, short says whether the source had more.
func (u *unread) read(room []byte) (n int, short bool) {
	n = copy(room, u.mem[u.at:min(len(u.mem), u.at+unreadPiece)])
	u.at += n
	return n, u.empty() && u.short
}
