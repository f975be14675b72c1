// Package baselines makes, changes and shows baseline files for commands.
//
//	tables ─► Build ─► file ─► Show, List, Check
//	files  ─► Merge ─► file ─► Forget ─► file
//
// Each writes its file whole, or leaves what is there as it was.
package baselines
