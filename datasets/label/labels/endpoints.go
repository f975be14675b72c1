package labels

import (
	"fmt"
	"strconv"
	"time"

	"pcapmill/features/batch"
	"pcapmill/features/column"
)

// Endpoints picks the columns of a flows table that EndpointsAt reads.
func Endpoints(s *column.Schema) ([]string, error) {
	return addressed("flow_id", "start_ns", "protocol", "src_port", "dst_port", "icmp_type", "icmp_code")(s)
}

// Ends is what people know a flow by. It is of a batch's row, and so valid as long as that.
type Ends struct {
	FlowID, Start int64
	b             *batch.Batch
	row           int
}

// EndpointsAt reads a row of the columns of Endpoints.
func EndpointsAt(b *batch.Batch, row int) Ends {
	return Ends{FlowID: b.Vectors[2].Int64[row], Start: b.Vectors[3].Int64[row], b: b, row: row}
}

// String says which flow it is.
func (e *Ends) String() string {
	known := func(i int) int32 {
		if v := &e.b.Vectors[i]; !v.Null(e.row) {
			return v.Int32[e.row]
		}
		return -1
	}
	tuple := Tuple(hostAt(e.b, 0, e.row), known(5), hostAt(e.b, 1, e.row), known(6), e.b.Vectors[4].Int32[e.row])
	if kind := known(7); kind >= 0 {
		tuple += fmt.Sprintf(" type %d code %d", kind, known(8))
	}
	return tuple + " at " + time.Unix(0, e.Start).UTC().Format("2006-01-02T15:04:05.999999999Z07:00")
}

// Tuple writes endpoints and protocol for people; what is negative is not there.
func Tuple(src string, srcPort int32, dst string, dstPort, protocol int32) string {
	name := ""
	switch protocol {
	case 1:
		name = " icmp"
	case 6:
		name = " tcp"
	case 17:
		name = " udp"
	case 58:
		name = " icmp6"
	case 132:
		name = " sctp"
	default:
		if protocol >= 0 {
			name = " protocol " + strconv.Itoa(int(protocol))
		}
	}
	return end(src, srcPort) + " > " + end(dst, dstPort) + name
}

func end(address string, port int32) string {
	if port < 0 {
		return address
	}
	return address + " " + strconv.Itoa(int(port))
}
