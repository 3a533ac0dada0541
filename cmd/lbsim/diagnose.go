package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"lbsim/scenarios/convert"
	"lbsim/scenarios/convert/capture"
)

// diagnoseFlags are the flags of lbsim diagnose.
type diagnoseFlags struct {
	out         string
	connections int
	format      string
}

func (c *cli) diagnoseCommand() *cobra.Command {
	var f diagnoseFlags
	cmd := &cobra.Command{
		Use:   "diagnose FILE",
		Short: "find in a capture what delayed acknowledgements cost, and which setting helps",
		Long: `Diagnose reads a capture of TCP connections, pcap or pcapng, plain or gzip, as
tcpdump, dumpcap and Wireshark write them, and finds where one end held data back
until an acknowledgement came, while the other delayed that: a stall. It counts
them and what they took, for each pattern and connection, and says which setting
on which end helps, and how much at most:

  no delay          the application sets TCP_NODELAY, so that nothing is held back
  ack frequency 1   every segment is acknowledged at once (Windows:
                    TcpAckFrequency; Linux: the quickack of a route)

An acknowledgement that is delayed while nobody waits for it costs nothing, and
is counted apart. The patterns are write-write-read (the client's second write
waits), split writes (the server's), tail after full segments (the end of a long
write waits), and congestion window (one full segment, and no room for another).

It does not matter where the capture was made; that is told from the round
trips. Headers are enough. Packets that are not of TCP, fragments and packets
that are cut or malformed are counted and left out. A file that ends within a
packet is read up to there, with a warning. Files of any size are read:
memory depends on how many connections are open at once, not on packets.

With -o, a scenario is written that has the exchange that stalls most, in the
network that the capture shows. What settings save is estimated from the times
in the capture, and a simulation of that exchange is shown for comparison.

--format json prints {"schema": "lbsim.diagnose/1", "capture", "packets",
"warnings", "answer", "connections", "exchanges", "conversation_s", "stalls",
"patterns", "nagle_holds", "delayed_acks", "remedies", "simulated", "worst":
the 1,000 connections that lost most time}; times are in seconds.`,
		Example: `  lbsim diagnose outlook.pcap
  lbsim diagnose outlook.pcapng -o outlook.yaml && lbsim run outlook.yaml
  lbsim diagnose outlook.pcap --format json | jq .remedies`,
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return c.diagnoseCapture(args[0], &f) },
	}
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", "", "`file` for a scenario that stalls as the capture does")
	fl.IntVar(&f.connections, "connections", 100_000, "`number` of connections to follow at a time")
	fl.StringVar(&f.format, "format", "text", "`format` of standard output: text or json")
	return cmd
}

// mostConnections bounds --connections: so many take 2 to 4 GB.
const mostConnections = 1_000_000

func (c *cli) diagnoseCapture(path string, f *diagnoseFlags) error {
	if f.format != "text" && f.format != "json" {
		return usageError{fmt.Errorf("--format %q is not one of text, json", f.format)}
	}
	if f.connections < 1 || f.connections > mostConnections {
		return usageError{fmt.Errorf("--connections %d is not a number from 1 to %d", f.connections, mostConnections)}
	}
	if ending := filepath.Ext(f.out); f.out != "" && ending != ".yaml" && ending != ".yml" {
		return usageError{fmt.Errorf("-o %q does not end in .yaml", f.out)}
	}
	folder, file := filepath.Split(filepath.Clean(f.out))
	if f.out != "" {
		if err := mustBeNew(folder, file); err != nil {
			return err
		}
	}
	d, err := readCapture(path, capture.Options{Open: f.connections})
	if err != nil {
		return err
	}
	if f.format == "json" {
		writeJSON(c.stdout, d)
	} else {
		fmt.Fprint(c.stdout, d.Text())
	}
	if f.out == "" {
		return nil
	}
	scenario := d.Scenario(convert.ScenarioName(f.out[:len(f.out)-len(filepath.Ext(f.out))]), filepath.Base(path))
	if scenario == nil {
		fmt.Fprintf(c.stderr, "lbsim: %s was not written: nothing stalls that it could have\n", f.out)
		return nil
	}
	if f.format == "json" {
		quiet := *c
		quiet.stdout = c.stderr // the result stands alone
		return quiet.writeNew(folder, map[string][]byte{file: scenario})
	}
	fmt.Fprintln(c.stdout)
	if err := c.writeNew(folder, map[string][]byte{file: scenario}); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "next: lbsim run %s\n", quote(filepath.Join(folder, file)))
	return nil
}

func readCapture(path string, o capture.Options) (*capture.Diagnosis, error) {
	file, err := openRegular(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	d, err := capture.Diagnose(file, path, o)
	if err != nil {
		return nil, inputError{err}
	}
	return d, nil
}

// openRegular opens a file to be read. Others, such as pipes, could take for ever.
func openRegular(path string) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, usageError{fmt.Errorf("file %q does not exist", path)}
	case err != nil:
		return nil, usageError{err}
	case !info.Mode().IsRegular():
		return nil, usageError{fmt.Errorf("%q is not a regular file", path)}
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, usageError{err}
	}
	return file, nil
}
