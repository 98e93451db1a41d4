package monitoring

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// query is the part of OCI's Monitoring Query Language that alarms here use:
// Metric[interval]{dimension="value", …}.statistic() operator threshold.
type query struct {
	metric     string
	interval   time.Duration
	dimensions map[string]string
	statistic  string
	operator   string
	threshold  float64
}

var (
	queryForm     = regexp.MustCompile(`^\s*([A-Za-z_][\w.]*)\[(\d+)([mhd])\]\s*(?:\{([^}]*)\})?\s*\.(\w+)\(\)\s*(>=|<=|>|<|==|!=)\s*(-?[0-9.]+)\s*$`)
	dimensionForm = regexp.MustCompile(`^\s*([\w.]+)\s*=\s*"([^"]*)"\s*$`)
)

// statistics are computed of the sum and the count, which is not 0, of values.
var statistics = map[string]func(sum, count float64) float64{
	"sum":   func(sum, _ float64) float64 { return sum },
	"count": func(_, count float64) float64 { return count },
	"mean":  func(sum, count float64) float64 { return sum / count },
}

func parseQuery(text string) (query, error) {
	m := queryForm.FindStringSubmatch(text)
	if m == nil {
		return query{}, fmt.Errorf("%q is not of the form Metric[1m]{dimension=\"value\"}.sum() > 0", text)
	}
	unit := map[string]time.Duration{"m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}[m[3]]
	n, err := strconv.Atoi(m[2])
	if err != nil || n < 1 || n > int(retention/unit) {
		return query{}, fmt.Errorf("interval %s%s of %q must be 1m to 1d", m[2], m[3], text)
	}
	threshold, err := strconv.ParseFloat(m[7], 64)
	if err != nil {
		return query{}, fmt.Errorf("threshold of %q: %w", text, err)
	}
	q := query{metric: m[1], interval: time.Duration(n) * unit, dimensions: map[string]string{}, statistic: m[5], operator: m[6], threshold: threshold}
	if statistics[q.statistic] == nil {
		return query{}, fmt.Errorf("statistic %s of %q: the local cloud knows sum, count and mean", q.statistic, text)
	}
	if strings.TrimSpace(m[4]) == "" {
		return q, nil
	}
	for part := range strings.SplitSeq(m[4], ",") {
		d := dimensionForm.FindStringSubmatch(part)
		if d == nil {
			return query{}, fmt.Errorf("dimension %q of %q is not of the form name = \"value\"", part, text)
		}
		q.dimensions[d[1]] = d[2]
	}
	return q, nil
}

// evaluate computes the statistic over the minutes of which any part lies in the
// interval before now; known is false when there is no value in them.
func (q query) evaluate(points []point, now time.Time) (value float64, known bool) {
	var sum, count float64
	for _, p := range points {
		if now.Sub(p.time) < q.interval+resolution && q.matches(p) {
			sum += p.sum
			count += float64(p.count)
		}
	}
	if count == 0 {
		return 0, false
	}
	return statistics[q.statistic](sum, count), true
}

func (q query) matches(p point) bool {
	for name, value := range q.dimensions {
		if p.dimensions[name] != value {
			return false
		}
	}
	return true
}

func (q query) breached(value float64) bool {
	switch q.operator {
	case ">":
		return value > q.threshold
	case ">=":
		return value >= q.threshold
	case "<":
		return value < q.threshold
	case "<=":
		return value <= q.threshold
	case "==":
		return value == q.threshold
	default:
		return value != q.threshold
	}
}
