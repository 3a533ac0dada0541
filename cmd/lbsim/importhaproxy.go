package main

import (
	"github.com/spf13/cobra"

	"lbsim/scenarios/convert"
	"lbsim/scenarios/convert/haproxycfg"
)

func (c *cli) importHAProxyCommand() *cobra.Command {
	var release string
	cmd := c.importBalancerCommand(&cobra.Command{
		Use:   "haproxy FILE",
		Short: "make a scenario of haproxy.cfg",
		Long: `Import haproxy reads a configuration of HAProxy and writes a scenario with its
services and servers. Clients, traffic and the servers' cores are assumptions, to
be replaced by your own.

Each listen and each backend with servers is a service: mode, balance, hash-type,
hash-balance-factor, stick tables and cookies, checks, observe, slowstart, weights,
maxconn, backup servers, retries, option redispatch, timeout connect and what
becomes of connections are read. What the scenario does not say, or says by
assumption, is told line by line, and stands at the top of the scenario. What
HAProxy itself would refuse is an error.`,
		Example: `  lbsim import haproxy /etc/haproxy/haproxy.cfg
  lbsim import haproxy haproxy.cfg -o mine.yaml && lbsim run mine.yaml
  lbsim import haproxy haproxy.cfg --release 2.6`,
	}, func(text []byte, file, name string) (*convert.Balancer, error) {
		if release == "" {
			return haproxycfg.Import(text, file, name)
		}
		v, err := haproxycfg.ParseRelease(release)
		if err != nil {
			return nil, usageError{err}
		}
		return v.Import(text, file, name)
	})
	cmd.Flags().StringVar(&release, "release", "", "`release` whose defaults hold, as 2.6 (default the one that lbsim list describes)")
	return cmd
}
