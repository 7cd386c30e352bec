#!/usr/bin/env bash
# Makes the local image aci-lifecycle-example/ffmpeg:1 from Debian's ffmpeg: the programs and the libraries they load,
# nothing else. Needs root, apt and a Docker engine. Does nothing if the image is there.
set -euo pipefail
image=aci-lifecycle-example/ffmpeg:1
docker image inspect "$image" >/dev/null 2>&1 && exit 0
if ! command -v ffmpeg >/dev/null; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends ffmpeg >/dev/null
fi
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
mkdir -p "$root/tmp" && chmod 1777 "$root/tmp"
cp --parents -L /usr/bin/ffmpeg /usr/bin/ffprobe "$root/"
for program in /usr/bin/ffmpeg /usr/bin/ffprobe; do ldd "$program" | grep -o '/[^ ]*'; done | sort -u | xargs -I{} cp --parents -L {} "$root/"
# The folders beside the usual ones, because there is no cache of the loader in the image.
libraries=/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu:/usr/lib/x86_64-linux-gnu/pulseaudio:/usr/lib/x86_64-linux-gnu/blas:/usr/lib/x86_64-linux-gnu/lapack
libraries=${libraries//x86_64-linux-gnu/$(uname -m)-linux-gnu}
tar -C "$root" -c . | docker import -c 'ENTRYPOINT ["/usr/bin/ffmpeg"]' -c "ENV PATH=/usr/bin:/bin LD_LIBRARY_PATH=$libraries" - "$image" >/dev/null
echo "made $image"
