package leak

import (
	"fmt"
	"slices"
	"strings"

	"pcapmill/outputs/text"
)

// Kind is what a finding is about.
type Kind uint8

// Kinds, in the order of reports.
const (
	ConnOverlap Kind = iota
	CampaignOverlap
	CaptureOverlap
	HostOverlap
	PairOverlap
	GroupOverlap
	TimeOverlap
	ExactDuplicates
	NearDuplicates
	LabelCopy
	LabelPredicate
	LabelDerived
	LeakProne
	Identifier
	KeyCopy
	CaptureAggregate
	HostConstant
	MemorisedValues
	Shortcut
	NullShortcut
	ScalerFittedOnAll
	ScalerStale
	ConstantColumn
	EmptyColumn
	ClassMissing
	ClassSmall
	ClassBound
)

// about is what is said of a kind.
type about struct{ name, title, advice string }

var abouts = [...]about{
	ConnOverlap:       {"conn_overlap", "pieces of one connection are in several splits", "split by conn_id, or keep one piece of each connection"},
	CampaignOverlap:   {"campaign_overlap", "one campaign is in several splits", "split by campaign, so that the test has attacks that training has not seen; where the question is another one, say so and allow it"},
	CaptureOverlap:    {"capture_overlap", "one capture is in several splits", "split by capture, or by time with an embargo"},
	HostOverlap:       {"host_overlap", "one host is in several splits", "split by host if the model shall work for hosts that it does not know"},
	PairOverlap:       {"pair_overlap", "one pair of hosts is in several splits", "split by host pair if the model shall work for hosts that it does not know"},
	GroupOverlap:      {"group_overlap", "one group is in several splits", "split by this column"},
	TimeOverlap:       {"time_overlap", "splits overlap in time, or the embargo between them is not kept", "split by time again; rows that reach into the embargo belong to no split"},
	ExactDuplicates:   {"exact_duplicates", "the same rows are in training and outside it", "drop copies, or keep all copies of a row in one split"},
	NearDuplicates:    {"near_duplicates", "rows outside training are like training rows, more than rows of a class are alike", "drop rows that are alike over splits, or keep them in one"},
	LabelCopy:         {"label_copy", "the column is the label in other words", "drop the column"},
	LabelPredicate:    {"label_predicate", "rules made the label of this column", "drop the column, or say in the card that the label follows from it"},
	LabelDerived:      {"label_derived", "the column alone tells every row's label", "drop it if it was made from the label; if it was measured, the task is solved by one threshold: say so, and allow it"},
	LeakProne:         {"leak_prone_column", "the column tells where and when, and not what", "drop the column"},
	Identifier:        {"identifier", "the column looks like an identifier", "drop the column, or allow it if it is something else"},
	KeyCopy:           {"key_copy", "the column tells one key of the row", "drop the column"},
	CaptureAggregate:  {"capture_aggregate", "the column is one number for a whole capture, or a host in it", "compute it over windows that only look back"},
	HostConstant:      {"host_constant", "the column is the same in all flows of a host", "keep it only if hosts of the test are not in training"},
	MemorisedValues:   {"memorised_values", "single values of the column, learned by heart, tell the label", "drop the column, or group its values by what they mean"},
	Shortcut:          {"shortcut", "the column alone tells the label", "look whether it is the behaviour or the testbed that it tells apart"},
	NullShortcut:      {"null_shortcut", "whether the column is null tells the label", "look why it is null in one class only"},
	ScalerFittedOnAll: {"scaler_fitted_on_all", "a scaler or encoder was fitted on all rows", "fit it on training rows only"},
	ScalerStale:       {"scaler_stale", "the saved scaler is not that of the training rows", "fit it again on the training rows"},
	ConstantColumn:    {"constant_column", "the column has one value", "drop the column: it says nothing"},
	EmptyColumn:       {"empty_column", "the column has no value", "drop the column: it says nothing"},
	ClassMissing:      {"class_missing", "a class is not in every split", "its results are those of no row; split again, or say so in the card"},
	ClassSmall:        {"class_small", "a class has few rows in a split", "its results are uncertain; give intervals with them"},
	ClassBound:        {"class_bound", "captures or hosts have one class each", "what tells captures apart tells classes apart; have several captures of each class"},
}

// String returns the kind's name.
func (k Kind) String() string { return abouts[k].name }

// Title says in a sentence what is wrong.
func (k Kind) Title() string { return abouts[k].title }

// Advice says what to do.
func (k Kind) Advice() string { return abouts[k].advice }

// ofColumn reports whether each finding of the kind is about one column of data.
func (k Kind) ofColumn() bool { return k >= LabelCopy && k <= EmptyColumn }

// Kinds returns the names.
func Kinds() []string {
	names := make([]string, len(abouts))
	for i := range abouts {
		names[i] = abouts[i].name
	}
	return names
}

// ParseAllow reads KIND or KIND:COLUMN. The error is ErrConfig.
func ParseAllow(s string) (Allow, error) {
	name, column, _ := strings.Cut(s, ":")
	i := slices.Index(Kinds(), name)
	if i < 0 {
		return Allow{}, fmt.Errorf("%w: no finding is called %s%s", ErrConfig, text.Escape(name), text.Suggest(name, Kinds()))
	}
	return Allow{Kind(i), column}, nil
}

// Severity orders findings.
type Severity uint8

// Severities.
const (
	Note Severity = iota
	Warning
	Error
)

var severities = [...]string{"note", "warning", "error"}

// String returns the severity's name.
func (s Severity) String() string { return severities[s] }

// Failure is the severity from which findings make a check fail; Never: none does.
type Failure int8

// Never is the Failure of checks that only report.
const Never Failure = -1

// Failures returns the names of failures.
func Failures() []string { return append([]string{"none"}, severities[:]...) }

// ParseFailure reads none or the name of a severity. The error is ErrConfig.
func ParseFailure(name string) (Failure, error) {
	i := slices.Index(Failures(), name)
	if i < 0 {
		return 0, fmt.Errorf("%w: %s is no severity", ErrConfig, text.Escape(name))
	}
	return Failure(i) + Never, nil
}

// String returns the name.
func (f Failure) String() string { return Failures()[f-Never] }

func (f Failure) at(s Severity) bool { return f != Never && s >= Severity(f) }

// Of reports whether a report fails: a finding that is not allowed is at or above the severity.
func (f Failure) Of(r *Report) bool {
	return slices.ContainsFunc(r.Findings, func(x Finding) bool { return !x.Allowed && f.at(x.Severity) })
}
