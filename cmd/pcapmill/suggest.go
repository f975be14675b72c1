package main

import "pcapmill/cmd/show"

// suggest returns "; close names: …", or "" where nothing is close.
func suggest(name string, known []string) string { return show.Suggest(name, known) }
