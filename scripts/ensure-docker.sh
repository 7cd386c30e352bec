#!/usr/bin/env bash
# Leaves a running engine alone, otherwise installs and starts one; with the busybox that the image of the tests is made
# from, a registry, and the programs that the wrapper of webhook() sends with. For Debian as root, without systemd.
set -euo pipefail
SOCK=${DOCKER_SOCK:-/var/run/docker.sock} PIDFILE=${PIDFILE:-/var/run/docker.pid} EXEC=${EXEC_ROOT:-/var/run/docker} LOG=${DOCKERD_LOG:-/var/log/dockerd.log}
up() { curl -sf --max-time 2 --unix-socket "$SOCK" http://localhost/_ping >/dev/null 2>&1; }
live() { case "$(ps -o stat= -p "$1" 2>/dev/null)" in ''|Z*) return 1;; esac; }   # kill -0 also says yes to a zombie
if ! command -v dockerd >/dev/null || ! command -v busybox >/dev/null || ! command -v docker-registry >/dev/null || ! command -v wget >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends docker.io docker-registry busybox-static iptables ca-certificates curl wget procps >/dev/null
fi
if up; then echo "engine already running"; exit 0; fi
for f in "$PIDFILE" "$EXEC/containerd/containerd.pid"; do [ -s "$f" ] && ! live "$(cat "$f")" && rm -f "$f"; done || true
setsid nohup dockerd -H "unix://$SOCK" --pidfile "$PIDFILE" ${DOCKERD_ARGS:-} >>"$LOG" 2>&1 </dev/null &
pid=$!
for _ in $(seq 300); do
  if up; then echo "engine ready"; exit 0; fi
  live "$pid" || { sleep 0.3; up && exit 0; break; }
  sleep 0.1
done
tail -20 "$LOG" >&2; exit 1
