package experiment

import (
	"fmt"
	"strconv"
	"strings"
)

// A Shard is a part of a sweep: of the runs, counted from 0, those whose number
// leaves Index when divided by Count; or of the points, where these are not cut.
type Shard struct{ Index, Count int }

// Whole is the only shard of a sweep in one piece.
var Whole = Shard{0, 1}

const maxShards = 10_000

// Auto as the index of a shard stands for that of the array job it runs in.
const auto = "auto"

// arrays are the systems that run a command many times, and the environment in
// which they tell it its number, from 0, and how often. Kubernetes does not tell
// the latter, nor does Slurm after some of an array are run again.
var arrays = []struct{ name, index, count, last string }{
	{"Slurm", "SLURM_ARRAY_TASK_ID", "SLURM_ARRAY_TASK_COUNT", "SLURM_ARRAY_TASK_MAX"},
	{"Kubernetes", "JOB_COMPLETION_INDEX", "", ""},
	{"AWS Batch", "AWS_BATCH_JOB_ARRAY_INDEX", "AWS_BATCH_JOB_ARRAY_SIZE", ""},
}

// ParseShard reads i/n, with i from 0 to n-1; auto/n, where i is told by the
// environment of an array job; or auto, where n is as well.
func ParseShard(text string, getenv func(string) string) (Shard, error) {
	index, count, given := strings.Cut(text, "/")
	if index == auto {
		var err error
		if index, count, err = fromEnvironment(count, given, getenv); err != nil {
			return Shard{}, refuse("--shard %s: %v", text, err)
		}
		given = true
	}
	i, err1 := strconv.Atoi(index)
	n, err2 := strconv.Atoi(count)
	switch {
	case err1 != nil || err2 != nil || !given:
		return Shard{}, refuse("--shard %q: write i/n, as in 0/4 for the first of four, or auto/4 in an array job", text)
	case n < 1 || n > maxShards:
		return Shard{}, refuse("--shard %s: %d shards are not between 1 and %d", text, n, maxShards)
	case i < 0 || i >= n:
		return Shard{}, refuse("--shard %s: shard %d of %d does not exist: they are counted from 0 to %d", text, i, n, n-1)
	}
	return Shard{i, n}, nil
}

func fromEnvironment(count string, given bool, getenv func(string) string) (string, string, error) {
	for _, a := range arrays {
		index := getenv(a.index)
		if index == "" {
			continue
		}
		if given {
			return index, count, nil
		}
		if a.count == "" || getenv(a.count) == "" {
			return "", "", fmt.Errorf("%s does not tell how many there are: write auto/n", a.name)
		}
		count = getenv(a.count)
		if n, err := strconv.Atoi(count); a.last != "" && err == nil && getenv(a.last) != strconv.Itoa(n-1) {
			return "", "", fmt.Errorf("the array does not go from 0 to %d: write auto/n with the number of all shards", n-1)
		}
		return index, count, nil
	}
	var names []string
	for _, a := range arrays {
		names = append(names, a.index)
	}
	return "", "", fmt.Errorf("this is no array job: none of %s is set", strings.Join(names, ", "))
}

// String is the shard as ParseShard reads it.
func (s Shard) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Count) }

// File is the name of the file with the shard's runs.
func (s Shard) File() string { return fmt.Sprintf("shard-%d-of-%d.json", s.Index, s.Count) }
