package nginxconf

import "testing"

const scenario = `
name: all
duration: 1m
sites: [{name: clients, clients: 10}]
traffic: [{name: t, from: [clients], to: rpc, arrivals: {kind: poisson, rate: 10/s}, demand: 20ms}]
balancer:
  product: nginx
  services:
    - {name: rpc, port: 59531, scheduler: least-connections, servers: [{name: ex1, weight: 2, max_connections: 5000}, {name: ex2, weight: 0}, {name: ex3, backup: true}], health: {kind: passive, max_fails: 3, fail_timeout: 30s}, redispatch: 1, connect_timeout: 1500ms}
    - {name: web, port: 443, mode: http, scheduler: {kind: source-hash, table: ring}, servers: ["ex[1-3]"]}
servers: [{names: "ex[1-3]", cores: 4}]
`

func TestExport(t *testing.T) {
	c := config(t, "all.yaml", scenario)
	for _, o := range []Options{{}, {Lab: &LabOptions{ErrorLog: "syslog:server=127.0.0.1:5140", Folder: t.TempDir()}, Binds: map[string]string{"rpc": "127.0.0.1:59531", "web": "127.0.0.1:59443"}}} {
		text, remarks, err := Export(c, o)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s%+v", text, remarks)
		if said := judged(t, text); said != "" {
			t.Errorf("%s", said)
		}
	}
}
