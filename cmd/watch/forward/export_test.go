package forward

// Lines returns the lines, with their ends, from a position file on, at most so many.
func Lines(path, at string, most int) (lines []string, err error) {
	p, err := readPosition(at)
	if err != nil {
		return nil, err
	}
	f, err := newFollower(path, p)
	if err != nil {
		return nil, err
	}
	defer f.close()
	for len(lines) < most {
		line, ok, err := f.next()
		if err != nil || !ok {
			return lines, err
		}
		lines = append(lines, string(line)+"\n")
	}
	return lines, nil
}
