// Package alerts matches the alerts that Suricata raised on the reference captures with the
// flows that pcapmill makes of these: each must come to its flow, or is listed with the reason.
package alerts
