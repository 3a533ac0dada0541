package results

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
)

// ReplicationsCSV writes what each replication gave: a row for each variant and metric of
// the whole run, a column for each replication. A cell is empty where there was nothing to
// measure. From this two results with the same seed can be compared replication by
// replication, and anybody can make statistics of their own. Of batches there is nothing to write.
func ReplicationsCSV(w io.Writer, r *Result) error {
	out := csv.NewWriter(w)
	header := []string{"variant", "metric", "unit"}
	for i := range r.Replications {
		header = append(header, strconv.Itoa(i))
	}
	out.Write(header) // Error reports it
	for i := range r.Variants {
		for _, m := range r.Variants[i].Metrics {
			row := []string{r.Variants[i].Name, m.Name, m.Unit}
			for _, v := range m.Values {
				row = append(row, numberOr(v, ""))
			}
			if len(row) == len(header) {
				out.Write(row)
			}
		}
	}
	out.Flush()
	return out.Error()
}

// errReplications is what is wrong with a file that is not of ReplicationsCSV.
var errReplications = errors.New("this is not what lbsim writes to replications.csv")

// ReadReplications adds to a result that was read from its summary what each replication
// gave, from what ReplicationsCSV has written.
func (r *Result) ReadReplications(in io.Reader) error {
	const names = 3 // columns before the values
	rows := csv.NewReader(in)
	header, err := rows.Read()
	if err != nil || len(header) != names+r.Replications || header[0] != "variant" {
		return errReplications
	}
	variants := map[string]*Variant{}
	for i := range r.Variants {
		variants[r.Variants[i].Name] = &r.Variants[i]
	}
	for {
		row, err := rows.Read()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("%w: %w", errReplications, err)
		}
		v := variants[row[0]]
		if v == nil {
			return fmt.Errorf("%w: the summary has no variant %q", errReplications, row[0])
		}
		for i := range v.Metrics {
			if v.Metrics[i].Name != row[1] {
				continue
			}
			if v.Metrics[i].Values, err = numbersOf(row[names:]); err != nil {
				return fmt.Errorf("%w: %w", errReplications, err)
			}
		}
	}
}

// numbersOf reads cells, of which empty ones are NaN.
func numbersOf(cells []string) ([]float64, error) {
	values := make([]float64, len(cells))
	for i, text := range cells {
		if values[i] = math.NaN(); text == "" {
			continue
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%q is not a number", text)
		}
		values[i] = v
	}
	return values, nil
}
