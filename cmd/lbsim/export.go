package main

import (
	"bytes"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"lbsim/models"
	"lbsim/models/flow"
	"lbsim/scenarios"
	"lbsim/scenarios/convert"
	"lbsim/scenarios/convert/haproxycfg"
	"lbsim/scenarios/convert/nginxconf"
)

// exportFlags are the flags of lbsim export.
type exportFlags struct {
	runFlags
	variant   string
	addresses []string
}

// A balancerWriter writes the configuration that a balancer means, and what of it
// the product cannot be told. Servers are at these addresses, by their names.
type balancerWriter func(c *models.Config, addresses map[string]string) ([]byte, []convert.Remark, error)

func (c *cli) exportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "write a scenario's balancer as a configuration: haproxy, nginx",
		Args:  cobra.NoArgs,
	}
	cmd.AddCommand(
		c.exportBalancerCommand(&cobra.Command{
			Use:   "haproxy FILE|NAME",
			Short: "write haproxy.cfg",
			Long: `Export haproxy writes a scenario's balancer as the configuration of HAProxy that
means the same. What HAProxy cannot be told, and what is written in its place,
is a comment at the top of the configuration, and a message.`,
			Example: `  lbsim export haproxy rejoin-storm
  lbsim export haproxy mine.yaml --variant '60 s ramp' -o haproxy.cfg
  lbsim export haproxy mine.yaml --address ex1=10.0.0.11:443 --address ex2=10.0.0.12:443`,
		}, func(config *models.Config, addresses map[string]string) ([]byte, []convert.Remark, error) {
			return haproxycfg.Export(config, haproxycfg.Options{Addresses: addresses})
		}),
		c.exportNginxCommand())
	return cmd
}

func (c *cli) exportNginxCommand() *cobra.Command {
	commercial := false
	cmd := c.exportBalancerCommand(&cobra.Command{
		Use:   "nginx FILE|NAME",
		Short: "write nginx.conf",
		Long: `Export nginx writes a scenario's balancer as the configuration of nginx that means
the same. What nginx cannot be told, and what is written in its place, is a
comment at the top of the configuration, and a message.

What only the commercial edition knows, or versions after 1.22, is left out and
told, unless it is asked for by --commercial: active checks, slow_start, queue,
drain, sticky and least_time.`,
		Example: `  lbsim export nginx rejoin-storm
  lbsim export nginx mine.yaml --variant '60 s ramp' -o nginx.conf
  lbsim export nginx mine.yaml --address ex1=10.0.0.11:443 --address ex2=10.0.0.12:443`,
	}, func(config *models.Config, addresses map[string]string) ([]byte, []convert.Remark, error) {
		return nginxconf.Export(config, nginxconf.Options{Addresses: addresses, Commercial: commercial})
	})
	cmd.Flags().BoolVar(&commercial, "commercial", false, "write what only the commercial edition or later versions know")
	return cmd
}

// exportBalancerCommand completes the command that exports to one product.
func (c *cli) exportBalancerCommand(cmd *cobra.Command, write balancerWriter) *cobra.Command {
	var f exportFlags
	cmd.Args = cobra.ExactArgs(1)
	cmd.ValidArgsFunction = completeScenario
	cmd.RunE = func(cmd *cobra.Command, args []string) error { return c.exportBalancer(cmd, args[0], &f, write) }
	fl := cmd.Flags()
	fl.SortFlags = false
	fl.StringVarP(&f.out, "out", "o", "", "`file` to write (default standard output)")
	fl.StringVar(&f.variant, "variant", "", "`name` of the variant to export (default the first)")
	fl.StringArrayVar(&f.addresses, "address", nil, "address of a server, as `name=host:port` (repeatable)")
	fl.StringArrayVar(&f.set, "set", nil, "change a value, as `path=value` (repeatable)")
	complete(cmd, "variant", c.completeVariant)
	complete(cmd, "set", completeSetting)
	return cmd
}

func (c *cli) exportBalancer(cmd *cobra.Command, arg string, f *exportFlags, write balancerWriter) error {
	if f.out != "" {
		if err := mustBeNew("", f.out); err != nil {
			return err
		}
	}
	file, err := c.load(cmd, arg, &f.runFlags)
	if err != nil {
		return err
	}
	plan, err := chosen(file, f.variant)
	if err != nil {
		return err
	}
	addresses, err := f.servers(&plan.Config)
	if err != nil {
		return err
	}
	text, remarks, err := write(&plan.Config, addresses)
	if err != nil {
		return usageError{err}
	}
	tellRemarks(c.stderr, file.Name(), remarks)
	text = commented(text, remarks)
	if f.out == "" {
		_, err = c.stdout.Write(text)
		return err
	}
	folder, name := filepath.Split(f.out)
	return c.writeNew(folder, map[string][]byte{name: text})
}

// chosen is the variant of a name, the first without one.
func chosen(file *scenarios.File, name string) (*scenarios.Plan, error) {
	if name == "" {
		return &file.Variants[0], nil
	}
	for i := range file.Variants {
		if file.Variants[i].Name == name {
			return &file.Variants[i], nil
		}
	}
	hint := "the scenario has no variants"
	if names := file.VariantNames(); len(names) > 0 {
		hint = "lbsim show lists its variants"
		if near := flow.Nearest(name, names); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
	}
	return nil, usageError{fmt.Errorf("there is no variant %q: %s", name, hint)}
}

// servers returns the addresses on the command line by the names of servers.
func (f *exportFlags) servers(config *models.Config) (map[string]string, error) {
	var names []string
	for i := range config.Servers {
		names = append(names, config.Servers[i].Name)
	}
	addresses := map[string]string{}
	for _, text := range f.addresses {
		name, address, ok := strings.Cut(text, "=")
		if !ok || !isHostPort(address) {
			return nil, usageError{fmt.Errorf("--address %q is not a name and an address, as ex1=10.0.0.11:443", text)}
		}
		if !slices.Contains(names, name) {
			hint := "lbsim show lists the servers"
			if near := flow.Nearest(name, names); near != "" {
				hint = "did you mean " + near + "?"
			}
			return nil, usageError{fmt.Errorf("--address: there is no server %q: %s", name, hint)}
		}
		addresses[name] = address
	}
	return addresses, nil
}

// isHostPort reports whether a text is an address or the name of a host, and a port.
func isHostPort(text string) bool {
	host, port, err := net.SplitHostPort(text)
	if err != nil || host == "" || strings.Trim(strings.ToLower(host), "abcdefghijklmnopqrstuvwxyz0123456789-.:") != "" {
		return false
	}
	n, err := strconv.Atoi(port)
	return err == nil && n > 0 && n < 65536
}

// commented puts remarks at the top of a configuration, below its first line.
func commented(text []byte, remarks []convert.Remark) []byte {
	first, rest, _ := bytes.Cut(text, []byte("\n"))
	var out bytes.Buffer
	out.Write(first)
	out.WriteString("\n")
	if len(remarks) > 0 {
		out.WriteString("#\n# What the scenario says and this does not:\n")
	}
	for _, r := range remarks {
		fmt.Fprintf(&out, "#   %s: %s\n", convert.Printable(r.Text), r.Why)
	}
	out.Write(rest)
	return out.Bytes()
}
