package record

// dictionary numbers the words of a batch.
type dictionary struct {
	words []string
	codes map[string]int32
	next  []int32 // per word, the one that came after it the last time
	last  int32   // the word that came last
}

// code returns the number of a word. Words often come in an order that they had before.
func (d *dictionary) code(word []byte) int32 {
	if len(d.words) > 0 {
		if guess := d.next[d.last]; d.words[guess] == string(word) {
			d.last = guess
			return guess
		}
	}
	code, known := d.codes[string(word)]
	if !known {
		code = int32(len(d.words))
		d.words, d.next = append(d.words, string(word)), append(d.next, code)
		d.codes[d.words[code]] = code
	}
	d.next[d.last], d.last = code, code
	return code
}

func (d *dictionary) reset() {
	d.words, d.next, d.last = nil, d.next[:0], 0 // who wrote the batch may hold the words
	clear(d.codes)
}
