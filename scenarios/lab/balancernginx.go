package lab

import (
	"context"
	"os"

	"lbsim/scenarios/convert/nginxconf"
)

// startNginx starts nginx.
func (r *rig) startNginx(ctx context.Context, program string, addresses, binds map[string]string) error {
	text, remarks, err := nginxconf.Export(&r.plan.Config, nginxconf.Options{Addresses: addresses, Binds: binds,
		Lab: &nginxconf.LabOptions{ErrorLog: "syslog:server=" + r.syslog.address(), Folder: r.folder}})
	if err != nil {
		return err
	}
	r.remarks = remarks
	file := r.path("nginx.conf")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	if r.process, err = start(program, "-p", r.folder, "-c", file, "-e", "stderr"); err != nil {
		return err
	}
	// It is the last file that it writes before it begins.
	return r.process.await(ctx, "begin", startupPatience, func() bool {
		number, err := os.ReadFile(r.path("nginx.pid"))
		return err == nil && len(number) > 0
	})
}
