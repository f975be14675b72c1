// Package scale learns from the training rows of a dataset what models need to know of its
// columns, and nothing from any other row.
//
//	train rows ─► Fit ─┬─► Scalers   count, mean, std, extremes, quartiles of numbers   scalers.json
//	                   └─► Encoders  categories of texts, in the order of their bytes   encoders.json
//	rows of any split ─► Apply ─► numbers of scale, indexes of categories
//
// # Sums
//
// Sums and sums of squares are integers of a fixed point with as many binary places as a
// float64 can have, so that mean and standard deviation are those of the exact values, rounded
// once, and the order of rows never shows.
//
// # Quantiles
//
// Of q is the value of rank ⌈q·n⌉: exact of up to 4,096 different values, and beyond that from a
// histogram, within 0.39 %. quantiles_exact says which.
//
// # Unknown values
//
// A null is in no statistic, and stays null when it is scaled, unless an imputation is asked for:
// the training rows' mean or median, or zero, all before scaling; of texts the index of unknown
// categories. A text that no training row has gets that index too, which is the number of
// categories. A column that has one value in training is 0 where a row has it.
package scale
