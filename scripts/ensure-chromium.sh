#!/bin/sh
# Makes sure that Debian's Chromium is here, for the test that looks at the emulator's page. For Debian as root.
set -eu
[ -x /usr/bin/chromium ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core >/dev/null
echo "chromium installed"
