package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"lbsim/scenarios/convert"
	"lbsim/scenarios/convert/nginxconf"
)

func (c *cli) importNginxCommand() *cobra.Command {
	include := false
	cmd := c.importBalancerCommand(&cobra.Command{
		Use:   "nginx FILE",
		Short: "make a scenario of nginx.conf",
		Long: `Import nginx reads the configuration of nginx and writes a scenario with its
services: each upstream that requests or connections are passed to, with its
method, servers and checks. Clients, traffic and the servers' processors, which
a configuration does not say, are assumed.

What the scenario does not say, or not as exactly, is told with its line, and
stands at the top of the scenario. What nginx would refuse is an error. Files
that others include are read with --include.`,
		Example: `  lbsim import nginx nginx.conf
  lbsim import nginx /etc/nginx/nginx.conf --include -o mine/web.yaml`,
	}, func(text []byte, file, name string) (*convert.Balancer, error) {
		if !include {
			return nginxconf.Import(text, file, name)
		}
		return nginxconf.ImportWith(includedBy(file), text, file, name)
	})
	cmd.Flags().BoolVar(&include, "include", false, "read the files that the configuration includes")
	return cmd
}

// mostIncluded is how many files one pattern may stand for.
const mostIncluded = 1000

// includedBy reads what a configuration includes: names are relative to its own
// folder, and a pattern may stand for no file.
func includedBy(file string) nginxconf.Include {
	return func(pattern string) (list []nginxconf.IncludedFile, err error) {
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(filepath.Dir(file), pattern)
		}
		names := []string{pattern}
		if strings.ContainsAny(pattern, "*?[") {
			if names, err = filepath.Glob(pattern); err != nil {
				return nil, fmt.Errorf("the pattern of files is not right")
			}
		}
		if len(names) > mostIncluded {
			return nil, fmt.Errorf("it stands for more than %d files", mostIncluded)
		}
		for _, name := range names {
			if info, err := os.Stat(name); err == nil && info.IsDir() {
				return nil, fmt.Errorf("%q is a folder", name)
			}
			text, err := readBalancerText(name)
			if err != nil {
				return nil, err
			}
			list = append(list, nginxconf.IncludedFile{Name: name, Text: text})
		}
		return list, nil
	}
}
