// Package datasets turns tables into datasets that others can trust.
//
//	label    what sources say of traffic; source reads them, match finds whose rows it is true of
//	folder   how a folder of tables that were made from tables is published
//	leak     how test rows are known from training, and columns that tell who was measured and when
package datasets
