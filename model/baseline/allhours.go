package baseline

// AllHours is Query of all hours together: what is normal of a feature, whatever the time.
func (p *Profile) AllHours(feature int) (Answer, bool) {
	if feature < 0 || feature >= len(p.table.Features) {
		return Answer{}, false
	}
	c := p.sum(feature, 0, 1)
	return c.answer(AllHours, p.table.Features[feature].Scale)
}
