// Package nginxconf writes the configuration of nginx that a scenario means, and
// reads configurations into scenarios.
//
// A service of mode tcp is an upstream and a server in stream { }, one of mode http
// in http { }. What the two do not have in common is a remark, never left out in
// silence: nginx has no table of source addresses, for instance, and a scenario says
// nothing of certificates. Directives of the commercial edition, and of versions
// after Debian's 1.22.1, are left out of what is written unless they are asked for.
//
// An upstream's servers have addresses and no names. Behind a server that is written
// stands its name in the scenario, as in
//
//	server 192.0.2.1:443 max_conns=5000;  # name: ex1
//
// and where such a comment stands, reading takes the name from it. Without one a
// server is called as its host, or by host and port where the port tells servers
// apart or the name decides: hash with consistent hashes the name that the
// configuration has.
//
// Sources are nginx.org (ngx_http_upstream_module, ngx_stream_upstream_module,
// ngx_http_proxy_module, ngx_stream_proxy_module, ngx_http_upstream_hc_module) and
// nginx 1.22.1 itself, whose tables of directives directives.txt lists.
package nginxconf
