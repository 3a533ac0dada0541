package nginxconf

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"

	"lbsim/models"
	"lbsim/models/lb"
	"lbsim/scenarios/convert"
)

// Export writes the configuration that a scenario's balancer means, and what of it
// nginx cannot be told. The error is that there is nothing to write.
func Export(c *models.Config, o Options) (text []byte, remarks []convert.Remark, err error) {
	if c.NLB != nil {
		return nil, nil, fmt.Errorf("the scenario has no balancer: the servers share an address (network load balancing)")
	}
	if len(c.Balancer.Services) == 0 {
		return nil, nil, fmt.Errorf("the scenario's balancer has no services")
	}
	whole := *c
	whole.Complete()
	x := exporter{options: o, config: &whole, upstreams: taken{}, ports: taken{}, numbers: map[string]int{}, begins: map[string]string{}, joins: models.Joining(c.Timeline)}
	for i, s := range c.Servers {
		x.numbers[s.Name] = i
	}
	for i := range c.Timeline {
		if a := &c.Timeline[i]; a.At == 0 && (a.Disable != "" || a.Drain != "") {
			for _, name := range a.Targets() {
				x.begins[name] = map[bool]string{true: "down", false: "drain"}[a.Disable != ""]
			}
		}
	}
	return x.export(), x.remarks, nil
}

// exporter is a configuration that is being written.
type exporter struct {
	options   Options
	config    *models.Config
	upstreams taken
	ports     taken
	numbers   map[string]int    // of the servers
	joins     map[string]bool   // servers that the timeline adds
	begins    map[string]string // what servers begin as: down or drain
	workers   int               // processes; 0: one for each core
	remarks   []convert.Remark
}

// remark says what becomes of a path of the scenario.
func (x *exporter) remark(path, why string, args ...any) {
	x.remarks = append(x.remarks, convert.Remark{Text: path, Why: fmt.Sprintf(why, args...)})
}

func (x *exporter) export() []byte {
	services := x.config.Balancer.Services
	x.countWorkers(services)
	x.remarkBalancer(&x.config.Balancer)
	stream, http := words("stream"), words("http")
	if x.options.Lab != nil {
		http.add(x.labHTTP()...)
	}
	for i := range services {
		s := &services[i]
		into := stream
		if s.Mode == lb.HTTP {
			into = http
		}
		into.add(x.service(s)...)
	}
	var file []*directive
	if len(stream.block) > 0 {
		file = append(file, x.loadStream()...)
	}
	file = append(file, x.processes()...)
	for _, context := range []*directive{http, stream} {
		if slices.ContainsFunc(context.block, func(d *directive) bool { return d.name == "upstream" }) {
			file = append(file, block(context, context.block...))
		}
	}
	var out bytes.Buffer
	out.WriteString("# Written by `lbsim export nginx`.\n")
	for _, d := range file {
		d.write(&out, 0)
	}
	return out.Bytes()
}

// streamModule is where Debian's package libnginx-mod-stream puts the module.
const streamModule = "/usr/lib/nginx/modules/ngx_stream_module.so"

// loadStream makes stream { } known. Where nginx is built with it, or in a Debian
// without the module, the pattern matches no file, which is no error.
func (x *exporter) loadStream() []*directive {
	if x.options.Lab == nil {
		return []*directive{words("include", modulesEnabled)}
	}
	if _, err := os.Stat(streamModule); err == nil {
		return []*directive{words("load_module", streamModule)}
	}
	return nil
}

// modulesEnabled are the files by which Debian loads modules.
const modulesEnabled = "/etc/nginx/modules-enabled/*.conf"

// countWorkers decides how many processes there are: as many as the scenario has
// balancers that know nothing of each other. A single one is what processes are
// that share their counts in a zone.
func (x *exporter) countWorkers(services []lb.Service) {
	for _, s := range services {
		if s.Instances > 1 {
			x.workers = max(x.workers, s.Instances)
		}
	}
	for i := range services {
		if n := services[i].Instances; n > 1 && n != x.workers {
			x.remark(servicePath(&services[i])+".instances", "all services have the same processes: %d", x.workers)
		}
		if n := services[i].Instances; n > 1 && services[i].Spread != lb.SpreadConnections && services[i].Spread != "" {
			x.remark(servicePath(&services[i])+".spread", "the kernel gives each connection to any of the processes")
		}
	}
	if x.workers == 0 && x.options.Lab != nil {
		x.workers = 1
	}
}

// processes are the directives outside of http and stream.
func (x *exporter) processes() []*directive {
	workers, connections := "auto", "16384"
	if x.workers > 0 {
		workers = strconv.Itoa(x.workers)
	}
	var list []*directive
	if lab := x.options.Lab; lab != nil {
		connections = "65536"
		list = append(list, words("daemon", "off"), words("master_process", "on"), words("pid", lab.Folder+"/nginx.pid"),
			words("lock_file", lab.Folder+"/nginx.lock"), words("error_log", lab.ErrorLog, "notice"))
	}
	return append(list, words("worker_processes", workers), block(words("events"), words("worker_connections", connections)))
}

// labHTTP keeps everything below the lab's folder.
func (x *exporter) labHTTP() []*directive {
	list := []*directive{words("access_log", "off")}
	for _, of := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		list = append(list, words(of+"_temp_path", x.options.Lab.Folder+"/"+of))
	}
	return append(list, words("proxy_max_temp_file_size", "0"))
}

// remarkBalancer says what the balancer as a whole has that nginx has not.
func (x *exporter) remarkBalancer(b *lb.Config) {
	if b.Pair != nil {
		x.remark("balancer.pair", "a second machine that takes over is for keepalived or the like")
	}
	if b.TLS != nil {
		x.remark("balancer.tls", "listen ... ssl and the certificates are left to you")
	}
	if b.Source.Kind == lb.SNAT && b.Source.Addresses > 1 {
		x.remark("balancer.source.addresses", "nginx connects from one address, unless proxy_bind has several by split_clients")
	}
	if b.Source.Kind == lb.Transparent && x.options.Lab != nil {
		x.remark("balancer.source", "servers see one address: to keep the clients' takes the routes of a gateway")
	}
}

// servicePath is the path of a service in the scenario.
func servicePath(s *lb.Service) string { return "balancer.services." + s.Name }
