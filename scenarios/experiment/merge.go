package experiment

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"lbsim/results"
)

// MissingError says which shards of a sweep are not there, and which command makes
// them.
type MissingError struct {
	Count   int   // of all shards
	Missing []int // those that are not there, damaged ones among them
	Damaged []string
	Command string // of the sweep
	Folder  string // where the others are
}

func (e MissingError) Error() string {
	var b strings.Builder
	list := ranges(e.Missing)
	is, them := "are", "them"
	if len(e.Missing) == 1 {
		is, them = "is", "it"
	}
	fmt.Fprintf(&b, "%d of %d shards %s missing: %s\n", len(e.Missing), e.Count, is, list)
	for _, path := range e.Damaged {
		fmt.Fprintf(&b, "  %s is damaged\n", path)
	}
	fmt.Fprintf(&b, "make %s with\n  ", them)
	one := fmt.Sprintf("%s --shard %%s/%d -o %s", e.Command, e.Count, e.Folder)
	if len(e.Missing) == 1 {
		fmt.Fprintf(&b, one, strconv.Itoa(e.Missing[0]))
	} else {
		words := strings.Trim(fmt.Sprint(e.Missing), "[]")
		fmt.Fprintf(&b, "for i in %s; do "+one+"; done", words, "$i")
	}
	fmt.Fprintf(&b, "\nor run the job that lbsim sweep --emit slurm printed again, with\n  sbatch --array=%s JOB", list)
	return b.String()
}

// ranges writes 3, 5, 6, 7 as 3,5-7.
func ranges(numbers []int) string {
	var parts []string
	for i := 0; i < len(numbers); {
		k := i
		for k+1 < len(numbers) && numbers[k+1] == numbers[k]+1 {
			k++
		}
		text := strconv.Itoa(numbers[i])
		if k > i {
			text += "-" + strconv.Itoa(numbers[k])
		}
		parts = append(parts, text)
		i = k + 1
	}
	return strings.Join(parts, ",")
}

// ShardPaths returns the shards' files among the arguments: themselves, or those
// that lie in a folder.
func ShardPaths(args []string) (paths []string, err error) {
	for _, arg := range args {
		info, err := os.Stat(arg)
		if err != nil {
			return nil, refuse("%q does not exist", arg)
		}
		if !info.IsDir() {
			paths = append(paths, arg)
			continue
		}
		inside, err := filepath.Glob(filepath.Join(escapeGlob(arg), "shard-*-of-*.json"))
		if err != nil {
			return nil, err
		}
		paths = append(paths, inside...)
	}
	if len(paths) == 0 {
		return nil, refuse("there are no shards in %s: lbsim sweep --shard 0/4 -o FOLDER makes them", strings.Join(args, ", "))
	}
	return paths, nil
}

func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// Merge makes the result of a sweep of the files of all its shards: the same as
// that of the sweep in one piece. The error is a MissingError if some are missing,
// or a SweepError if the files do not belong together.
func Merge(paths []string, version string) (*results.Sweep, error) {
	var shards []*ShardFile
	var damaged []string
	for _, path := range paths {
		s, err := ReadShard(path)
		if err != nil {
			damaged = append(damaged, path)
			continue
		}
		shards = append(shards, s)
	}
	if len(shards) == 0 {
		return nil, refuse("%s is damaged, or no shard of a sweep", strings.Join(damaged, ", "))
	}
	first := shards[0]
	by := make([]*ShardFile, first.Shard.Count)
	for _, s := range shards {
		switch {
		case s.Plan.Version != version:
			return nil, refuse("%s was made by lbsim %s, and this is %s: merge with the version that made the shards", s.Path, s.Plan.Version, version)
		case s.plan != first.plan:
			return nil, refuse("%s and %s are of different sweeps:\n  %s\n  %s", first.Path, s.Path, first.Plan.Command, s.Plan.Command)
		case s.Shard.Count != first.Shard.Count:
			return nil, refuse("%s and %s are of sweeps in %d and in %d shards", first.Path, s.Path, first.Shard.Count, s.Shard.Count)
		}
		by[s.Shard.Index] = s
	}
	missing := MissingError{Count: len(by), Damaged: damaged, Command: first.Plan.Command, Folder: filepath.Dir(first.Path)}
	for i, s := range by {
		if s == nil {
			missing.Missing = append(missing.Missing, i)
		}
	}
	if len(missing.Missing) > 0 {
		return nil, missing
	}
	return gatherShards(by)
}

// gatherShards makes the result of all shards, in order.
func gatherShards(by []*ShardFile) (*results.Sweep, error) {
	open := map[*ShardFile]*os.File{}
	defer func() {
		for _, f := range open {
			f.Close()
		}
	}()
	const mostOpen = 200
	plan := by[0].Plan
	var methods []pointMethod
	for p := range plan.Points {
		if plan.Whole {
			methods = append(methods, by[p%len(by)].methods[p/len(by)])
		}
	}
	return plan.gather(methods, func(point, variant, replication int) (*results.Run, error) {
		s := by[plan.shardOf(Cell{point, variant, replication}, len(by))]
		f := open[s]
		if f == nil {
			var err error
			if f, err = os.Open(s.Path); err != nil {
				return nil, err
			}
			if len(open) < mostOpen {
				open[s] = f
			} else {
				defer f.Close()
			}
		}
		return s.run(f, Cell{point, variant, replication})
	})
}

// shardOf is the number of the shard, of so many, that has a cell.
func (s *SweepPlan) shardOf(c Cell, shards int) int {
	if s.Whole {
		return c.Point % shards
	}
	return ((c.Point*len(s.Outline.Variants)+c.Variant)*s.Outline.Replications + c.Replication) % shards
}
