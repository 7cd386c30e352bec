#!/bin/sh
# Makes sure that the Azure CLI and Microsoft's Python clients of this Debian are here, for the tests that tell their stories.
set -eu
[ -x /usr/bin/az ] && exit 0
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends azure-cli python3-websocket >/dev/null
echo "azure-cli installed"
