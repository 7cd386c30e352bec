#!/usr/bin/env bash
# Makes sure that Podman's Docker-compatible socket answers, for the tests that run on both engines. For Debian as root,
# without systemd; what the machine's own Podman is told in its files is left alone.
set -euo pipefail
SOCK=${PODMAN_SOCK:-/run/podman/podman.sock} CONF=/run/aci-lifecycle-podman
if ! command -v podman >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends podman catatonit netavark aardvark-dns >/dev/null
fi
# The hardware address of a bridge of Podman's changes with each container that comes or goes. Those on it are told, or what they send to
# this machine gets lost until they notice.
echo 1 >/proc/sys/net/ipv4/conf/default/arp_notify || echo "Requests of containers on Podman may hang here." >&2
up() { curl -sf --max-time 2 --unix-socket "$SOCK" http://localhost/_ping >/dev/null 2>&1; }
if up; then echo "podman already running"; exit 0; fi
mkdir -p "$CONF" "$(dirname "$SOCK")"
# Without netavark groups would not find each other by name. The limits are for machines that may not raise them.
cat >"$CONF/containers.conf" <<'CONF'
[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
[network]
network_backend = "netavark"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
CONF
# The registry of the tests speaks plain HTTP, which Docker allows on a loopback address and Podman does not.
printf '[[registry]]\nlocation = "127.0.0.1:25055"\ninsecure = true\n' >"$CONF/registries.conf"
# Its monitor leaves a file where it was started, when a container ran out of memory.
cd "$CONF"
CONTAINERS_CONF=$CONF/containers.conf CONTAINERS_REGISTRIES_CONF=$CONF/registries.conf setsid nohup podman system service --time=0 "unix://$SOCK" >>/var/log/podman.log 2>&1 </dev/null &
for _ in $(seq 100); do
  if up; then echo "podman ready"; exit 0; fi
  sleep 0.1
done
tail -20 /var/log/podman.log >&2; exit 1
