#!/bin/sh
# Installs the Debian packages that some tests need. Where that is not allowed,
# those tests are skipped and say so; with CI=true they fail instead.
missing=""
need() { command -v "$1" >/dev/null 2>&1 || missing="$missing $2"; }
need qemu-aarch64 qemu-user
need chromium chromium
need tshark tshark
need slurmctld slurm-wlm
need munged munge
need haproxy haproxy
need nginx nginx-light
[ -e /usr/lib/nginx/modules/ngx_stream_module.so ] || missing="$missing libnginx-mod-stream"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
	echo "not installed:$missing; the tests that need them are skipped"
	exit 0
fi
echo "installing$missing"
export DEBIAN_FRONTEND=noninteractive
# What is installed is not to be started: servers of tests are on loopback only.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap 'rm -f $policy' EXIT
	printf '#!/bin/sh\nexit 101\n' > $policy && chmod +x $policy
fi
{ apt-get update -q && apt-get install -y -q --no-install-recommends $missing; } >/dev/null 2>&1 ||
	echo "could not install$missing; the tests that need them are skipped"
exit 0
