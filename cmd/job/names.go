package job

import (
	"encoding/json"
	"fmt"

	"pcapmill/ingest/capfile"
	"pcapmill/outputs/manifest"
	"pcapmill/outputs/publish"
	"pcapmill/outputs/text"
)

// NamesFile holds the names that captures claim for addresses, one JSON object a
// line. It is written only where there are any.
const NamesFile = "names.jsonl"

// nameLine is one line of NamesFile.
type nameLine struct {
	Address string `json:"address"` // written as in the tables
	Name    string `json:"name"`    // escaped: it comes from the file
	Input   int    `json:"input"`   // the first that claims it, from 0
}

// nameBook gathers the names of all inputs, within the bounds of one set.
type nameBook struct {
	names capfile.Names
	first map[capfile.Name]int
}

// add adds an input's names, which are of no use to anyone else then. Inputs that are
// merged end in any order.
func (b *nameBook) add(index int, names *capfile.Names) {
	if names == nil {
		return
	}
	for _, n := range names.Sorted() {
		if b.names.Add(n) {
			if b.first == nil {
				b.first = make(map[capfile.Name]int)
			}
			b.first[n] = index
		} else if at, known := b.first[n]; known {
			b.first[n] = min(at, index)
		}
	}
}

// write publishes the names, if there are any.
func (b *nameBook) write(dir *publish.Dir) ([]manifest.File, error) {
	if b.names.Len() == 0 {
		return nil, nil
	}
	file, err := dir.Create(NamesFile)
	if err != nil {
		return nil, err
	}
	for _, n := range b.names.Sorted() {
		line, err := json.Marshal(nameLine{n.Address.String(), text.Escape(n.Name), b.first[n]})
		if err == nil {
			_, err = file.Write(append(line, '\n'))
		}
		if err != nil {
			file.Abort()
			return nil, err
		}
	}
	done, err := file.Commit(nil)
	if err != nil {
		return nil, err
	}
	return []manifest.File{manifest.File(done)}, nil
}

// notes says what did not fit.
func (b *nameBook) notes() []string {
	if b.names.LeftOut == 0 {
		return nil
	}
	return []string{fmt.Sprintf("names_left_out: %d of all inputs", b.names.LeftOut)}
}
