package watch

// Checkpointed says that a checkpoint behind a segment that was committed is on disk, from which a
// later process may Resume.
func (w *Watch) Checkpointed(segment int64) error {
	if w.config.idle() {
		return nil
	}
	for _, k := range w.commits {
		if k.Segment == segment {
			k.Checkpoint = true
		}
	}
	w.forget()
	return w.save()
}
