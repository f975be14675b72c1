package source

import (
	"errors"
	"fmt"
	"math"
	"strconv"

	"pcapmill/datasets/label"
	"pcapmill/outputs/strictyaml"
)

// The functions here return what to do with the value of a rule's key: to put it there.

// eachText hands over the texts of a list, or one text that stands for a list of it. A list
// without elements is an error: it would not restrict a rule, and nobody who writes it means that.
func eachText(n strictyaml.Node, most int, do func(string) error) error {
	elements, err := strictyaml.OneOrMore(n, most)
	if err != nil {
		return err
	}
	if len(elements) == 0 {
		return strictyaml.Wrong(n, "an empty list: leave the key out where nothing is asked")
	}
	for _, e := range elements {
		s, err := strictyaml.Scalar(e)
		if err == nil {
			err = do(s)
		}
		if err != nil {
			return strictyaml.At(e, err)
		}
	}
	return nil
}

func intoPorts(to *label.Ports) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		*to = nil
		return eachText(n, maxElements, func(s string) error {
			p, err := portRange(s)
			*to = append(*to, p)
			return err
		})
	}
}

func intoProtocols(to *[]uint8) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		*to = nil
		return eachText(n, maxElements, func(s string) error {
			p, err := protocolOf(s)
			if err == nil {
				*to = append(*to, uint8(p))
			}
			return err
		})
	}
}

// maxVLAN is the largest identifier of IEEE 802.1Q.
const maxVLAN = 4095

func intoVLANs(to *[]int32) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		*to = nil
		return eachText(n, maxElements, func(s string) error {
			v, err := whole(s, 0, maxVLAN)
			*to = append(*to, v)
			return err
		})
	}
}

func intoCaptures(to *[]string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		*to = nil
		return eachText(n, maxElements, func(s string) error {
			if *to = append(*to, s); s == "" {
				return errors.New("an empty pattern")
			}
			return nil
		})
	}
}

// maxDepth is how many tunnels may be around a flow.
const maxDepth = 255

func intoDepth(to *int32) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err != nil {
			return err
		}
		if *to = label.AnyDepth; s == "any" {
			return nil
		}
		*to, err = whole(s, 0, maxDepth)
		return err
	}
}

func intoPriority(to *int32) func(strictyaml.Node) error {
	return intoWhole(to, math.MinInt32, math.MaxInt32)
}

// intoWhole takes a whole number of a range.
func intoWhole(to *int32, least, most int32) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		s, err := strictyaml.Scalar(n)
		if err == nil {
			*to, err = whole(s, least, most)
		}
		return err
	}
}

func whole(s string, least, most int32) (int32, error) {
	x, err := strconv.ParseInt(s, 10, 32)
	if err != nil || int32(x) < least || int32(x) > most {
		return 0, fmt.Errorf("%s is no whole number from %d to %d", quoted(s), least, most)
	}
	return int32(x), nil
}

func intoConfidence(to **float64) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		x := 0.0
		if err := strictyaml.Number(&x)(n); err != nil {
			return err
		}
		if *to = &x; x < 0 || x > 1 {
			return fmt.Errorf("%v is not between 0 and 1", x)
		}
		return nil
	}
}

func intoMITRE(to *string) func(strictyaml.Node) error {
	return func(n strictyaml.Node) error {
		if err := strictyaml.Text(to)(n); err != nil {
			return err
		}
		if !mitreID().MatchString(*to) {
			return fmt.Errorf("%s is no id of ATT&CK such as T1046, T1110.001 or TA0008", quoted(*to))
		}
		return nil
	}
}
