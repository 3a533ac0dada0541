package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"lbsim/scenarios/convert"
)

// importFlags are the flags of lbsim import log.
type importFlags struct {
	out     string
	name    string
	layout  string // of the log
	xff     string
	trusted []string
	servers []string
	gap     time.Duration
	format  string // of standard output
}

func (c *cli) importCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "make scenarios of what you have: access logs, configurations of balancers",
		Args:  cobra.NoArgs,
	}
	var f importFlags
	log := &cobra.Command{
		Use:   "log FILE",
		Short: "make a scenario and a trace of an access log",
		Long: `Import log reads an access log, plain or gzip, says how unevenly its requests
come from addresses, and writes a scenario that replays it under several kinds
of persistence, with the trace of its requests.

Logs are those of Apache and nginx (common, combined, and combined with more
fields), HAProxy (HTTP and TCP, with or without what syslog puts in front) and
IIS (W3C extended). The format is recognised. Lines that cannot be read are
counted and shown.

Where a log has X-Forwarded-For, --xff says what it is good for: client if it
tells who sits behind the address that connected, source if a server behind the
balancer wrote the log, so that the address that connected is the balancer's,
ignore if nothing; auto is source for IIS and else ignore. Anybody can send
such a header: with --trusted it is believed only from those proxies, and the
client is the last address in it that is none of them, not the first.`,
		Example: `  lbsim import log access.log.gz
  lbsim import log access.log -o mine/web.yaml && lbsim run mine/web.yaml
  lbsim import log haproxy.log --xff client --trusted 10.0.0.0/8
  lbsim import log access.log --servers 3,6,12 --format json`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return c.importLog(args[0], &f) },
	}
	fl := log.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", ".", "`folder` to write into, or the scenario's file if it ends in .yaml")
	fl.StringVar(&f.name, "name", "", "`name` of the scenario (default from the file name)")
	fl.StringSliceVar(&f.servers, "servers", nil, "`numbers` of servers to compare (default 4,8)")
	fl.StringVar(&f.layout, "log-format", "auto", "`format` of the log: "+oneOf(convert.FormatNames))
	fl.StringVar(&f.xff, "xff", "auto", "`use` of X-Forwarded-For: "+oneOf(convert.ForwardedNames))
	fl.StringSliceVar(&f.trusted, "trusted", nil, "`networks` of proxies whose X-Forwarded-For is believed (default all)")
	fl.DurationVar(&f.gap, "session-gap", convert.SessionGap, "`time` without a request that ends a client's session")
	fl.StringVar(&f.format, "format", "text", "`format` of standard output: text or json")
	cmd.AddCommand(log, c.importHAProxyCommand(), c.importNginxCommand())
	return cmd
}

// oneOf lists names: "a, b or c".
func oneOf(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

func (c *cli) importLog(path string, f *importFlags) error {
	options, servers, err := f.check()
	if err != nil {
		return err
	}
	target, err := f.target(path)
	if err != nil {
		return err
	}
	if err := mustBeNew(target.folder, target.scenario, target.trace); err != nil {
		return err
	}
	l, err := readLog(path, options)
	if err != nil {
		return err
	}
	scenario, trace := convert.FromLog(l, convert.Options{Name: target.name, Trace: target.trace, Servers: servers})
	var rows bytes.Buffer
	if err := trace.Write(&rows); err != nil {
		return err
	}
	report := l.Report(f.gap, predicted(servers))
	for _, b := range l.Bad {
		fmt.Fprintf(c.stderr, "%s:%d: left out: %s\n    %s\n", path, b.Line, b.Why, b.Text)
	}
	if more := l.Malformed - len(l.Bad); more > 0 {
		fmt.Fprintf(c.stderr, "and %d more malformed lines\n", more)
	}
	files := map[string][]byte{target.scenario: scenario, target.trace: rows.Bytes()}
	if f.format == "json" {
		quiet := *c
		quiet.stdout = new(bytes.Buffer) // the names of the files are in the result
		if err := quiet.writeNew(target.folder, files); err != nil {
			return err
		}
		writeJSON(c.stdout, struct {
			*convert.Report
			Scenario string `json:"scenario"`
			Trace    string `json:"trace"`
		}{report, filepath.Join(target.folder, target.scenario), filepath.Join(target.folder, target.trace)})
		return nil
	}
	fmt.Fprintln(c.stdout, report.Text())
	if err := c.writeNew(target.folder, files); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "next: lbsim run %s\n", quote(filepath.Join(target.folder, target.scenario)))
	return nil
}

