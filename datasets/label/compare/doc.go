// Package compare says how far two labellings of the same flows, or packets, agree.
//
//	A, B ─► Labels by key ─► Report: confusion, agreement, Cohen's kappa, and of each label
//	                         precision, recall and F1, A being what is true
//
// Being unlabelled or ambiguous are classes as labels are, in parentheses.
package compare