// writers are other words for the formats of logs: who writes them, and which
// of a family.
var writers = map[string]string{"apache": "ncsa", "nginx": "ncsa", "common": "ncsa", "combined": "ncsa", "iis": "w3c"}

// check returns what the flags say, and refuses values that mean nothing.
func (f *importFlags) check() (o convert.ReadOptions, servers []int, err error) {
	if f.format != "text" && f.format != "json" {
		return o, nil, usageError{fmt.Errorf("--format %q is not one of text, json", f.format)}
	}
	if f.gap < 0 {
		return o, nil, usageError{fmt.Errorf("--session-gap %v is negative", f.gap)}
	}
	layout := f.layout
	if family := writers[layout]; family != "" {
		layout = family
	}
	format := slices.Index(convert.FormatNames, layout)
	if format < 0 {
		return o, nil, usageError{fmt.Errorf("--log-format %q is not one of %s", f.layout, strings.Join(convert.FormatNames, ", "))}
	}
	xff := slices.Index(convert.ForwardedNames, f.xff)
	if xff < 0 {
		return o, nil, usageError{fmt.Errorf("--xff %q is not one of %s", f.xff, strings.Join(convert.ForwardedNames, ", "))}
	}
	o.Format, o.Forwarded = convert.Format(format), convert.Forwarded(xff)
	for _, text := range f.trusted {
		network, err := netip.ParsePrefix(text)
		if addr, wrong := netip.ParseAddr(text); wrong == nil {
			network, err = addr.Prefix(addr.BitLen())
		}
		if err != nil {
			return o, nil, usageError{fmt.Errorf("--trusted %q is not a network such as 10.0.0.0/8 or an address", text)}
		}
		o.Trusted = append(o.Trusted, network)
	}
	for _, text := range f.servers {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 1000 {
			return o, nil, usageError{fmt.Errorf("--servers %q is not a number from 1 to 1000", text)}
		}
		if slices.Contains(servers, n) {
			return o, nil, usageError{fmt.Errorf("--servers %d is there twice", n)}
		}
		servers = append(servers, n)
	}
	if len(servers) > 10 {
		return o, nil, usageError{fmt.Errorf("--servers: %d numbers, at most 10 are compared", len(servers))}
	}
	return o, servers, nil
}

// predicted are the numbers of servers in the report: 2, 4 and 8, or those that
// the user named.
func predicted(servers []int) []int {
	if len(servers) == 0 {
		return []int{2, 4, 8}
	}
	return servers
}

// An importTarget says what is written where.
type importTarget struct{ folder, name, scenario, trace string }

// target returns where to write. A path that ends in .yaml names the scenario's
// file, and its trace has the same name; any other is a folder.
func (f *importFlags) target(path string) (t importTarget, err error) {
	if f.name != "" && convert.ScenarioName(f.name) != f.name {
		return t, usageError{fmt.Errorf("--name %q: a name has small letters, digits and hyphens, as %q does", f.name, convert.ScenarioName(f.name))}
	}
	base := ""
	t.folder = f.out
	if ending := filepath.Ext(f.out); ending == ".yaml" || ending == ".yml" {
		t.folder, t.scenario = filepath.Split(filepath.Clean(f.out))
		base = strings.TrimSuffix(t.scenario, ending)
		if base == "" {
			return t, usageError{fmt.Errorf("-o %q: the file needs a name before %s", f.out, ending)}
		}
		path = base
	}
	t.name = f.name
	if t.name == "" {
		t.name = convert.ScenarioName(path)
	}
	if base == "" {
		base = t.name
		t.scenario = base + ".yaml"
	}
	t.trace = base + ".csv"
	info, err := os.Stat(filepath.Clean(t.folder))
	if err == nil && !info.IsDir() || errors.Is(err, syscall.ENOTDIR) {
		return t, usageError{fmt.Errorf("output folder %q is a file, or lies in one", filepath.Clean(t.folder))}
	}
	return t, nil
}

func readLog(path string, o convert.ReadOptions) (*convert.Log, error) {
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	l, err := o.Read(file, path)
	if err != nil {
		return nil, inputError{err}
	}
	return l, nil
}

func sortedKeys(m map[string][]byte) []string { return slices.Sorted(maps.Keys(m)) }
